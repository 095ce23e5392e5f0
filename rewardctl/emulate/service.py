"""Decides each call: quotas first, then the fault drawn for it, otherwise the judge. No HTTP here."""

import json
from dataclasses import dataclass, replace

from reward_fn.deadline import Clock
from rewardctl.emulate import wire
from rewardctl.emulate.broken import broken_reply, truncated
from rewardctl.emulate.cache import BoundedCache
from rewardctl.emulate.faults import Attempts, Draw, content_key, draw
from rewardctl.emulate.judge.fill import fill, schema_of
from rewardctl.emulate.judge.material import read_material
from rewardctl.emulate.messages import service_error, too_long
from rewardctl.emulate.prefixes import Prefixes, PrefixKey, key_of
from rewardctl.emulate.quota import Quota, burndown
from rewardctl.emulate.request import CHARS_PER_TOKEN, ConverseRequest, InvalidRequestError, read_request
from rewardctl.emulate.settings import EmulatorSettings, Fault
from rewardctl.emulate.wire import Reply, ServiceError

NOTHING_ASKED = "This stand-in only gives verdicts: ask with fenced sections, a tool or a JSON Schema."

MAX_REMEMBERED_CHARS = 32_000_000
"""Size of the cache of answers: a retry, or another pass of a benchmark, is not judged again."""

_BEFORE_WORK = {
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
"""Faults that end in an error, at once or after the latency, each with its name in ``messages.toml``."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ends: with this HTTP status and body, ``delay_s`` after its arrival.

    ``outcome`` is the name in the stats. ``silence`` is Fault.HANG or Fault.RESET for a call without
    an answer. The body takes ``drip_s`` from its first byte to its last. ``wrote`` is the prompt prefix that
    other calls can read once this call has ended.
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
    """The answer for an error."""
    return Answer(outcome, error.status, error.body(), error.code, delay_s)


class Service:
    """The stand-in's behaviour. Not thread-safe: only the server's event loop calls it."""

    def __init__(self, settings: EmulatorSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._poison = json.dumps(settings.poison)[1:-1].encode()  # as JSON escapes it in a request
        self._judged = BoundedCache[bytes, _Judged](
            max_cost=MAX_REMEMBERED_CHARS, cost=lambda _, judged: len(judged.payload) + 500
        )
        self.reset()

    def reset(self) -> None:
        """Forget all earlier calls: attempts count from 1 again, quotas are full, and the time of outages and
        storms starts with the next call."""
        self.attempts = Attempts()
        self._prefixes = Prefixes(self._clock)
        self._quota: Quota | None = None
        self._began_s = 0.0

    def answer(self, model_id: str, body: bytes) -> Answer:
        """Decide one call. A throttled call does not count as an attempt, so faults do not depend on time."""
        if self._quota is None:
            self._quota, self._began_s = Quota(self._settings, self._clock), self._clock()
        if self._in_outage():
            return error_answer("outage", wire.UNAVAILABLE)
        reserved = self._quota.admit(body)
        if reserved is None:
            return error_answer("rate_limited", wire.THROTTLED)
        answer = self._admitted(model_id, body)
        used = answer.input_tokens + answer.cache_write_tokens + burndown(model_id) * answer.output_tokens
        self._quota.settle(reserved, used, answer.delay_s)
        return answer

    def _admitted(self, model_id: str, body: bytes) -> Answer:
        """Decide a call that is within the quotas."""
        if self._poison and self._poison in body:
            return error_answer("poisoned", wire.INTERNAL, self._settings.latency_s)
        key = content_key(model_id, body)
        drawn = draw(self._settings, key, self.attempts.next(key))
        if drawn.fault is Fault.OVERFLOW:
            return error_answer(drawn.fault, too_long(model_id))
        if drawn.fault in _BEFORE_WORK:
            return error_answer(drawn.fault, service_error(_BEFORE_WORK[drawn.fault], model_id))
        if drawn.fault is Fault.HANG or drawn.fault is Fault.RESET:
            delay_s = drawn.latency_s if drawn.fault is Fault.RESET else 0.0
            return Answer(drawn.fault, delay_s=delay_s, silence=drawn.fault)
        if drawn.fault in _AFTER_WORK:
            return error_answer(
                drawn.fault, service_error(_AFTER_WORK[drawn.fault], model_id), drawn.latency_s
            )
        try:
            return self._work(key, model_id, body, drawn)
        except InvalidRequestError as error:
            return error_answer("invalid", error.refusal or wire.invalid(str(error)))

    def end(self, answer: Answer) -> None:
        """Note that the call with this answer ends now: other calls can read the prefix that it wrote."""
        if answer.wrote is not None:
            self._prefixes.end(answer.wrote)

    def _in_outage(self) -> bool:
        """Whether the configured outage is on. Like a throttled call, its calls do not count as attempts."""
        age_s = self._clock() - self._began_s - self._settings.outage_after_s
        return 0 <= age_s < self._settings.outage_s

    def _work(self, key: bytes, model_id: str, body: bytes, drawn: Draw) -> Answer:
        if len(body) // CHARS_PER_TOKEN > self._settings.max_input_tokens:
            return error_answer(Fault.OVERFLOW, too_long(model_id))
        judged = self._judged.get(key, lambda: _judge(read_request(model_id, body)))
        request = judged.request
        outcome, reply = _reply(judged, drawn, key.hex()[:22])
        if request.reasoning or self._settings.reasoning:
            reply = wire.with_reasoning(reply)
        read, written = self._prefixes.use(request)
        plain = max(1, request.input_tokens - read - written)
        return Answer(
            outcome,
            body=reply.body(plain, drawn.latency_s, read_tokens=read, write_tokens=written),
            delay_s=drawn.latency_s,
            wrote=key_of(request) if written else None,
            input_tokens=plain,
            output_tokens=reply.output_tokens,
            cache_read_tokens=read,
            cache_write_tokens=written,
            drip_s=self._settings.drip_s if drawn.fault is Fault.DRIP else 0.0,
        )


@dataclass(frozen=True, slots=True)
class _Judged:
    """A cached answer: the request without its texts, and the correct answer as JSON, "" if there is none."""

    request: ConverseRequest
    payload: str


def _judge(request: ConverseRequest) -> _Judged:
    material = read_material(request.texts)
    value = fill(schema_of(material) if request.schema is None else request.schema, material)
    return _Judged(replace(request, texts=(), schema=None), json.dumps(value) if value else "")


def _reply(judged: _Judged, drawn: Draw, call_id: str) -> tuple[str, Reply]:
    """The outcome's name, and the reply: correct, broken by the fault, or cut at the call's max_tokens."""
    request, payload = judged.request, judged.payload
    if drawn.fault is not None and drawn.fault is not Fault.DRIP:
        return drawn.fault, broken_reply(drawn.fault, request, payload or "{}", drawn.variant, call_id)
    served = drawn.fault or "served"
    if not payload:
        return served, wire.text_reply(NOTHING_ASKED, "end_turn")
    reply = wire.structured_reply(request, payload, call_id)
    if request.max_tokens is not None and reply.output_tokens > request.max_tokens:
        return "over_max_tokens", truncated(request, payload, call_id, request.max_tokens)
    return served, reply
