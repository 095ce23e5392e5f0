"""The judge by self-consistency: the same final number as another answer to the same prompt."""

from collections.abc import Sequence

import pytest

from reward_fn.types.material import Material
from reward_fn.types.rubric import Criterion, JudgeSpec
from reward_fn.types.verdict import Leaf
from rewardctl.judges.brains import Opinion, Subject
from rewardctl.judges.registry import BRAINS, open_brain
from rewardctl.judges.siblings import by_siblings
from tests.factory import rollout

YES_NO = Criterion("Right", "Is the answer right?")
GRADED = Criterion("Right", "Is the answer right?", choices=("none", "one", "two", "all"))


def opinion(answer: str, siblings: Sequence[str], criterion: Criterion = YES_NO) -> Opinion | None:
    material = Material(rollout(answer), JudgeSpec(("m",), (criterion,)), {})
    return by_siblings(Subject(material, [rollout(text) for text in siblings]), Leaf(criterion))


@pytest.mark.parametrize(
    ("siblings", "answer"),
    [
        (["A: 18", "A: 20", "A: 21"], "yes"),
        (["It is 18.0\nA: 18.0", "A: 20", "A: 21"], "yes"),
        (["A: 19", "A: 20", "A: 21"], "no"),
        (["18 of them leave\nA: 19"], "no"),
    ],
)
def test_one_sibling_with_the_same_final_number_is_enough(siblings: Sequence[str], answer: str) -> None:
    found = opinion("3 * 6 = 18\nA: 18", siblings)
    assert found is not None
    assert found.answer == answer


@pytest.mark.parametrize(("same", "answer"), [(0, "none"), (1, "one"), (2, "two"), (3, "all")])
def test_choices_say_how_many_agree(same: int, answer: str) -> None:
    found = opinion("A: 18", ["A: 18"] * same + ["A: 7"] * (3 - same), GRADED)
    assert found == Opinion(answer, f"{same} of 3 siblings end with 18")


def test_an_answer_without_a_number_agrees_with_nobody() -> None:
    assert opinion("So it is.", ["So it is."]) == Opinion("no", "the marked answer is not a number")


def test_without_siblings_there_is_no_opinion() -> None:
    assert opinion("A: 18", []) is None


def test_the_judge_is_registered_by_its_name() -> None:
    assert open_brain("siblings") is by_siblings
    assert set(BRAINS) == {"minilm", "siblings", "yes"}
