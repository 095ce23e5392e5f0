"""Neither log lines nor metrics quote a prompt, a response, a key of a row or a judge's reply."""

import json
from typing import Any

import pytest

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.settings import Settings
from reward_fn.types.batch import Scored
from tests.factory import row
from tests.unit.fake_judge import FakeJudge, Step, all_yes
from tests.unit.report.reporting import SERVED, report

SECRET = "SECRET-"


def hostile_batch() -> Scored:
    """Rows whose every part holds SECRET, and a judge whose every reply does."""

    def answer(question: Question, model: Model) -> Step:
        steps: dict[str, Step] = {
            "garbled": Reply({SECRET: SECRET}),
            "prose": Reply(f"{SECRET} prose"),
            "cut": Reply(f'{{"answer": "{SECRET}'),
            "odd": ValueError(f"{SECRET} in an exception"),
            "off": Reply({"answer": {"Sound": {"evidence": SECRET, "verdict": SECRET}}}),
        }
        for word, step in steps.items():
            if word in question.variable:
                return step
        reply = all_yes(question)
        reply.content["answer"]["Sound"]["evidence"] = SECRET
        return reply

    responses = [f"{SECRET}{word}" for word in ("garbled", "prose", "cut", "odd", "off", "fine")]
    rows: list[Any] = [
        row(text, prompt=f"{SECRET}prompt", reference_answer={SECRET: SECRET}, metadata={SECRET: SECRET})
        for text in responses
    ]
    rows += [
        SECRET,
        {SECRET: SECRET},
        row(messages=[{"role": SECRET, "content": SECRET}]),
        row(messages=[{"role": "assistant", "content": {SECRET: [SECRET]}}]),
        row(messages=SECRET),
        row([[SECRET]]),
        row(metadata=SECRET),
    ]
    return score_batch(
        rows, Scorer(SERVED, FakeJudge(answer), settings=Settings(judge_max_attempts=1)), Deadline.after(10.0)
    )


def test_no_text_of_prompts_responses_keys_or_judges_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    batch = hostile_batch()
    lines, _, text = report(batch, SERVED, capsys)
    assert len(lines) == len(batch.results) == 13
    found = {reason.partition(":")[0] for line in lines for reason in line["reasons"]}
    assert {"malformed", "refused", "internal_error", "bad_row", "no_response"} <= found
    assert SECRET not in text


@pytest.mark.parametrize(
    "response",
    [
        f'{{"{SECRET}": 1}}',
        f'{{"comments": [{{"{SECRET}": "{SECRET}"}}]}}',
        f'{{"comments": [{{"type": "{SECRET}", "text_excerpt": "{SECRET}", "recommended_action": ""}}]}}',
        json.dumps({"comments": [dict.fromkeys(("type", "text_excerpt", "recommended_action"), SECRET)]}),
        f"{SECRET} prose",
        f'{{"comments": "{SECRET}"',
        f'{{"comments": "\\{SECRET}"}}',
        f'{{"comments": {SECRET}}}',
        f'{{"comments": 1e999, "{SECRET}": 1}}',
        f'["{SECRET}"]',
        SECRET,
    ],
)
def test_the_checks_of_contract_review_quote_no_response(
    response: str, capsys: pytest.CaptureFixture[str]
) -> None:
    served = load_definition("contract-review")
    batch = score_batch(
        [row(response, prompt=f"{SECRET}prompt")], Scorer(served, FakeJudge()), Deadline.after(10.0)
    )
    assert SECRET not in report(batch, served, capsys)[2]


@pytest.mark.parametrize(
    "response", [SECRET, f"A: {SECRET}", f"#### {SECRET} 5", f"A: 7 or {SECRET}", f"\\boxed{{{SECRET}}}"]
)
def test_the_checks_of_math_answer_quote_no_response(
    response: str, capsys: pytest.CaptureFixture[str]
) -> None:
    served = load_definition("math-answer")
    for reference in ("5", f"{SECRET} five"):
        batch = score_batch([row(response, reference_answer=reference)], Scorer(served), Deadline.after(10.0))
        assert SECRET not in report(batch, served, capsys)[2]
