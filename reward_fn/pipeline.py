"""The whole path of a batch: event → gates → judge fan-out → verdicts → aggregate → results."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reward_fn.checks.own import guard
from reward_fn.deadline import Deadline
from reward_fn.definition.rollout_rubric import with_own_rubric
from reward_fn.event.parse import parse_rows
from reward_fn.event.request import Answer, read_request
from reward_fn.judge.ask.modes import Judgeable, inquiries
from reward_fn.judge.ask.prompt import judged_items
from reward_fn.judge.base import Judge
from reward_fn.judge.cache.verdicts import VerdictCache
from reward_fn.judge.call.fanout import FanOut
from reward_fn.judge.limit.gates import Gates
from reward_fn.paths import find_text
from reward_fn.report.signals import text_signs
from reward_fn.score.aggregate import aggregate
from reward_fn.settings import Settings
from reward_fn.text.batch_time import new_batch
from reward_fn.types.batch import UNKNOWN, Examined, TextSigns
from reward_fn.types.check import CheckResult, CheckSpec
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.rollout import Rejected, Rollout
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.usage import Usage
from reward_fn.types.verdict import Outcome

ANSWER_S = 0.0003
"""Seconds a row for what follows the judge: its result, log line and metrics. They take 0.12 ms of a whole
processor, 0.2 ms of what Lambda gives 1,024 MB."""
CHECKS_SHARE = 0.5
"""Share of the time left that the checks of a batch may take; a rollout whose turn comes later is unscored. A
check takes about 0.1 ms for a rollout; hostile texts and schemas cost more, each up to a bound of its own."""
SIGNS_SHARE = 0.1
"""Share of the time left that the signs of a batch may take. 4,000 responses of 4 kB need 0.4 s."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The answered batch: one result for each row, in order, what the judge was asked, and the rollouts.

    ``examined`` (in order) and ``outcomes`` (by index in the batch) are what the results were made of,
    ``texts`` what the responses tell side by side. ``answer`` puts the results into the form that the caller
    reads, None for the envelope that is set.
    """

    results: tuple[Result, ...]
    usage: Usage
    entries: tuple[Rollout | Rejected, ...]
    examined: tuple[Examined | Rejected, ...] = ()
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)
    texts: TextSigns = UNKNOWN
    answer: Answer | None = None


def score_batch(
    event: Any,
    *,
    definition: Definition,
    judge: Judge | None,
    settings: Settings,
    deadline: Deadline,
    cache: VerdictCache | None = None,
    gates: Gates | None = None,
) -> Scored:
    """Score every row of ``event`` before ``deadline``.

    Raises EventError where the event holds no batch; nothing else that a row, a response or a judge can do
    raises. ``judge`` may be None where the definition has no rubric, ``cache`` where no verdicts are kept.
    ``gates`` keep what is known about the models for the next batch.
    """
    request = read_request(event)
    entries = parse_rows(request.rows)
    deadline = deadline.earlier(len(entries) * ANSWER_S)
    for_checks = deadline.share(CHECKS_SHARE)
    new_batch()
    with guard.batch(for_checks):
        examined = list(_examine_all(entries, definition, for_checks))
    if definition.judge is not None and judge is None:
        raise ValueError(f"the definition {definition.name!r} has a rubric, so score_batch needs a judge")
    with _calls(examined, definition.judge, judge, settings, deadline, cache, gates) as fan_out:
        texts = _read(entries, definition, deadline)  # while the judge works
        outcomes = fan_out.collect() if fan_out else {}
        usage = fan_out.usage() if fan_out else Usage()
    results = tuple(aggregate(examined, outcomes, definition))
    return Scored(results, usage, tuple(entries), tuple(examined), outcomes, texts, request.answer)


@contextmanager
def _calls(
    examined: Sequence[Examined | Rejected],
    spec: JudgeSpec | None,
    judge: Judge | None,
    settings: Settings,
    deadline: Deadline,
    cache: VerdictCache | None,
    gates: Gates | None,
) -> Iterator[FanOut | None]:
    """Asks the judge about every rollout that its checks left open, all at once; None where there is none."""
    judgeable = [
        Judgeable(entry.rollout, entry.judge)
        for entry in examined
        if isinstance(entry, Examined) and entry.judge
    ]
    if spec is None or judge is None or not judgeable:
        yield None
        return
    with FanOut(
        judge,
        spec,
        max_workers=settings.judge_max_workers,
        max_attempts=settings.judge_max_attempts,
        deadline=deadline,
        cache=cache.of_batch() if cache else None,
        prefix_leaders=settings.prompt_cache == "lead",
        attempt_s=settings.judge_timeout_s,
        gates=gates,
        max_cost_usd=settings.max_cost_usd,
    ) as fan_out:
        asked = list(inquiries(judgeable, spec))
        fan_out.look_up(asked)
        for inquiry in asked:
            fan_out.submit(inquiry)
        yield fan_out


def _read(entries: Sequence[Rollout | Rejected], definition: Definition, deadline: Deadline) -> TextSigns:
    try:
        return text_signs(entries, definition, deadline.share(SIGNS_SHARE))
    except Exception:  # noqa: BLE001 - a sign is only reported and must never lose a batch
        return UNKNOWN


def _examine_all(
    entries: Sequence[Rollout | Rejected], definition: Definition, deadline: Deadline
) -> Iterator[Examined | Rejected]:
    late = Unscored(Reason.DEADLINE, "no time left for its checks")
    for entry in entries:
        if isinstance(entry, Rollout) and deadline.is_over():
            yield Examined(entry, {}, blocked=late)
        else:
            yield examine(entry, definition)


def examine(entry: Rollout | Rejected, definition: Definition) -> Examined | Rejected:
    """Run the checks that are worth running: none after a failed gate, none that costs a judge call."""
    if isinstance(entry, Rejected):
        return entry
    results: dict[str, CheckResult | Unscored] = {}
    for spec in definition.gates:
        result = results[spec.name] = _run(spec, entry)
        if isinstance(result, Unscored):
            return Examined(entry, results, blocked=result)
        if result.score < spec.min_score:
            return Examined(entry, results, settled=spec.reward, settled_by=spec.name)
    for spec in (*definition.scores, *definition.penalties, *definition.metrics):
        results[spec.name] = _run(spec, entry)
    blocked = next((r for s in definition.scores if isinstance(r := results[s.name], Unscored)), None)
    if blocked is None and definition.judge is not None:
        return _judgeable(entry, results, definition.judge, definition.low)
    return Examined(entry, results, blocked=blocked)


def _judgeable(
    rollout: Rollout, results: Mapping[str, CheckResult | Unscored], spec: JudgeSpec, floor: float
) -> Examined:
    """Settled without a call where the list has a wrong length, blocked where the data lack something."""
    for document in spec.documents:
        if not document.optional and find_text(rollout, document.sources) is None:
            missing = f"no text under {' or '.join(document.sources)} for the document {document.name!r}"
            return Examined(rollout, results, blocked=Unscored(Reason.NO_SOURCE, missing))
    if spec.against and find_text(rollout, spec.against) is None:
        missing = f"no text under {' or '.join(spec.against)} to compare with"
        return Examined(rollout, results, blocked=Unscored(Reason.NO_SOURCE, missing))
    rubric = with_own_rubric(rollout, spec) if spec.own_rubric else spec
    if isinstance(rubric, Unscored):
        return Examined(rollout, results, blocked=rubric)
    if spec.items:
        items = judged_items(rollout, spec)
        if not items or not spec.min_items <= len(items) <= spec.max_items:
            reward = spec.empty if items == [] else floor
            return Examined(rollout, results, settled=reward, settled_by=spec.items)
    return Examined(rollout, results, judge=rubric)


def _run(spec: CheckSpec, rollout: Rollout) -> CheckResult | Unscored:
    try:
        return spec.check(rollout)
    except Exception as error:  # noqa: BLE001 - one rollout must never cost its neighbours; counted by type
        return Unscored(Reason.INTERNAL_ERROR, f"check {spec.name}: {type(error).__name__}")
