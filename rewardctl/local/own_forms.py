"""Convert answers in other callers' forms to results, so that a run can show them."""

from collections.abc import Mapping
from typing import Any

REWARD = "aggregate_reward_score"


def as_results(answer: Any) -> Any:
    """Convert an answer in another caller's form to results; return any other answer unchanged.

    These forms have no ids: a row gets its place as id, a mean over several rows gets "all".
    """
    if not isinstance(answer, dict):
        return answer
    if isinstance(answer.get("scores"), list):  # prompt optimization
        return [_result(str(i), score) for i, score in enumerate(answer["scores"])]
    if "reward" in answer:  # Gemini's Cloud Run body
        return [_result("0", answer["reward"])]
    body = answer.get("body")
    if answer.get("statusCode") == 200 and isinstance(body, dict) and "prompt" in body:  # pre-processing
        return []
    if isinstance(body, list) and body and all(isinstance(each, dict) and "metric" in each for each in body):
        values = {each["metric"]: each["value"] for each in body}
        return [_result("all", values.pop(REWARD, None), values)]
    return answer


def _result(identity: str, reward: Any, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    metrics = [{"name": name, "value": value, "type": "Metric"} for name, value in (values or {}).items()]
    return {"id": identity, REWARD: reward, "metrics_list": metrics}
