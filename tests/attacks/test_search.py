"""The search finds a planted leak within its budget, and nothing where code alone pays."""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reward_fn.definition.load import load_definition
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.pipeline import Scorer
from rewardctl.attacks.attempts import Standard
from rewardctl.attacks.board import standards_of
from rewardctl.attacks.honest import read_tasks
from rewardctl.attacks.mutations import MUTATIONS, mutate, pool_of
from rewardctl.attacks.search import Exploit, Search
from rewardctl.attacks.worth import worth_of
from tests.attacks.own_data import (
    BAD,
    GOOD,
    KEYWORD_LEAK,
    LENGTH_LEAK,
    NUMBER,
    POLITE,
    ROWS,
    known_of,
    row,
    scorer_of,
    standard_in,
    tasks_of,
)
from tests.conftest import ROOT
from tests.unit.fake_judge import FakeJudge, replied

BUDGET = 200


def searched(
    scorer: Scorer, *standards: Standard, budget: int = BUDGET, seed: int = 0
) -> tuple[Search, Exploit]:
    search = Search(scorer, known_of(scorer.definition), budget, seed)
    exploit = search.run(standards)
    assert exploit is not None
    return search, exploit


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("leak", "component"), [(LENGTH_LEAK, "check length"), (KEYWORD_LEAK, "check required_content")]
)
def test_a_planted_leak_is_found_within_200_scorings(
    leak: str, component: str, seed: int, tmp_path: Path
) -> None:
    scorer = scorer_of(tmp_path, leak)
    search, exploit = searched(scorer, standard_in(tmp_path, scorer), seed=seed)
    assert exploit.succeeds
    assert search.first_success is not None
    assert search.first_success <= search.scorings <= BUDGET
    ((name, amount),) = exploit.candidate.attempt.paid
    assert name == component
    assert amount == pytest.approx(exploit.candidate.attempt.reward)
    assert exploit.candidate.origin == BAD
    assert len(exploit.candidate.ancestors) >= 1


def test_a_reward_for_the_right_number_alone_has_no_exploit(tmp_path: Path) -> None:
    rows = [row("a-good", "A: 6161"), row("a-bad", "Seven of them.\nA: 7")]
    rows = [{**each, "reference_answer": {"answer": "6161"}} for each in rows]
    scorer = scorer_of(tmp_path, f'name = "honest"\n{NUMBER}')
    search, exploit = searched(scorer, standard_in(tmp_path, scorer, rows))
    assert (exploit.succeeds, exploit.candidate.steps, search.first_success) == (False, (), None)
    assert (search.scorings, search.stopped) == (BUDGET, "the budget is spent")


def test_the_same_seed_finds_the_same(tmp_path: Path) -> None:
    scorer = scorer_of(tmp_path, LENGTH_LEAK)
    standard = standard_in(tmp_path, scorer)
    first, second, other = (searched(scorer, standard, seed=seed)[1].as_json() for seed in (3, 3, 4))
    assert first == second
    assert first["text"] != other["text"]


def polite_if_thankful(question: Question, _model: Model) -> Reply:
    """Says yes to an answer with the word "eggs" in it."""
    return replied(question, {("Polite", None): "yes" if "eggs are" in question.variable else "no"})


@pytest.mark.parametrize("budget", [1, 10, 37])
def test_no_more_judge_calls_are_made_than_the_budget(budget: int, tmp_path: Path) -> None:
    judge = FakeJudge(polite_if_thankful)
    scorer = scorer_of(tmp_path, POLITE, judge)
    standard = standard_in(tmp_path, scorer)
    before = len(judge.asked)
    search, exploit = searched(scorer, standard, budget=budget)
    assert len(judge.asked) - before == search.calls <= budget
    assert exploit.candidate.attempt.reward in (0.0, 1.0)


def test_a_search_ends_where_every_bad_answer_earns_the_bar(tmp_path: Path) -> None:
    scorer = scorer_of(tmp_path, POLITE, FakeJudge())
    search = Search(scorer, known_of(scorer.definition), BUDGET, 0)
    assert search.run([standard_in(tmp_path, scorer)]) is None
    assert search.stopped == "every bad answer earns the bar as it is"


def test_ctrl_c_keeps_what_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = scorer_of(tmp_path, POLITE, FakeJudge(polite_if_thankful))
    standard = standard_in(tmp_path, scorer)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rewardctl.attacks.search.mutate", interrupted)
    search, exploit = searched(scorer, standard)
    assert (exploit.candidate.attempt.text, search.stopped) == (BAD, "interrupted")


def test_the_exploit_says_how_far_it_is_from_honest_answers(tmp_path: Path) -> None:
    scorer = scorer_of(tmp_path, KEYWORD_LEAK)
    _, exploit = searched(scorer, standard_in(tmp_path, scorer))
    report = exploit.as_json()
    assert report["steps_made"] == len(report["steps"]) >= 1
    assert 0.0 < report["edited"] <= 1.0
    assert 0.0 <= report["honest_share"] < 1.0
    assert report["rewards_on_the_way"][-1] == report["reward"] >= report["bar"]


def honest_but_for_code(question: Question, _model: Model) -> Reply:
    """A judge of contract-review without the stand-in's weaknesses.

    It says yes to a comment only if a person wrote it in a good review of this contract, and to the coverage
    only if all are such. Whether the excerpt is grounded is left to what code checks.
    """
    contract = question.documents["target_contract"]
    honest = [_written(item, contract) in HONEST_COMMENTS for item in question.items]
    answers: dict[tuple[str, int | None], str] = {
        (leaf.criterion.name, leaf.item): "no"
        for leaf in question.leaves
        if leaf.criterion.name != "TargetDocument_Grounding"
        and not (honest[leaf.item] if leaf.item is not None else all(honest))
    }
    return replied(question, answers)


def _written(comment: Mapping[str, Any], contract: str) -> tuple[str, ...]:
    return contract, str(comment.get("text_excerpt")), str(comment.get("recommended_action"))


REVIEWS = str(ROOT / "events" / "contract_review_batch.json")
GOOD_REVIEWS, BAD_REVIEWS = "*-good-*", "*-misquote,*-reference-quoted,*-generic,*-judge-instruction"
HONEST_COMMENTS = {
    _written(comment, task.reference_answer["target_document"])
    for task in read_tasks(REVIEWS, worth_of(GOOD_REVIEWS), count=9, seed=0).tasks
    for text in task.good
    for comment in json.loads(text)["comments"]
}


@pytest.mark.parametrize("seed", range(3))
def test_contract_review_pays_no_exploit_but_through_criteria_that_match_words(seed: int) -> None:
    """The stand-in pays exploits by Reference_Consistency, Actionability and Coverage. Without these it is
    quotes alone, 1 of 4 by quotes_source and 1.2 of 4 * 3 / 4 by grounding: 0.25 + 0.225 = 0.475 at most."""
    definition = load_definition("contract-review")
    scorer = Scorer(definition, FakeJudge(honest_but_for_code))
    tasks = read_tasks(REVIEWS, worth_of(GOOD_REVIEWS, bad=BAD_REVIEWS), count=4, seed=0).tasks
    standards, without = standards_of(tasks, scorer)
    assert (without, {standard.bar for standard in standards}) == ((), {1.0})
    search, exploit = searched(scorer, *standards, seed=seed)
    assert not exploit.succeeds
    assert search.first_success is None
    assert exploit.candidate.attempt.reward <= 0.475 + 1e-9


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_mutation_changes_an_answer(name: str, tmp_path: Path) -> None:
    (task,) = tasks_of(tmp_path, [*ROWS, row("b-bad", "Eight eggs are left over here.")]).tasks
    pool = pool_of(task, known_of(load_definition("reasoning")))
    texts = {
        MUTATIONS[name](random.Random(seed), "First point here. Second point.", pool) for seed in range(9)
    }
    assert texts != {"First point here. Second point."}
    assert not any(GOOD in text for text in texts), "a good answer is no material of a hack"


def test_most_changes_of_a_json_answer_stay_json(tmp_path: Path) -> None:
    text = json.dumps({"comments": [{"note": "Nobody pays. Ever."}, {"note": "Late."}], "n": 1})
    (task,) = tasks_of(tmp_path, [row("a-good", '{"comments": []}'), row("a-bad", text)]).tasks
    pool = pool_of(task, known_of(load_definition("contract-review")))
    changed = [mutate(random.Random(seed), text, pool)[0] for seed in range(200)]

    def is_json(answer: str) -> bool:
        try:
            return bool(json.loads(answer)["n"] == 1)
        except ValueError:
            return False

    # About 15 of 100 changes take the answer as a text, which mostly breaks it.
    assert sum(map(is_json, changed)) >= 140
