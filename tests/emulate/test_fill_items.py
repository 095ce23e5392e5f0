"""The stand-in answers a list of items, and writes as much evidence as each criterion asks for."""

import json
from typing import Any

import pytest

from reward_fn.judge.ask.prompt import build_question
from reward_fn.judge.base import Question, Reply
from reward_fn.judge.vote.reply import read_verdicts
from reward_fn.types.rubric import Criterion, Document
from rewardctl.emulate.broken import find_spots
from rewardctl.emulate.faults import content_key
from rewardctl.emulate.fill import fill, fill_default
from rewardctl.emulate.material import read_material
from tests.emulate.material import CONTRACT, GOOD, GUIDELINES, MISQUOTED
from tests.factory import rollout
from tests.unit.rubric import judge_spec

QUOTED = Criterion(
    *("Quoted", "Is the excerpt a quote from the contract?", 1.0, "item"),
    quote_from=("contract",),
    quote_of="text_excerpt",
)
USABLE = Criterion("Usable", "Is the recommended action concrete?", 1.0, "item", evidence="none")
WHY = Criterion("Why", "Is the recommended action concrete?", 1.0, "item", evidence="reason")


def question(*criteria: Criterion, items: int = 2) -> Question:
    comments = [GOOD, MISQUOTED, GOOD][:items]
    return asked_of(comments, *criteria)


def asked_of(comments: list[dict[str, str]], *criteria: Criterion) -> Question:
    texts = {"contract": CONTRACT, "guidelines": GUIDELINES}
    documents = tuple(Document(name, (f"metadata.{name}",)) for name in texts)
    spec = judge_spec(*criteria, items="comments", documents=documents)
    return build_question(rollout(json.dumps({"comments": comments}), metadata=texts), spec)


def answer(asked: Question) -> Any:
    return fill(asked.schema, read_material([asked.static, asked.variable]))


def said(asked: Question, value: Any) -> list[str]:
    return [str(verdict.answer) for verdict in read_verdicts(Reply(value), asked).values()]


def test_a_list_of_items_has_one_entry_for_each_with_its_number() -> None:
    asked = question(QUOTED, items=3)
    value = answer(asked)
    assert [level["item"] for level in value["items"]] == [1, 2, 3]
    assert said(asked, value) == ["yes", "no", "yes"]


def test_bare_verdicts_are_the_ones_that_would_stand_beside_evidence() -> None:
    asked = question(USABLE)
    value = answer(asked)
    assert value == {"items": [{"item": 1, "Usable": "yes"}, {"item": 2, "Usable": "no"}]}
    with_reason = question(WHY)
    assert said(asked, value) == said(with_reason, answer(with_reason))


def test_a_whole_answer_with_one_bare_criterion_is_answered_by_its_name() -> None:
    bare = Criterion("Usable", "Does the response tell the reader what to change?", evidence="none")
    asked = build_question(rollout("Delete the clause; it must not cap the fees."), judge_spec(bare))
    assert answer(asked)["answer"]["Usable"] in ("yes", "no")


@pytest.mark.parametrize("criterion", [QUOTED, WHY])
def test_evidence_is_as_long_as_it_is_asked_for_and_no_longer(criterion: Criterion) -> None:
    long = {**GOOD, "text_excerpt": CONTRACT, "recommended_action": f"Delete this clause. {CONTRACT}"}
    asked = asked_of([long], criterion)
    (level,) = answer(asked)["items"]
    words = level[criterion.name]["evidence"].split()
    assert len(words) == 12
    assert " ".join(words) in " ".join(f"{CONTRACT} Delete this clause. {CONTRACT}".split())


def test_without_a_schema_the_verdicts_are_the_same() -> None:
    asked = question(QUOTED, USABLE)
    value = fill_default(read_material([asked.static, asked.variable]))
    assert said(asked, value) == said(asked, answer(asked))


def test_every_item_and_criterion_with_evidence_is_a_spot_that_a_fault_can_break() -> None:
    assert len(find_spots(answer(question(QUOTED, USABLE, WHY)))) == 4
    assert len(find_spots(answer(question(USABLE)))) == 2


def test_two_calls_that_differ_in_their_random_codes_alone_are_one_content() -> None:
    # faults are drawn by content, so that a second attempt is the second draw of the same call
    first, second = question(QUOTED), question(QUOTED)
    assert first.variable != second.variable
    one, other = (f"{asked.static}\n{asked.variable}".encode() for asked in (first, second))
    assert content_key("m", one) == content_key("m", other)
