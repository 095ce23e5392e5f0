"""Real rollouts with known marks: the shipped check agrees with every one."""

import json
from pathlib import Path

import pytest

from reward_fn.definition.load import load_definition
from reward_fn.types.check import CheckResult
from tests.factory import rollout


@pytest.mark.data
def test_the_numeric_answer_agrees_with_every_mark_of_gsm8k(data_dir: Path) -> None:
    (spec,) = load_definition("math-answer").scores
    disagreeing, seen = [], 0
    with (data_dir / "gsm8k_rollouts.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            group = json.loads(line)
            reference = {"answer": group["ground_truth"]}
            for solution in group["solutions"]:
                seen += 1
                result = spec.check(rollout(solution["solution"], reference_answer=reference))
                right = isinstance(result, CheckResult) and result.score == 1.0
                if right != solution["is_correct"]:
                    disagreeing.append((seen, result))
    assert disagreeing == []
    assert seen == 660 * 4  # questions * systems, as the data's own notes say
