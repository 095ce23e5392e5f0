"""The stand-in's prompt cache: prefixes live for a while and belong to one model, as on Bedrock."""

from collections import OrderedDict
from typing import NamedTuple

from reward_fn.deadline import Clock
from reward_fn.judge.models.catalogue import prompt_cache
from rewardctl.emulate.request import ConverseRequest

MAX_PREFIXES = 10_000


class PrefixKey(NamedTuple):
    """A prefix of one model, and how long it is kept after its last use, in seconds."""

    model_id: str
    prefix: bytes
    kept_s: float


class Prefixes:
    """A prefix can be read once a call that wrote it has ended (:meth:`end`), not while it is in flight.

    The end is an event, not a time computed in advance: a call after an answer always finds the prefix.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until_s: OrderedDict[PrefixKey, float] = OrderedDict()

    def use(self, request: ConverseRequest) -> tuple[int, int]:
        """(tokens read, tokens written) by a call that starts now."""
        cache, tokens = prompt_cache(request.model_id), request.prefix_tokens
        if cache is None or tokens < cache.min_tokens:
            return 0, 0
        key = key_of(request)
        if self._until_s.get(key, 0.0) <= self._clock():
            return 0, tokens
        self._keep(key)
        return tokens, 0

    def end(self, key: PrefixKey) -> None:
        """A call that wrote this prefix has ended."""
        self._keep(key)

    def _keep(self, key: PrefixKey) -> None:
        self._until_s[key] = self._clock() + key.kept_s
        self._until_s.move_to_end(key)
        if len(self._until_s) > MAX_PREFIXES:
            self._until_s.popitem(last=False)


def key_of(request: ConverseRequest) -> PrefixKey:
    """The key of a request's prefix."""
    return PrefixKey(request.model_id, request.prefix, request.kept_s)
