"""Which prompt prefixes the stand-in holds in its cache, for each model, as Bedrock does for five minutes."""

from collections import OrderedDict
from collections.abc import Callable

from reward_fn.judge.models import prompt_cache
from rewardctl.emulate.request import Asked

LIFETIME_S = 300.0
MAX_PREFIXES = 10_000


class Prefixes:
    """A prefix can be read once the call that wrote it has ended, not while that is under way."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._spans: OrderedDict[tuple[str, bytes], tuple[float, float]] = OrderedDict()

    def use(self, asked: Asked, takes_s: float) -> tuple[int, int]:
        """(tokens read, tokens written) by a call that begins now and takes so many seconds."""
        cache, tokens = prompt_cache(asked.model_id), asked.prefix_tokens
        if cache is None or tokens < cache.min_tokens:
            return 0, 0
        key = (asked.model_id, asked.prefix)
        now_s = self._clock()
        begins_s, ends_s = self._spans.get(key, (float("inf"), 0.0))
        hit = begins_s <= now_s < ends_s
        begins_s = begins_s if hit else min(now_s + takes_s, begins_s if now_s < ends_s else float("inf"))
        self._spans[key] = (begins_s, max(begins_s, now_s) + LIFETIME_S)
        self._spans.move_to_end(key)
        if len(self._spans) > MAX_PREFIXES:
            self._spans.popitem(last=False)
        return (tokens, 0) if hit else (0, tokens)
