"""Judge cases with autorubric, under the Python of ``.build/autorubric``; the input is JSON.

It is used as its documentation shows: a ``Rubric``, a ``CriterionGrader`` with an ``LLMConfig``, and
``rubric.grade`` with the prompt as ``query``. ``llm_calls`` is ``per_criterion``, its default, or
``per_item``, "for lower cost".
"""

import asyncio
import json
import os
import sys
from typing import Any


async def grade(task: dict[str, Any]) -> list[int]:
    """The number of verdicts of each case."""
    from autorubric import LLMConfig, Rubric  # type: ignore[import-not-found, unused-ignore]
    from autorubric.graders import CriterionGrader  # type: ignore[import-not-found, unused-ignore]

    counts = []
    for case in task["cases"]:
        config = LLMConfig(model=f"openai/{case['model']}", api_base=f"{task['url']}/v1", api_key="loopback")
        grader = CriterionGrader(judge_model_config=config, llm_calls=task["mode"])
        rubric = Rubric.from_dict(
            [{"weight": c["weight"], "requirement": c["question"]} for c in case["criteria"]]
        )
        result = await rubric.grade(to_grade=case["response"], grader=grader, query=case["prompt"])
        met = [report.final_verdict.value == "MET" for report in result.report]
        counts.append(sum(met))
    return counts


if __name__ == "__main__":
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else the import fetches a price list
    answer = asyncio.run(grade(json.load(sys.stdin)))
    sys.stdout.write(f"\n{json.dumps(answer)}")
