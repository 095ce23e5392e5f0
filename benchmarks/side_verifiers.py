"""Judge cases with verifiers' rubric judge, under the Python of ``.build/verifiers``; input is JSON.

It is used as its documentation shows: a ``RubricJudge`` with a file of criteria, all in one call, its
default. ``view`` is ``last_reply``, since the whole transcript would show the documents a second time.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any


async def grade(task: dict[str, Any], folder: Path) -> list[int]:
    """The number of verdicts of each case."""
    from verifiers.v1.judges.rubric import (  # type: ignore[import-not-found, unused-ignore]
        RubricJudge,
        RubricJudgeConfig,
    )
    from verifiers.v1.task import TaskData  # type: ignore[import-not-found, unused-ignore]

    counts = []
    for number, case in enumerate(task["cases"]):
        path = folder / f"{number}.json"
        rows = [
            {"name": c["name"], "text": c["question"], "weight": abs(c["weight"])} for c in case["criteria"]
        ]
        path.write_text(json.dumps({"criteria": rows}), encoding="utf-8")
        judge = RubricJudge(
            RubricJudgeConfig(
                path=path,
                base_url=f"{task['url']}/v1",
                api_key_var="JUDGE_KEY",
                model=case["model"],
                view="last_reply",
            )
        )
        metrics: dict[str, float] = {}
        trace = SimpleNamespace(
            last_reply=case["response"],
            record_metric=metrics.__setitem__,
            record_judge_call=lambda **_: None,
        )
        await judge.score(TaskData(prompt=case["prompt"]), trace)
        counts.append(len(metrics))
    return counts


if __name__ == "__main__":
    os.environ["JUDGE_KEY"] = "loopback"
    with tempfile.TemporaryDirectory() as scratch:
        answer = asyncio.run(grade(json.load(sys.stdin), Path(scratch)))
    sys.stdout.write(json.dumps(answer))
