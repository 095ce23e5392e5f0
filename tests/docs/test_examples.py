"""The examples of the page on judging: each loads without a warning, and earns what the page says."""

import re
from pathlib import Path
from typing import Any

import pytest

from reward_fn.deadline import Deadline
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.judge.models.catalogue import TIERS
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.types.definition import Definition
from tests import factory
from tests.conftest import ROOT
from tests.factory import build_question
from tests.unit.fake_judge import Answer, FakeJudge, all_yes, replied

PAGE = (ROOT / "docs" / "judging.md").read_text(encoding="utf-8")
EXAMPLES = {
    name: text
    for text in re.findall(r"^```toml example\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for name in re.findall(r'^name = "(.*)"$', text, re.MULTILINE)[:1]
}


def everywhere(question: Question, verdict: str) -> Reply:
    return replied(question, {(leaf.criterion.name, leaf.item): verdict for leaf in question.leaves})


def judged(
    example: str, folder: Path, answer: Answer, *rows: dict[str, Any]
) -> tuple[list[float], list[str]]:
    """The rewards of the rows, and the tiers of the models that were asked, a call each."""
    judge, tiers = FakeJudge(answer), {model: tier for tier, model in TIERS.items()}
    scored = score_batch(list(rows), Scorer(loaded(example, folder), judge), Deadline.after(10.0))
    return [result.reward for result in scored.results], [tiers[model] for model in judge.models]


def loaded(example: str, folder: Path) -> Definition:
    return factory.definition(folder, EXAMPLES[example])


def test_there_is_an_example_of_every_way_to_judge() -> None:
    assert list(EXAMPLES) == [
        "polite-email",
        "email-against-reference",
        "story-in-a-group",
        "advice-by-a-panel",
        "answer-with-escalation",
    ]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_loads_without_a_warning(example: str, tmp_path: Path) -> None:
    assert loaded(example, tmp_path).warnings == ()


def test_the_judge_of_the_polite_email_reads_the_instructions_and_the_example(tmp_path: Path) -> None:
    judge = loaded("polite-email", tmp_path).judge
    assert judge
    question = build_question(factory.rollout("Dear tenants"), judge)
    assert "German as a second language" in question.system
    assert '"verdict": "no", "why": "a threat, without a greeting"' in question.static


@pytest.mark.parametrize(("places", "reward"), [(("same", "same"), 0.5), (("first", "second"), 1.0)])
def test_a_response_that_matches_the_reference_earns_a_half(
    places: tuple[str, str], reward: float, tmp_path: Path
) -> None:
    row = factory.row("Dear Ms Lee, it ships today.", reference_answer="Dear Ms Lee, it is on its way.")

    def answer(question: Question, _model: Model) -> Reply:
        ours_is_first = question.variable.index("ships today") < question.variable.index("on its way")
        return everywhere(question, places[0] if ours_is_first else places[1])

    found = judged("email-against-reference", tmp_path, answer, row)
    assert found == ([reward], ["medium", "medium"])


def test_standing_tells_the_rollouts_of_a_group_apart_in_one_call(tmp_path: Path) -> None:
    def answer(question: Question, _model: Model) -> Reply:
        best = int(question.variable.index("A good story") > question.variable.index("A fair story"))
        return replied(question, {("Standing", best): "best", ("Standing", 1 - best): "worst"})

    rows = [factory.row(text) for text in ("A good story.", "A fair story.")]
    # (2 + 1 + 1 * 1) / 4 and (2 + 1 + 1 * 0) / 4
    assert judged("story-in-a-group", tmp_path, answer, *rows) == ([1.0, 0.75], ["medium"])


def test_what_one_of_the_panel_says_counts_as_half(tmp_path: Path) -> None:
    def answer(question: Question, model: Model) -> Reply:
        return everywhere(question, "yes" if model.model_id == TIERS["medium"] else "no")

    rewards, tiers = judged("advice-by-a-panel", tmp_path, answer, factory.row("Drink water."))
    assert (rewards, sorted(tiers)) == ([0.5], ["medium", "medium-claude"])


def test_the_strong_model_is_asked_only_where_the_cheap_one_is_in_doubt(tmp_path: Path) -> None:
    row = factory.row("In 1969.", metadata={"source": "The first landing on the Moon was in July 1969."})

    def misquoted(question: Question, model: Model) -> Reply:
        if model.model_id != TIERS["medium"]:
            return all_yes(question)
        said = {"evidence": "It was in the year 1970, they say.", "verdict": "yes"}
        return Reply({"answer": {leaf.criterion.name: said for leaf in question.leaves}})

    assert judged("answer-with-escalation", tmp_path, all_yes, row) == ([1.0], ["medium"])
    found = judged("answer-with-escalation", tmp_path, misquoted, row)
    assert found == ([1.0], ["medium", "heavyweight-claude"])
