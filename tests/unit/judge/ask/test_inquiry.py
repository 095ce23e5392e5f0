"""The keys of an inquiry: of all questions that may be asked about a rollout."""

from reward_fn.judge.ask.inquiry import Inquiry, about
from tests.factory import build_question, rollout
from tests.unit.rubric import criterion, judge_spec

SPEC = judge_spec(criterion("Sound"))


def test_each_rollout_of_a_group_has_the_key_of_the_common_question_and_of_its_own() -> None:
    together, first, second = (build_question(rollout(text), SPEC) for text in ("both", "one", "two"))
    inquiry = Inquiry((4, 7), (together,), otherwise=(about(4, first), about(7, second)))
    assert dict(inquiry.keys_of_each()) == {4: (together.key, first.key), 7: (together.key, second.key)}


def test_a_rollout_without_another_question_has_the_keys_of_its_inquiry_alone() -> None:
    question = build_question(rollout("one"), SPEC)
    assert dict(about(4, question).keys_of_each()) == {4: (question.key,)}
