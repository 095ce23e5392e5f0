"""The whole path of a batch: event → checks → judge fan-out → verdicts → aggregate → results."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reward_fn.deadline import Deadline
from reward_fn.event.material import find_material
from reward_fn.event.parse import parse_rows
from reward_fn.event.request import read_request
from reward_fn.judge.ask.modes import inquiries
from reward_fn.judge.base import Judge
from reward_fn.judge.cache.base import VerdictStore
from reward_fn.judge.call.fanout import FanOut
from reward_fn.judge.limit.gates import Gates
from reward_fn.report.signals import text_signs
from reward_fn.score.aggregate import aggregate
from reward_fn.settings import Settings
from reward_fn.text import batch_time
from reward_fn.types.batch import UNKNOWN, Examined, Scored, TextSigns
from reward_fn.types.check import CheckResult, CheckSpec
from reward_fn.types.definition import Definition
from reward_fn.types.material import Material
from reward_fn.types.rollout import Rejected, Rollout
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.usage import Usage

ANSWER_S = 0.0003
"""Seconds a row that are kept for the work after the judge: its result, log line and metrics. They take
0.12 ms of a whole processor, 0.2 ms of the share that Lambda gives a function of 1,024 MB."""
CHECKS_SHARE = 0.5
"""The share of the time left that the checks of a batch may take; a rollout whose turn comes later is
unscored. A check of a rollout takes about 0.1 ms; hostile texts and schemas cost more, up to a bound."""
SIGNS_SHARE = 0.1
"""The share of the time left that the signs of a batch may take. 4,000 responses of 4 kB need 0.4 s."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """Everything that a batch is scored with, the same from one batch to the next.

    ``judge`` may be None only if the definition has no rubric. ``cache`` keeps verdicts; None keeps none.
    ``gates`` remember, from batch to batch, how fast each model may be called and whether it is up.
    ``text_signs`` says whether the batch's texts are examined for its metrics; results don't depend on it.
    """

    definition: Definition
    judge: Judge | None = None
    settings: Settings = field(default_factory=Settings)
    cache: VerdictStore | None = None
    gates: Gates = field(default_factory=Gates)
    text_signs: bool = True

    def __post_init__(self) -> None:
        """Raises ValueError if the definition has a rubric and there is no judge."""
        if self.definition.judge is not None and self.judge is None:
            raise ValueError(f"the definition {self.definition.name!r} has a rubric, so it needs a judge")


def score_batch(event: Any, scorer: Scorer, deadline: Deadline) -> Scored:
    """Score every row of ``event`` before ``deadline``.

    Raises EventError if the event holds no batch. Nothing else that a row, a response or a judge does raises.
    """
    request = read_request(event)
    entries = tuple(parse_rows(request.rows))
    deadline = deadline.earlier(len(entries) * ANSWER_S)
    for_checks = deadline.share(CHECKS_SHARE)
    with batch_time.of_batch(for_checks.remaining_s):
        examined = tuple(_examine_all(entries, scorer.definition, for_checks))
    with _judging(examined, scorer, deadline) as fan_out:
        # While the judge works.
        texts = _text_signs(entries, scorer.definition, deadline) if scorer.text_signs else UNKNOWN
        outcomes = fan_out.collect() if fan_out else {}
        usage = fan_out.usage() if fan_out else Usage()
    results = tuple(aggregate(examined, outcomes, scorer.definition))
    return Scored(results, usage, entries, examined, outcomes, texts, request.answer)


@contextmanager
def _judging(
    examined: Sequence[Examined | Rejected], scorer: Scorer, deadline: Deadline
) -> Iterator[FanOut | None]:
    """Start all judge calls of the batch at once; None if there is nothing to judge."""
    spec, settings = scorer.definition.judge, scorer.settings
    materials = list(_materials(examined))
    if spec is None or scorer.judge is None or not materials:
        yield None
        return
    with FanOut(
        scorer.judge,
        spec,
        max_workers=settings.judge_max_workers,
        max_attempts=settings.judge_max_attempts,
        deadline=deadline,
        cache=scorer.cache.of_batch() if scorer.cache else None,
        prefix_leaders=settings.prompt_cache == "lead",
        attempt_s=settings.judge_timeout_s,
        gates=scorer.gates,
        max_cost_usd=settings.max_cost_usd,
    ) as fan_out:
        all_inquiries = list(inquiries(materials, spec))
        fan_out.look_up(all_inquiries)
        for inquiry in all_inquiries:
            fan_out.submit(inquiry)
        yield fan_out


def _materials(examined: Sequence[Examined | Rejected]) -> Iterator[Material]:
    for entry in examined:
        if isinstance(entry, Examined) and entry.material is not None:
            yield entry.material


def _text_signs(
    entries: Sequence[Rollout | Rejected], definition: Definition, deadline: Deadline
) -> TextSigns:
    try:
        return text_signs(entries, definition, deadline.share(SIGNS_SHARE))
    except Exception:  # noqa: BLE001 - signs are only reported and must never lose a batch
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
    """Run the checks of one rollout and, if the judge is to be asked, look up its material.

    No check runs after a failed gate. A rejected row is returned unchanged.
    """
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
    if blocked is not None or definition.judge is None:
        return Examined(entry, results, blocked=blocked)
    material = find_material(entry, definition.judge)
    if isinstance(material, Unscored):
        return Examined(entry, results, blocked=material)
    if (reward := _settled_by_items(material, definition.low)) is not None:
        return Examined(entry, results, settled=reward, settled_by=definition.judge.items)
    return Examined(entry, results, material=material)


def _settled_by_items(material: Material, floor: float) -> float | None:
    """The reward of a list that is missing or has an impossible length; None if the items can be judged."""
    spec, items = material.spec, material.items
    if not spec.items or (items and spec.min_items <= len(items) <= spec.max_items):
        return None
    return spec.empty if items == [] else floor


def _run(spec: CheckSpec, rollout: Rollout) -> CheckResult | Unscored:
    try:
        return spec.check(rollout)
    except Exception as error:  # noqa: BLE001 - one rollout must never cost its neighbours; counted by type
        return Unscored(Reason.INTERNAL_ERROR, f"check {spec.name}: {type(error).__name__}")
