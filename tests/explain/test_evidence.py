"""The criteria of an explanation: verdicts, votes, and where their evidence stands."""

import json
from pathlib import Path
from typing import Any

import pytest

from reward_fn.judge.base import Model, Question, Reply
from reward_fn.judge.models.catalogue import TIERS
from rewardctl.explain.explain import explain
from rewardctl.explain.parts import AnswerLine, CriterionLine
from rewardctl.explain.places import place_of
from tests import factory
from tests.explain.records import metrics_only, records_of
from tests.factory import row
from tests.unit.fake_judge import replied

DOCUMENT = "Preamble. The tenant shall **pay** the rent\n  in advance, on the first working day. Other terms."
TOML = """
name = "evidence"
[judge]
model = "medium"
{more}
[[judge.document]]
name = "lease"
source = ["reference_answer"]
[[judge.criterion]]
name = "Grounded"
question = \"\"\"
Is it
grounded?\"\"\"
quote_from = ["lease"]
maps_to = "accept_rate"
weight = 2.0
[[judge.criterion]]
name = "Polite"
question = "Is it polite?"
evidence = "none"
essential = true
"""


def criteria(folder: Path, evidence: str, more: str = "", verdict: str = "yes") -> dict[str, CriterionLine]:
    def answer(question: Question, _model: Model) -> Reply:
        reply = replied(question, {("Grounded", None): verdict})
        reply.content["answer"]["Grounded"]["evidence"] = evidence
        return reply

    served = factory.definition(folder, TOML.format(more=more))
    (record,) = records_of(served, [row("Rent is due.", reference_answer=DOCUMENT)], answer)
    return {line.name: line for line in explain(record, [], served).criteria}


def test_a_quote_is_shown_in_its_document_with_context(tmp_path: Path) -> None:
    got = criteria(tmp_path, "the Tenant shall pay the rent in advance")
    (answer,) = got["Grounded"].answers
    (place,) = answer.places
    assert answer.search == "found in lease"
    assert place.quote == "The tenant shall **pay** the rent\n  in advance"
    assert DOCUMENT[place.start : place.end] == place.quote
    assert (place.before, place.after) == ("Preamble. ", ", on the first working day. Other terms.")
    assert not place.exact


def test_a_quote_that_stands_nowhere_turns_the_yes_into_a_no_and_says_so(tmp_path: Path) -> None:
    (answer,) = criteria(tmp_path, "The landlord shall pay the rent in arrears")["Grounded"].answers
    assert answer == AnswerLine(
        None,
        "no",
        0.0,
        "The landlord shall pay the rent in arrears",
        unsupported=True,
        search="not found in lease",
    )


def test_a_criterion_has_its_question_weight_and_share_of_the_rubric(tmp_path: Path) -> None:
    got = criteria(tmp_path, "The tenant shall pay the rent")
    grounded, polite = got["Grounded"], got["Polite"]
    assert (grounded.question, grounded.weight, grounded.maps_to) == ("Is it grounded?", 2.0, "accept_rate")
    assert grounded.share == pytest.approx(2 / 3)
    assert polite.share == pytest.approx(1 / 3)
    assert polite.essential
    assert polite.answers == (AnswerLine(None, "yes", 1.0),)


def test_a_verdict_from_a_table_has_no_quote_to_search_for(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, TOML.format(more=""))
    (record,) = records_of(served, [row("Rent is due.", reference_answer=DOCUMENT)])
    for verdict in record["verdicts"]:
        verdict["evidence"] = ""
    (grounded, _) = explain(record, [], served).criteria
    assert grounded.answers[0].search == "no quote in the record, which a verdict from a table does not keep"


def test_each_vote_of_a_panel_is_shown(tmp_path: Path) -> None:
    def answer(question: Question, model: Model) -> Reply:
        is_second = model.model_id == TIERS["heavyweight"]
        return replied(question, {("Polite", None): "no" if is_second else "yes"})

    panel = ("medium", "heavyweight", "medium-claude")
    toml = TOML.format(more=f"panel = {list(panel)}").replace('model = "medium"\n', "")
    served = factory.definition(tmp_path, toml)
    (record,) = records_of(served, [row("Rent is due.", reference_answer=DOCUMENT)], answer)
    polite = explain(record, [], served).criteria[1]
    assert polite.answers[0].answer == "yes"
    votes = {vote.model: (vote.answer, vote.worth) for vote in polite.answers[0].votes}
    assert votes == dict(
        zip(map(TIERS.__getitem__, panel), [("yes", 1.0), ("no", 0.0), ("yes", 1.0)], strict=True)
    )


def test_without_verdicts_the_reported_scores_are_shown(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, TOML.format(more=""))
    (record,) = records_of(served, [row("Rent is due.", reference_answer=DOCUMENT)])
    got = explain(metrics_only(record), [], served)
    assert [(line.name, line.score, line.answers) for line in got.criteria] == [
        ("Grounded", 1.0, ()),
        ("Polite", 1.0, ()),
    ]


def test_the_items_are_the_elements_that_the_judge_was_asked_about(tmp_path: Path) -> None:
    toml = TOML.format(more='items = "comments"\nmin_items = 1').replace(
        'quote_from = ["lease"]', 'quote_from = ["lease"]\nscope = "item"\nquote_of = "excerpt"'
    )
    served = factory.definition(tmp_path, toml)
    comments: list[dict[str, Any]] = [
        {"excerpt": "The tenant shall pay the rent"},
        {"excerpt": "Other words that stand in no lease"},
    ]

    def answer(question: Question, _model: Model) -> Reply:
        reply = replied(question, {})
        for item in reply.content["items"]:
            item["Grounded"]["evidence"] = "The tenant shall pay the rent"
        return reply

    response = json.dumps({"comments": comments})
    (record,) = records_of(served, [row(response, reference_answer=DOCUMENT)], answer)
    got = explain(record, [], served)
    assert [json.loads(item) for item in got.items] == comments
    first, second = got.criteria[0].answers
    assert (first.item, first.answer, first.search) == (0, "yes", "found in lease")
    assert (second.item, second.answer) == (1, "no")
    assert second.search == "found in lease, but it shares no passage with the item's excerpt"


@pytest.mark.parametrize(
    ("quote", "span"),
    [
        ("rent\n  in advance, on the first", "rent\n  in advance, on the first"),
        ("RENT in advance, on the first working", "rent\n  in advance, on the first working"),
        (
            "The tenant shall ... first working day",
            "The tenant shall **pay** the rent\n  in advance, on the first working day",
        ),
    ],
)
def test_a_quote_is_found_as_verdicts_find_it(quote: str, span: str) -> None:
    place = place_of(quote, "lease", DOCUMENT)
    assert place
    assert place.quote == span


def test_a_quote_that_needs_folding_is_placed_to_a_few_characters() -> None:
    # The ligature and the full-width letters count as other letters; the place is still about right.
    wide = "\uff36\uff4f\uff52\uff41\uff55\uff53"
    text = f"Vorwort. Der Mieter verp\ufb02ichtet sich, den Mietzins im {wide} zu zahlen. Schluss."
    place = place_of("verpflichtet sich, den Mietzins im Voraus zu zahlen", "lease", text)
    assert place
    assert abs(place.start - text.index("verp")) <= 3
    assert "den Mietzins im" in place.quote
    assert not place.exact
