"""Stored answers from a run folder of `rewardctl score`, or from a file of solutions in the form of GSM8K."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from reward_fn.definition.load import load_definition
from reward_fn.errors import DefinitionError
from reward_fn.types.definition import Definition
from rewardctl.runs.folder import RunError, read_info
from rewardctl.runs.records import Record, RecordsError, read_records
from rewardctl.simulate.stored.answers import Answer, Answers, StoredError
from rewardctl.simulate.stored.scored import in_unit, score_rows

MATH = "math-answer"


class Source(NamedTuple):
    """Stored answers, the definition that scored them, and whether their truth is known."""

    answers: Answers
    definition: str
    has_truth: bool
    is_math: bool


def read_source(path: Path, truth: str | None) -> Source:
    """Read answers. ``truth`` is a path into the row, or another run of the same rows; None for none.

    Raises StoredError.
    """
    if is_solutions(path):
        return Source(Answers.of(list(_solutions(path))), MATH, has_truth=True, is_math=True)
    try:
        return _run(path, truth)
    except RecordsError as error:
        raise StoredError(str(error)) from error


def is_solutions(path: Path) -> bool:
    """Whether a file has the form of grade-school-math's example_model_solutions.jsonl."""
    if not path.is_file():
        return False
    with path.open("rb") as lines:
        try:
            first = json.loads(lines.readline(1 << 20))
        except ValueError:
            return False
    return isinstance(first, dict) and isinstance(first.get("solutions"), list) and "question" in first


def _solutions(path: Path) -> Iterator[Answer]:
    rows: list[dict[str, Any]] = []
    truths: list[float] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            question = json.loads(line)
            for solution in question["solutions"]:
                rows.append(_math_row(f"{number}-{len(rows)}", question, solution["solution"]))
                truths.append(float(solution["is_correct"]))
        except (ValueError, KeyError, TypeError) as error:
            raise StoredError(f"{path}, line {number}: not a question with solutions ({error})") from error
    for row, truth, result in zip(rows, truths, score_rows(rows, load_definition(MATH)), strict=True):
        reward = None if result.imputed else result.reward
        yield Answer(result.group or "", truth, reward, len(row["messages"][-1]["content"]), row)


def _math_row(name: str, question: Mapping[str, Any], solution: str) -> dict[str, Any]:
    messages = [
        {"role": "user", "content": question["question"]},
        {"role": "assistant", "content": solution},
    ]
    reference = {"ground_truth": question["ground_truth"]}
    return {"id": name, "messages": messages, "reference_answer": reference}


def _run(path: Path, truth: str | None) -> Source:
    records = read_records(path)
    first = next(records, None)
    if first is None:
        raise StoredError(f"{path} holds no records; score some rollouts first")
    definition = _definition_of(path)
    truths = _truths_of_run(Path(truth)) if truth and Path(truth).exists() else None
    answers = []
    for record in chain([first], records):
        row, group = record.get("row"), record.get("group")
        if not row or not group:
            continue
        reward = _reward(record, definition)
        known = _truth(record, truth, truths) if truth else reward
        if known is not None:
            answers.append(Answer(group, known, reward, _length(row), row))
    if not answers:
        where = f"the truth under {truth}" if truth else "a reward of its own"
        raise StoredError(f"no record of {path} has {where}; name another path or run with --truth")
    name = str(first.get("definition"))
    return Source(Answers.of(answers), name, has_truth=truth is not None, is_math=name == MATH)


def _definition_of(path: Path) -> Definition | None:
    """The definition of a run folder, for its range; None if it can't be read any more."""
    try:
        about = read_info(path)["definition"]
        return load_definition(about.get("path") or about["name"])
    except (RunError, DefinitionError, KeyError, AttributeError):
        return None


def _reward(record: Record, definition: Definition | None) -> float | None:
    if record.get("imputed"):
        return None
    reward = float(record["reward"])
    return in_unit(reward, definition) if definition else reward


def _truths_of_run(path: Path) -> dict[Any, float]:
    """The reward of each id in another run, for instance of human labels or of a better judge."""
    definition = _definition_of(path)
    rewards = {record["id"]: _reward(record, definition) for record in read_records(path)}
    return {name: reward for name, reward in rewards.items() if reward is not None}


def _truth(record: Record, path: str | None, truths: Mapping[Any, float] | None) -> float | None:
    if truths is not None:
        return truths.get(record["id"])
    value: Any = record["row"]
    for key in (path or "").split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, bool | int | float) and 0 <= value <= 1:
        return float(value)
    return None


def _length(row: Mapping[str, Any]) -> int:
    """Characters of the response: the last message."""
    messages: Sequence[Any] = row.get("messages") or [{}]
    content = messages[-1].get("content") if isinstance(messages[-1], Mapping) else None
    return len(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))
