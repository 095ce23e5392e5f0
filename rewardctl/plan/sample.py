"""The sample of a plan: rollouts of one's own, of a scored run, or of the event of a shipped definition."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from reward_fn.types.definition import Definition
from rewardctl.cloud.doctor.probe import probes
from rewardctl.data import Line, Problem, Row, lines_of, rows_in
from rewardctl.engine.sample import sample_of
from rewardctl.local.paths import PROJECT
from rewardctl.plan.measured import Measured, measured_in
from rewardctl.plan.request import PlanError, PlanRequest
from rewardctl.plan.work import Setting, Work, work_of
from rewardctl.runs.records import read_records

SAMPLE_ROLLOUTS = 1024
"""At most so many rollouts are looked at. With half of them judged, the count of calls has a standard error
of 3 %. A thousand long contracts take a second or two."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """The rows of ``source`` and the work of a sample of them.

    ``measured`` is what a run says about its judge, None without one; ``scored_by`` is the name of the
    definition that scored it, "" without a run. ``problems`` are lines of the sample without a row.
    """

    source: str
    rows: int
    work: Work
    measured: Measured | None
    problems: Sequence[Problem]
    scored_by: str = ""


def read_sample(request: PlanRequest, definition: Definition) -> Sampled:
    """Read the source and look at a sample. Raises PlanError, DataError and RecordsError."""
    source, lines = _source(request)
    rows_a_call = request.shape.rollouts_a_call
    sample = sample_of(lines, batches=ceil(SAMPLE_ROLLOUTS / rows_a_call), batch_lines=rows_a_call)
    read = [[found for line in batch for found in rows_in(line)] for batch in sample.batches]
    batches = [[row.value for row in batch if isinstance(row, Row)] for batch in read]
    problems = [problem for batch in read for problem in batch if isinstance(problem, Problem)]
    setting = Setting(rows_a_call, request.shape.generations, request.answer_tokens)
    work = work_of(batches, definition, setting)
    if not request.run:
        return Sampled(source, sample.lines, work, None, problems)
    measured = measured_in(read_records(request.run))
    first = next(read_records(request.run), {})
    return Sampled(source, sample.lines, work, measured, problems, str(first.get("definition", "")))


def _source(request: PlanRequest) -> tuple[str, Iterator[Line]]:
    """The name of the source, and its lines."""
    if request.data:
        return request.data, lines_of(request.data)
    if request.run:
        return request.run, _rows_of_records(request.run)
    known = probes().get(request.definition)
    if known is None:
        raise PlanError(
            f"a plan for {request.definition} needs some of its rollouts; name a file with --data, or a "
            "scored run with --run"
        )
    path = PROJECT / "events" / f"{known['event']}.json"
    return str(path.relative_to(PROJECT)), lines_of(str(path))


def _rows_of_records(run: str) -> Iterator[Line]:
    """The rollout of each record as a line; null for a row that was rejected."""
    for number, record in enumerate(read_records(run), 1):
        yield Line(number, json.dumps(record.get("row")).encode())
