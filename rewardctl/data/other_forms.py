"""Rows of other tools that hold no rollout in a form that the function reads: named, with the remedy."""

from collections.abc import Callable, Mapping
from typing import Any

from reward_fn.event.rows import GENERATED

Row = Mapping[str, Any]

CONVERT = 'convert each row to {"id": …, "messages": […]} with the answer as the last, assistant turn'


def name_of_form(row: Row) -> str:
    """What the row looks like and what to do, "" if it is not one of these forms."""
    if "messages" in row or "model_response" in row or _is_answered_prompt(row):
        return ""
    return next((words for matches, words in _FORMS if matches(row)), "")


def _is_answered_prompt(row: Row) -> bool:
    """Whether a row is a prompt with its answer, whose other fields are columns of the data set."""
    return isinstance(row.get("prompt"), str | list) and any(field in row for field in GENERATED)


def _is_sharegpt(row: Row) -> bool:
    turns = row.get("conversations")
    return isinstance(turns, list) and bool(turns) and isinstance(turns[0], dict) and "from" in turns[0]


def _is_preference(row: Row) -> bool:
    return {"chosen", "rejected"} <= row.keys()


def _is_batch_output(row: Row) -> bool:
    return "custom_id" in row and isinstance(row.get("response"), dict)


def _is_bedrock_batch(row: Row) -> bool:
    return "recordId" in row and "modelOutput" in row


def _is_alpaca(row: Row) -> bool:
    return "instruction" in row and "output" in row


def _is_promptfoo(row: Row) -> bool:
    return isinstance(row.get("gradingResult"), dict) or ("vars" in row and "response" in row)


def _is_trl_call(row: Row) -> bool:
    return {"prompts", "completions"} <= row.keys()


def _is_result(row: Row) -> bool:
    return "aggregate_reward_score" in row and "metrics_list" in row


def _is_label(row: Row) -> bool:
    return "labels" in row and "labeller" in row


_FORMS: tuple[tuple[Callable[[Row], bool], str], ...] = (
    (_is_result, "a result of this function, not a rollout: name the file with the rollouts"),
    (_is_label, "a label, not a rollout: name the file with the rollouts"),
    (_is_sharegpt, f"a ShareGPT conversation (conversations, from, value): {CONVERT}"),
    (_is_preference, "a preference pair (chosen, rejected): send each answer as a row of its own"),
    (_is_batch_output, f"a line of OpenAI's batch output (custom_id, response): {CONVERT}"),
    (_is_bedrock_batch, f"a line of Bedrock's batch output (recordId, modelOutput): {CONVERT}"),
    (_is_alpaca, f"an Alpaca row (instruction, output): {CONVERT}"),
    (_is_promptfoo, f"a promptfoo result: {CONVERT}"),
    (_is_trl_call, 'the arguments of a TRL reward function: send one {"prompt", "completion"} for each'),
)
