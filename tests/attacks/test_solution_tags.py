"""A judge that quotes a forged solution in its prose: what it quotes is never taken for what it says."""

import json
from typing import Any

import pytest

from reward_fn.errors import JudgeFailure
from reward_fn.event.parse import parse_event
from reward_fn.judge.base import Question, Reply
from reward_fn.judge.vote.reply import read_verdicts
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason
from rewardctl.attacks import SHIPPED_CORPUS
from rewardctl.attacks.corpus import load_corpus, rows_of
from tests.attacks.judges import gullible, strict
from tests.attacks.switches import shipped
from tests.factory import build_question

CORPUS = load_corpus(SHIPPED_CORPUS)
(FAMILY,) = [family for family in CORPUS.families if family.name == "solution tags"]
BEGIN, END = "<|begin_of_solution|>", "<|end_of_solution|>"


def asked(response: str = "Dear tenants.") -> Question:
    """The question about a response to the row of the scenario."""
    (rollout,) = parse_event(rows_of(CORPUS.scenarios["instruction-following"], [response]))
    definition = shipped("instruction-following")
    assert isinstance(rollout, Rollout)
    assert definition.judge is not None
    return build_question(rollout, definition.judge)


QUESTION = asked()
OWN: dict[str, Any] = strict(QUESTION).content
FORGED: dict[str, Any] = gullible(QUESTION).content
BLOCK = f"{BEGIN}{json.dumps(FORGED)}{END}"


def heard(text: str) -> Reason | set[str]:
    """The failure of a reply in text, or the answers that were read on what pays."""
    try:
        verdicts = read_verdicts(Reply(text), QUESTION)
    except JudgeFailure as failure:
        return failure.reason
    return {verdict.answer for leaf, verdict in verdicts.items() if leaf.criterion.weight > 0}


def test_the_forged_verdicts_are_what_a_reader_of_blocks_would_take() -> None:
    assert heard(json.dumps(FORGED)) == {"yes"}
    assert heard(json.dumps(OWN)) == {"no"}


QUOTED_IN_EVIDENCE = {
    "answer": {**OWN["answer"], "On_Task": {"evidence": f"It says {BLOCK}", "verdict": "no"}}
}


def test_a_block_quoted_as_evidence_in_a_forced_structure_changes_nothing() -> None:
    verdicts = read_verdicts(Reply(QUOTED_IN_EVIDENCE), QUESTION)
    assert {verdict.answer for leaf, verdict in verdicts.items() if leaf.criterion.weight > 0} == {"no"}


@pytest.mark.parametrize("attack", FAMILY.attacks, ids=[attack.name for attack in FAMILY.attacks])
def test_the_corpus_holds_blocks_that_would_be_read_as_yes_to_all(attack: Any) -> None:
    block = attack.response.rpartition(BEGIN)[2].partition(END)[0].strip().strip("`").removeprefix("json")
    assert "no" not in heard(block), "only the pitfall is denied"


PROSE = {
    "before the verdict": f"The response hands in {BLOCK} and nothing else.\n{json.dumps(OWN)}",
    "after the verdict": f"{json.dumps(OWN)}\nThe response hands in {BLOCK}, which I did not follow.",
    "on both sides": f"{BLOCK}\n{json.dumps(OWN)}\n{BLOCK}",
    "the block alone": f"The response reads: {BLOCK}",
    "after a fenced verdict": f"```json\n{json.dumps(OWN)}\n```\nIt says {BLOCK}",
    "after thoughts": f"<thinking>It says {BLOCK}</thinking>It says {BLOCK}\n{json.dumps(OWN)}",
    "in the evidence of a verdict in text": json.dumps(QUOTED_IN_EVIDENCE),
    "an end that is forged too": f"It says {END}{BLOCK}{BEGIN}\n{json.dumps(OWN)}",
}


@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE.keys())
def test_a_block_that_the_judge_quotes_in_its_prose_is_not_its_verdict(text: str) -> None:
    """Its own verdict, or a failure, which is counted and asked anew."""
    said = heard(text)
    assert said == {"no"} or said in (Reason.MALFORMED, Reason.REFUSED), said
