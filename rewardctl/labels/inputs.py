"""Read what `rewardctl label` works on: data, runs and labels. All errors are LabelErrors."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from reward_fn.types.definition import Definition
from reward_fn.types.rubric import Criterion
from rewardctl.data import DataError, Problem, Row, rows_of
from rewardctl.labels.choose import Records, by_key
from rewardctl.labels.file import read_labels
from rewardctl.labels.label import Judgement, LabelError, judgements
from rewardctl.labels.subjects import Subjects, find_subjects
from rewardctl.runs.records import RecordsError, read_records


def find_rollouts(data: str, definition: Definition, criteria: Collection[str], *, overall: bool) -> Subjects:
    """The rollouts of the data. Raises LabelError if it holds none that is judged."""
    try:
        read = list(rows_of(data))
    except DataError as error:
        raise LabelError(str(error)) from error
    rows = [row.value for row in read if isinstance(row, Row)]
    problems = [problem for problem in read if isinstance(problem, Problem)]
    subjects = find_subjects(rows, definition, criteria=criteria, overall=overall)
    if problems:
        subjects.left_out[f"no row, as in line {problems[0].line}: {problems[0].detail}"] = len(problems)
    if not subjects.subjects:
        raise LabelError(f"no row of {data} reaches the judge: {reasons(subjects.left_out)}")
    return subjects


def read_runs(sources: Iterable[str]) -> list[Records]:
    """The records of the runs to choose by."""
    try:
        return [by_key(read_records(source)) for source in sources]
    except RecordsError as error:
        raise LabelError(str(error)) from error


class KnownLabels(NamedTuple):
    """The judgements in force, and what was left out of their files."""

    judgements: list[Judgement]
    notices: list[str]


def read_judgements(files: Sequence[Path], criteria: Mapping[str, Criterion]) -> KnownLabels:
    """The judgements of some files. One person's answers may stand in several."""
    read = [read_labels(path, criteria) for path in files]
    labels = [label for file in read for label in file.labels]
    return KnownLabels(judgements(labels), [file.notice for file in read if file.notice])


def reasons(left_out: Counter[str]) -> str:
    """The most frequent reasons why rows were left out, in words."""
    return "; ".join(f"{count} × {reason}" for reason, count in left_out.most_common(3)) or "it holds no row"
