"""A record's fields, put back into the types of ``reward_fn``, so that its scoring code can be called."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reward_fn.event.material import find_material
from reward_fn.event.parse import parse_rows
from reward_fn.judge.ask.modes.group import GROUP, standing_criterion
from reward_fn.judge.ask.modes.pairwise import PAIRWISE, comparisons
from reward_fn.reserved_names import FLAGS, RUBRIC
from reward_fn.types.check import CheckResult, CheckSpec
from reward_fn.types.definition import Definition
from reward_fn.types.material import Material
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import Criterion, JudgeSpec, VerdictClass
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.verdict import Leaf, Verdict

Record = Mapping[str, Any]
"""One record of a run or of a trace; ``docs/traces.md`` documents its fields."""


@dataclass(frozen=True)
class Recorded:
    """A record read beside its definition; ``definition`` is None if that is not at hand."""

    record: Record
    definition: Definition | None = None

    @property
    def reward(self) -> float:
        """The reward, as it was sent to the trainer."""
        return float(self.record["reward"])

    @cached_property
    def metrics(self) -> Mapping[str, float]:
        """The values of ``metrics_list`` by name, flags included."""
        entries = self.record.get("metrics") or ()
        return {str(entry["name"]): float(entry["value"]) for entry in entries if entry["value"] is not None}

    @property
    def components(self) -> Mapping[str, float]:
        """The metrics without flags: scores of checks and criteria, and deductions of penalties."""
        return {name: value for name, value in self.metrics.items() if name not in FLAGS}

    def flag(self, name: str) -> bool:
        """Whether the flag of that name is set."""
        return bool(self.metrics.get(name, 0.0))

    @property
    def reasons(self) -> tuple[Unscored, ...]:
        """Why something is unscored; the last one decided."""
        entries = self.record.get("reasons") or ()
        return tuple(Unscored(_reason(entry["reason"]), entry.get("detail") or "") for entry in entries)

    @cached_property
    def rollout(self) -> Rollout | None:
        """The rollout; None for a rejected row."""
        row = self.record.get("row")
        entry = parse_rows([row])[0] if row else None
        return entry if isinstance(entry, Rollout) else None

    @cached_property
    def material(self) -> Material | None:
        """What the judge was shown; None if there is no judge, or something was missing."""
        if self.definition is None or self.definition.judge is None or self.rollout is None:
            return None
        material = find_material(self.rollout, self.definition.judge)
        return material if isinstance(material, Material) else None

    @cached_property
    def results(self) -> Mapping[str, CheckResult | Unscored]:
        """The results of the checks by name; from the metrics if the record holds no checks."""
        if checks := self.record.get("checks"):
            return {name: result for name, entry in checks.items() if (result := _result(entry))}
        return {
            spec.name: CheckResult(_score_of(spec, self.metrics[spec.name], penalty=spec in penalties))
            for penalties in [self.definition.penalties if self.definition else ()]
            for spec in self.specs
            if spec.name in self.metrics
        }

    @property
    def specs(self) -> tuple[CheckSpec, ...]:
        """All checks of the definition: gates, scores, penalties, metrics."""
        served = self.definition
        return (*served.gates, *served.scores, *served.penalties, *served.metrics) if served else ()

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """The criteria as the judge was asked: with the rollout's own, turned into comparisons, and so on."""
        spec = self.material.spec if self.material else self.definition.judge if self.definition else None
        return asked_criteria(spec) if spec else ()

    @cached_property
    def verdicts(self) -> Mapping[Leaf, Verdict]:
        """The verdicts by leaf. Those on criteria that the definition does not have are left out."""
        by_name = {criterion.name: criterion for criterion in self.criteria}
        return {
            Leaf(by_name[entry["criterion"]], entry.get("item")): _verdict(entry)
            for entry in self.record.get("verdicts") or ()
            if entry["criterion"] in by_name
        }

    @property
    def rubric_score(self) -> float | None:
        """The rubric's score as it was reported; None if it has none."""
        return self.metrics.get(RUBRIC)


def asked_criteria(spec: JudgeSpec) -> tuple[Criterion, ...]:
    """The criteria as a judge is asked in the mode of a rubric."""
    if spec.mode == PAIRWISE.name:
        return comparisons(spec.criteria)
    if spec.mode == GROUP.name:
        return (*spec.criteria, standing_criterion(spec.criteria, spec.standing))
    return spec.criteria


def _reason(value: str) -> Reason:
    """The reason of that name; of a newer version an internal error stands for it."""
    return Reason(value) if value in set(Reason) else Reason.INTERNAL_ERROR


def _result(entry: Mapping[str, Any]) -> CheckResult | Unscored | None:
    """The result of a check; None if its score was not a number."""
    if entry.get("unscored"):
        return Unscored(_reason(entry["unscored"]), entry.get("detail") or "")
    score = entry.get("score")
    return None if score is None else CheckResult(float(score), entry.get("detail") or "")


def _score_of(spec: CheckSpec, value: float, *, penalty: bool) -> float:
    """The score of a check from its metric, which is the deduction for a penalty."""
    return 1.0 + value / spec.weight if penalty and spec.weight else value


def _verdict(entry: Mapping[str, Any]) -> Verdict:
    """A verdict with its recorded worth; one without worth counts for nothing, whatever its answer."""
    worth, answer = entry.get("worth"), str(entry["answer"])
    if worth is None and answer != VerdictClass.NOT_APPLICABLE:
        answer = VerdictClass.CANNOT_ASSESS
    share = None if worth is None else float(worth)
    return Verdict(answer, entry.get("evidence") or "", bool(entry.get("unsupported")), share)
