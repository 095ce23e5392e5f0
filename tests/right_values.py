"""Inputs from public reports about graders, each with the value that an expert would give it.

The inputs lie beside the real data, in ``../cases/right_values.jsonl``; a README there explains their forms.
Each row is one test, and ``benchmarks/right_values.py`` counts the rows with the right value.
"""

import json
import operator
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.errors import JudgeFailure
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.providers.bedrock.converse import read_reply
from reward_fn.judge.providers.bedrock.failures import client_failure
from reward_fn.judge.vote.reply import read_verdicts
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.types.definition import Definition
from tests import factory
from tests.check_cases import Case
from tests.conftest import real_data
from tests.factory import build_question
from tests.unit.fake_judge import FakeJudge
from tests.unit.rubric import criterion, judge_spec

CASES = real_data().parent / "cases" / "right_values.jsonl"
ROWS = (
    [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()] if CASES.is_file() else []
)
OPERATORS = {"==": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
QUESTION = build_question(factory.rollout("x"), judge_spec(criterion("Sound"), criterion("Brief")))


def reward(event_row: Mapping[str, Any], definition: Definition) -> float | None:
    """The reward of one row if the judge answers yes to everything; None if it is unscored."""
    scored = score_batch([event_row], Scorer(definition, FakeJudge()), Deadline.after(60.0))
    (result,) = scored.results
    return None if result.imputed else result.reward


def of_check(row: Mapping[str, Any], folder: Path) -> Any:
    """The score of a check with its parameters; a schema becomes a file beside the definition."""
    parameters, files = dict(row["params"]), {}
    if isinstance(parameters.get("schema"), dict):
        files["schema.json"] = json.dumps(parameters["schema"])
        parameters["schema"] = "schema.json"
    case = Case(row["check"], row["id"], "", parameters, {}, None, files)
    fields = {"metadata": row.get("metadata"), "reference_answer": row.get("reference")}
    present = {name: value for name, value in fields.items() if value is not None}
    event_row = factory.row(row["input"], prompt=row.get("prompt", "Q"), **present)
    return reward(event_row, case.definition(folder, "score"))


def of_row(row: Mapping[str, Any], folder: Path) -> Any:
    """The reward of an event's row under the definition in the case."""
    return reward(row["input"], factory.definition(folder, f'name = "case"\n{row["toml"]}'))


def of_shipped(row: Mapping[str, Any], _folder: Path) -> Any:
    """The reward of an event's row under a shipped definition."""
    return reward(row["input"], load_definition(row["definition"]))


def of_reply(row: Mapping[str, Any], _folder: Path) -> Any:
    """The answer to each criterion in the blocks of a Converse reply, or the reason of the failure."""
    reply = {"output": {"message": {"content": row["input"]}}, "stopReason": row["stop"]}
    try:
        verdicts = read_verdicts(read_reply(reply), QUESTION)
    except JudgeFailure as failure:
        return failure.reason
    return {leaf.criterion.name: verdict.answer for leaf, verdict in verdicts.items()}


def of_error(row: Mapping[str, Any], _folder: Path) -> Any:
    """The reason of a failure that Bedrock reports."""
    error_body = {"Code": row["input"]["code"], "Message": row["input"]["message"]}
    response: Any = {"Error": error_body, "ResponseMetadata": {"HTTPStatusCode": row["input"]["status"]}}
    error = ClientError(response, "Converse")
    return client_failure(error, QUESTION, profile("medium"), "us-east-1").reason


KINDS: Mapping[str, Callable[[Mapping[str, Any], Path], Any]] = {
    "check": of_check,
    "row": of_row,
    "shipped": of_shipped,
    "reply": of_reply,
    "error": of_error,
}


def earned(row: Mapping[str, Any], folder: Path) -> Any:
    """The value that this package gives to a row; ``folder`` is empty, for a definition's files."""
    return KINDS[row["kind"]](row, folder)


def is_right(row: Mapping[str, Any], value: Any) -> bool:
    """Whether a value is the one that an expert would give; None means unscored."""
    if value is None or row["expected"] is None:
        return value is row["expected"]
    return bool(OPERATORS[row["op"]](value, row["expected"]))
