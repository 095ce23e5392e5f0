"""What a sample needs of the judge: gates, questions, rows without a response, groups."""

import json
from pathlib import Path
from typing import Any

import pytest

from reward_fn.definition.load import load_definition
from reward_fn.types.definition import Definition
from rewardctl.plan.sizes import sizes_of
from rewardctl.plan.work import Setting, work_of
from tests.conftest import ROOT
from tests.factory import definition, row

ALONE = Setting(rollouts_a_call=1, generations=8, answer_tokens=500)
TOGETHER = Setting(rollouts_a_call=64, generations=4, answer_tokens=500)


def mine(folder: Path, judge: str = "") -> Definition:
    """A gate on the length, and one question."""
    return definition(
        folder,
        'name = "mine"\n[[gate]]\ncheck = "length"\nmax_chars = 40\nreward = 0.0\n'
        f'[judge]\nmodel = "medium"\n{judge}'
        '[[judge.criterion]]\nname = "Clear"\nquestion = "Is the answer clear?"\n',
    )


def test_rollouts_that_fail_a_gate_are_counted_and_not_asked_about(tmp_path: Path) -> None:
    rows: list[Any] = [row("Short."), row("Short too."), row("Long. " * 20), None]
    work = work_of([rows], mine(tmp_path), TOGETHER)
    assert (work.rollouts, work.judged, work.rejected, work.gates) == (4, 2, 1, {"length": 1})
    assert len(work.questions) == 2
    assert work.questions_a_rollout == 0.5


def test_equal_rollouts_share_a_question_within_an_invocation_and_not_beyond(tmp_path: Path) -> None:
    twice = [row("The same."), row("The same.")]
    assert len(work_of([twice], mine(tmp_path), TOGETHER).questions) == 1
    assert len(work_of([twice[:1], twice[1:]], mine(tmp_path), ALONE).questions) == 2


def test_the_size_of_rows_is_that_of_their_json(tmp_path: Path) -> None:
    small, large = row("é"), row("Long. " * 20)
    work = work_of([[small, large]], mine(tmp_path), TOGETHER)
    sizes = [len(json.dumps(each, ensure_ascii=False).encode()) for each in (small, large)]
    assert work.row_bytes == sum(sizes) / 2
    assert work.largest == large


UNANSWERED = [
    {"id": "1", "messages": [{"role": "user", "content": "Why?"}], "reference_answer": "So."},
    {"id": "2", "prompt": "Why?", "reward_model": {"ground_truth": "So."}},
]


@pytest.mark.parametrize("unanswered", UNANSWERED)
def test_a_row_without_a_response_gets_one_of_the_assumed_length(tmp_path: Path, unanswered: Any) -> None:
    def variable_chars(tokens: int) -> int:
        setting = ALONE._replace(answer_tokens=tokens)
        work = work_of([[unanswered]], mine(tmp_path), setting)
        assert (work.judged, work.assumed_answers, work.rejected, work.gates) == (1, 1, 0, {})
        return len(work.questions[0].variable)

    # 4 characters a token; the gate on 40 characters says nothing about an answer that is not known
    assert variable_chars(500) - variable_chars(250) == pytest.approx(1000, abs=10)


def test_an_assumed_answer_is_a_list_where_the_judge_reads_one() -> None:
    shipped = load_definition("contract-review")
    event = json.loads((ROOT / "events" / "contract_review_batch.json").read_text(encoding="utf-8"))
    unanswered = {**event[0], "messages": event[0]["messages"][:-1]}
    work = work_of([[unanswered]], shipped, ALONE)
    assert (work.judged, work.assumed_answers) == (1, 1)
    assert len(work.questions[0].items) == 5, "a comment of about a hundred tokens each"


def test_a_single_rollout_of_a_prompt_stands_for_its_group_in_a_mode_that_compares(tmp_path: Path) -> None:
    compared = mine(tmp_path, 'mode = "group"\n')
    rows = [row("One.", prompt="A"), row("Two.", prompt="B")]
    work = work_of([rows], compared, TOGETHER)
    assert (work.rollouts, len(work.questions)) == (8, 2), "two groups of four, a question each"
    whole = [row(f"{n}.", prompt="A") for n in range(4)]
    assert len(work_of([whole], compared, TOGETHER).questions) == 1, "a group that is there is taken as it is"


def test_the_usual_reply_holds_every_verdict_and_is_shorter_than_the_limit(tmp_path: Path) -> None:
    work = work_of([[row("Short.")]], mine(tmp_path), ALONE)
    (question,) = work.questions
    sizes = sizes_of(work.questions, "medium", chars_per_token=4)
    assert 0 < sizes.usual < sizes.most == question.max_tokens
    texts = len(question.system) + len(question.static) + len(question.variable)
    assert sizes.input > texts / 4, "the tool and the frame of the request are read too"
    assert sizes.prefix == (len(question.system) + len(question.static)) / 4


def test_fewer_characters_a_token_are_more_tokens(tmp_path: Path) -> None:
    questions = work_of([[row("Short.")]], mine(tmp_path), ALONE).questions
    four, two = (sizes_of(questions, "medium", chars_per_token=n) for n in (4, 2))
    assert two.input == 2 * four.input
    assert two.most == four.most, "maxTokens is what is sent"


def test_no_questions_have_no_size() -> None:
    sizes = sizes_of([], "medium", chars_per_token=4)
    assert (sizes.questions, sizes.input, sizes.usual, sizes.most) == (0, 0, 0, 0)
