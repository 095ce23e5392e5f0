"""Report an answered batch, and read what telemetry wrote of it."""

import io
import itertools
import json
from collections.abc import Sequence
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from reward_fn.report.signals import text_signs
from reward_fn.report.telemetry import Telemetry
from reward_fn.types.batch import Scored
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.usage import Usage
from tests.factory import rollout
from tests.unit.rubric import criterion, definition

SERVED = definition(criterion("Sound"))
_numbers = itertools.count()


def report(
    scored: Scored, served: Definition, capsys: pytest.CaptureFixture[str], *, log_text: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str]:
    """The rollouts' lines, the metrics' records, and all that was written as one text."""
    stream = io.StringIO()
    logger = Logger(service=f"test-{next(_numbers)}", stream=stream)
    capsys.readouterr()
    Telemetry(log_text=log_text, logger=logger).report(scored, served, "request-1")
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    records = [json.loads(line) for line in out.splitlines()]
    return lines, records, stream.getvalue() + out + err


def scored(results: Sequence[Result], usage: Usage | None = None) -> Scored:
    """An answered batch; the rollouts' texts do not matter."""
    entries = tuple(rollout("text", index=result.index, id=result.id) for result in results)
    return Scored(tuple(results), usage or Usage(), entries, texts=text_signs(entries, SERVED))


def result(index: int, reward: float, group: str | None = "g", **fields: Any) -> Result:
    return Result(index, f"r-{index}", reward, (), group=group, **fields)


def values(records: list[dict[str, Any]], name: str, **dimensions: str) -> list[float]:
    """All values of a metric in the records that have exactly these dimensions beside the definition."""
    found: list[float] = []
    for record in records:
        names, *_ = record["_aws"]["CloudWatchMetrics"][0]["Dimensions"]
        held = {key: record[key] for key in names if key not in ("definition", "service")}
        if name in record and held == dimensions:
            found += record[name]
    return found
