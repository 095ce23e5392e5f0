"""One calibration: runs and labels in, all figures out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rewardctl.calibrate.binding import Binding, prompt_sha256
from rewardctl.calibrate.cases import OVERALL_NAME, Part, join
from rewardctl.calibrate.compare import Comparison, Judge, compare
from rewardctl.calibrate.consistency import Consistency, consistency
from rewardctl.calibrate.criteria import CriteriaInRows
from rewardctl.calibrate.definition import KnownDefinition, definition_of_run, refuse_leaking_fields
from rewardctl.calibrate.disagreements import Disagreement, disagreements
from rewardctl.calibrate.errors import CalibrateError
from rewardctl.calibrate.judged_run import JudgedRun, read_run
from rewardctl.calibrate.label_source import LabelSource
from rewardctl.calibrate.measure import Measures, measure
from rewardctl.calibrate.people import People, people_of
from rewardctl.calibrate.production import Alignment, Columns, align
from rewardctl.calibrate.truth import Labels, combine
from rewardctl.labels.label import OVERALL, Judgement
from rewardctl.runs.records import RecordsError, read_records

HALF_WIDTH = 0.1
"""The precision for which missing labels are counted, unless another is asked for."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to calibrate: ``runs`` and either the ``judgements`` of a file (else None) or paths in ``fields``.

    ``definition`` names the definition if the runs' own name of it can't be used. ``thresholds`` maps a
    criterion (OVERALL for the reward) to the score from which on it counts as a yes. ``columns`` are
    production metrics.
    """

    runs: tuple[Path, ...]
    judgements: Sequence[Judgement] | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    definition: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    columns: Columns = field(default_factory=dict)
    half_width: float = HALF_WIDTH


@dataclass(frozen=True, slots=True)
class JudgeResult:
    """The figures of one judge; ``rows`` counts the rollouts of its first run, ``labelled`` those of them
    with labels. ``consistency`` is empty for a judge with one run."""

    name: str
    path: Path
    binding: Binding
    cost_usd: float | None
    rows: int
    labelled: int
    parts: Sequence[Part]
    measures: Sequence[Measures]
    consistency: Sequence[Consistency]
    alignments: Sequence[Alignment]
    disagreements: Sequence[Disagreement]


@dataclass(frozen=True, slots=True)
class Calibration:
    """The result: each judge, the labellers, the judges side by side, and ``notices`` about the input."""

    judges: Sequence[JudgeResult]
    labels: Labels
    people: Sequence[People]
    comparisons: Sequence[Comparison]
    notices: Sequence[str]


def calibrate(request: Request) -> Calibration:
    """Read runs and labels and compute everything. Raises CalibrateError."""
    found = [_definition(path, request) for path in request.runs]
    definitions = {known.definition.version: known for known, _ in found if known}
    notices = [notice for _, notice in found if notice]
    judged = frozenset(field for known in definitions.values() for field in known.judged)
    refuse_leaking_fields(request.fields, judged)
    criteria = CriteriaInRows({c.name: c for known in definitions.values() for c in known.criteria})
    measured = {row for column in request.columns.values() for row in column}
    source = LabelSource(request.judgements, request.fields, criteria, judged, measured)
    runs = [read_run(path, source) for path in request.runs]
    source.refuse_leaks()
    if all(known for known, _ in found):
        _refuse_unknown({j.criterion for j in source.judgements} | set(request.thresholds), criteria)
    labels = combine(source.judgements, criteria.worths)
    notices += _unmatched(labels, runs, request)
    judges = [_result(same, definitions, labels, criteria, request) for same in _grouped(runs)]
    rows = {key: facts for run in runs for key, facts in run.answers.rows.items()}
    compared = [Judge(judge.name, judge.parts, judge.cost_usd) for judge in judges]
    comparisons = compare(compared) if len(compared) > 1 else []
    return Calibration(judges, labels, people_of(labels, rows), comparisons, notices)


def _refuse_unknown(names: set[str], criteria: CriteriaInRows) -> None:
    """Raise CalibrateError for criteria that neither the definitions nor the rows have."""
    if unknown := sorted(names - criteria.known.keys() - {OVERALL}):
        known = ", ".join([*criteria.known, OVERALL_NAME])
        raise CalibrateError(f"there is no criterion {', '.join(unknown)}; name one of {known}")


def _definition(path: Path, request: Request) -> tuple[KnownDefinition | None, str]:
    """The definition of a run, or None and a notice.

    Labels in the rows need it, since nothing else shows whether the judge can read them. Raises
    CalibrateError.
    """
    try:
        first = next(iter(read_records(path)), None)
    except RecordsError as error:
        raise CalibrateError(str(error)) from error
    if first is None:
        raise CalibrateError(f"{path} holds no record; score a data set with `rewardctl score`")
    try:
        return definition_of_run(path, first, request.definition), ""
    except CalibrateError as error:
        if request.fields or request.definition:
            raise
        return None, f"{error}; without it the result is bound to no prompt and goes stale at once"


def _grouped(runs: Sequence[JudgedRun]) -> list[list[JudgedRun]]:
    """Runs of the same judge together: all but the first are repeats of it."""
    groups: dict[tuple[str, ...], list[JudgedRun]] = {}
    for run in runs:
        groups.setdefault(run.identity, []).append(run)
    return list(groups.values())


def _result(
    runs: Sequence[JudgedRun],
    definitions: Mapping[str, KnownDefinition],
    labels: Labels,
    criteria: CriteriaInRows,
    request: Request,
) -> JudgeResult:
    first = runs[0]
    known = definitions.get(first.definition["version"])
    neutral = {OVERALL: known.definition.neutral} if known else {}
    parts = [join(run.answers, labels, {**neutral, **request.thresholds}) for run in runs]
    prompt = prompt_sha256(known.definition.judge) if known else ""
    name, version = first.definition["name"], first.definition["version"]
    return JudgeResult(
        name=first.name,
        path=first.path,
        binding=Binding(name, version, prompt, first.judge, first.models),
        cost_usd=first.cost_usd,
        rows=first.answers.seen,
        labelled=len(first.answers.rows.keys() & {key.row for key in labels.truths}),
        parts=parts[0],
        measures=[measure(part, request.half_width) for part in parts[0]],
        consistency=consistency(parts) if len(runs) > 1 else [],
        alignments=align(list(criteria.known.values()), first.answers, request.columns),
        disagreements=disagreements(parts[0]),
    )


def _unmatched(labels: Labels, runs: Sequence[JudgedRun], request: Request) -> list[str]:
    """Notices about labels without a rollout. Raises CalibrateError if no label has one in every run."""
    if not labels.truths:
        raise CalibrateError(
            f"there is no label with an answer: {labels.undecided} are split evenly among labellers, "
            f"{labels.without_worth} have no answer with a worth; label some more"
            if labels.undecided or labels.without_worth
            else f"no row has a value at {' or '.join(request.fields.values())}; check the path"
        )
    notices = []
    for run in runs:
        if not run.is_finished:
            notices.append(f"{run.path} is not finished: {run.answers.seen:,} rows are scored so far")
        rows = {key.row for key in labels.truths}
        missing = sorted(rows - run.answers.rows.keys())
        if len(missing) == len(rows):
            raise CalibrateError(
                f"{run.path} holds none of the {len(rows)} labelled rows, for example {missing[0]!r}; "
                "give the labels of the data that were scored"
            )
        if missing:
            share = f"{len(missing)} of {len(rows)} labelled rows"
            notices.append(f"{share} are not in {run.path}, for example {missing[0]!r}")
    return notices
