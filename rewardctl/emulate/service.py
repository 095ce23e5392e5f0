"""What becomes of a call: limits first, then the fault in store for it, else the judge. No HTTP here."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from rewardctl.emulate import wire
from rewardctl.emulate.broken import broken_reply, truncated
from rewardctl.emulate.cache import BoundedCache
from rewardctl.emulate.faults import Attempts, Draw, content_key, draw
from rewardctl.emulate.judge.fill import fill, schema_of
from rewardctl.emulate.judge.material import read_material
from rewardctl.emulate.messages import service_error, too_long
from rewardctl.emulate.prefixes import Prefixes, PrefixKey, key_of
from rewardctl.emulate.quota import Quota, burndown
from rewardctl.emulate.request import CHARS_PER_TOKEN, Asked, InvalidRequestError, read_request
from rewardctl.emulate.settings import EmulatorSettings, Fault
from rewardctl.emulate.wire import Reply, ServiceError

NOTHING_ASKED = "This stand-in only gives verdicts: ask with fenced sections, a tool or a JSON Schema."

MAX_REMEMBERED_CHARS = 32_000_000
"""So much of judged contents is remembered: a retry, or another pass of a benchmark, costs no judging."""

_AT_THE_DOOR = {
    Fault.THROTTLE: "throttled_requests",
    Fault.NOT_READY: "model_not_ready",
    Fault.UNAVAILABLE: "unavailable",
    Fault.DENIED: "model_access_not_granted",
}
_AFTER_WORK = {
    Fault.SERVER_ERROR: "internal_error",
    Fault.MODEL_TIMEOUT: "model_timeout",
    Fault.MODEL_ERROR: "model_error",
}
"""The faults that end in an error, by its name in ``messages.toml``."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ends: HTTP status and body after ``delay_s`` from its arrival, unless ``silence`` is kept.

    ``outcome`` is its name in the stats; ``silence`` is Fault.HANG or Fault.RESET. The body takes ``drip_s``
    from its first byte to its last. ``wrote`` is the prompt prefix that can be read once the call has ended.
    """

    outcome: str
    status: int = 200
    body: bytes = b""
    error_code: str = ""
    delay_s: float = 0.0
    silence: Fault | None = None
    wrote: PrefixKey | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    drip_s: float = 0.0


def error_answer(outcome: str, error: ServiceError, delay_s: float = 0.0) -> Answer:
    """The answer that an error makes."""
    return Answer(outcome, error.status, error.body(), error.code, delay_s)


class Service:
    """The stand-in's behaviour. Not for several threads: the server's loop alone calls it."""

    def __init__(self, settings: EmulatorSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._poison = json.dumps(settings.poison)[1:-1].encode()  # as it stands in a request's JSON
        self._judged = BoundedCache[bytes, _Judged](
            max_cost=MAX_REMEMBERED_CHARS, cost=lambda _, judged: len(judged.payload) + 500
        )
        self.reset()

    def reset(self) -> None:
        """Forget all earlier calls: contents begin at attempt 1 again, quotas are full, and time begins with
        the next call."""
        self.attempts = Attempts()
        self._prefixes = Prefixes(self._clock)
        self._quota: Quota | None = None
        self._began_s = 0.0

    def answer(self, model_id: str, body: bytes) -> Answer:
        """Decide one call. A throttled call is no attempt, so time plays no part in faults."""
        if self._quota is None:
            self._quota, self._began_s = Quota(self._settings, self._clock), self._clock()
        if self._is_out():
            return error_answer("outage", wire.UNAVAILABLE)
        reserved = self._quota.admit(body)
        if reserved is None:
            return error_answer("rate_limited", wire.THROTTLED)
        answer = self._admitted(model_id, body)
        used = answer.input_tokens + answer.cache_write_tokens + burndown(model_id) * answer.output_tokens
        self._quota.settle(reserved, used, answer.delay_s)
        return answer

    def _admitted(self, model_id: str, body: bytes) -> Answer:
        """What becomes of a call within the quotas."""
        if self._poison and self._poison in body:
            return error_answer("poisoned", wire.INTERNAL, self._settings.latency_s)
        key = content_key(model_id, body)
        fate = draw(self._settings, key, self.attempts.next(key))
        if fate.fault is Fault.OVERFLOW:
            return error_answer(fate.fault, too_long(model_id))
        if fate.fault in _AT_THE_DOOR:
            return error_answer(fate.fault, service_error(_AT_THE_DOOR[fate.fault], model_id))
        if fate.fault is Fault.HANG or fate.fault is Fault.RESET:
            delay_s = fate.latency_s if fate.fault is Fault.RESET else 0.0
            return Answer(fate.fault, delay_s=delay_s, silence=fate.fault)
        if fate.fault in _AFTER_WORK:
            return error_answer(fate.fault, service_error(_AFTER_WORK[fate.fault], model_id), fate.latency_s)
        try:
            return self._work(key, model_id, body, fate)
        except InvalidRequestError as error:
            return error_answer("invalid", error.refusal or wire.invalid(str(error)))

    def end(self, answer: Answer) -> None:
        """The call with this answer ends now: what it wrote into the prompt cache can be read."""
        if answer.wrote is not None:
            self._prefixes.end(answer.wrote)

    def _is_out(self) -> bool:
        """Whether the outage that is set is on; like a call beyond the rate limit, it is no attempt."""
        age_s = self._clock() - self._began_s - self._settings.outage_after_s
        return 0 <= age_s < self._settings.outage_s

    def _work(self, key: bytes, model_id: str, body: bytes, fate: Draw) -> Answer:
        if len(body) // CHARS_PER_TOKEN > self._settings.max_input_tokens:
            return error_answer(Fault.OVERFLOW, too_long(model_id))
        judged = self._judged.get(key, lambda: _judge(read_request(model_id, body)))
        asked = judged.asked
        outcome, reply = _reply(judged, fate, key.hex()[:22])
        if asked.reasoning or self._settings.reasoning:
            reply = wire.with_reasoning(reply)
        read, written = self._prefixes.use(asked)
        plain = max(1, asked.input_tokens - read - written)
        return Answer(
            outcome,
            body=reply.body(plain, fate.latency_s, read_tokens=read, write_tokens=written),
            delay_s=fate.latency_s,
            wrote=key_of(asked) if written else None,
            input_tokens=plain,
            output_tokens=reply.output_tokens,
            cache_read_tokens=read,
            cache_write_tokens=written,
            drip_s=self._settings.drip_s if fate.fault is Fault.DRIP else 0.0,
        )


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is remembered of a content: how it was asked, and the proper answer as JSON, "" for none."""

    asked: Asked
    payload: str


def _judge(asked: Asked) -> _Judged:
    material = read_material(asked.texts)
    value = fill(schema_of(material) if asked.schema is None else asked.schema, material)
    return _Judged(replace(asked, texts=(), schema=None), json.dumps(value) if value else "")


def _reply(judged: _Judged, fate: Draw, call_id: str) -> tuple[str, Reply]:
    """The outcome's name and the reply: proper, broken on purpose, or cut where the call allows no more."""
    asked, payload = judged.asked, judged.payload
    if fate.fault is not None and fate.fault is not Fault.DRIP:
        return fate.fault, broken_reply(fate.fault, asked, payload or "{}", fate.variant, call_id)
    served = fate.fault or "served"
    if not payload:
        return served, wire.text_reply(NOTHING_ASKED, "end_turn")
    reply = wire.structured_reply(asked, payload, call_id)
    if asked.max_tokens is not None and reply.output_tokens > asked.max_tokens:
        return "over_max_tokens", truncated(asked, payload, call_id, asked.max_tokens)
    return served, reply
