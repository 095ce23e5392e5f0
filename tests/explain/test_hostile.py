"""Whatever a rollout or a judge writes, an explanation is made and can be shown without harm."""

import io
import json
import unicodedata
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from reward_fn.definition.load import load_definition
from reward_fn.judge.base import Model, Question, Reply
from rewardctl.explain.explain import explain
from rewardctl.explain.terminal import show
from tests.explain.records import records_of
from tests.factory import row
from tests.unit.fake_judge import replied

PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *(
                "\x1b[2J",
                "\u202e",
                "[/bold]",
                "\u27e61",
                "\ud800",
                "\x00",
                "...",
                "\u2026",
                '"',
                "\\",
                "A: 18",
                "{",
                "]",
            ),
            *("<answer>", "```json\n", "The tenant shall pay the rent in advance", "\\boxed{18}", "\n"),
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)
EXCERPT = st.fixed_dictionaries({"type": st.just("risk"), "text_excerpt": TEXTS, "recommended_action": TEXTS})
REVIEWS = st.lists(EXCERPT, min_size=1, max_size=4).map(lambda comments: json.dumps({"comments": comments}))
SOURCE = "The tenant shall pay the rent in advance, on the first working day of each month."


def shown(records: list[dict[str, Any]], definition: str) -> str:
    served = load_definition(definition)
    output = io.StringIO()
    for record in records:
        explanation = explain(record, records, served)
        assert "".join(segment.text for segment in explanation.response.segments) == explanation.response.text
        assert explanation.steps[-1].value == record["reward"]
        json.dumps(explanation.reward)
        show(explanation, Console(width=80, file=output), full=True)
    return output.getvalue()


def is_harmless(text: str) -> bool:
    return all(
        character == "\n" or character.isprintable() or unicodedata.category(character) == "Zs"
        for character in text
    )


@settings(max_examples=60)
@given(TEXTS, TEXTS, TEXTS)
def test_any_answer_prompt_and_id_can_be_shown(response: str, prompt: str, identity: str) -> None:
    records = records_of(
        load_definition("math-answer"), [row(response, prompt=prompt, id=identity, reference_answer="18")]
    )
    assert is_harmless(shown(records, "math-answer"))


@settings(max_examples=60)
@given(REVIEWS | TEXTS, TEXTS)
def test_any_review_and_any_evidence_can_be_shown(response: str, evidence: str) -> None:
    def answer(question: Question, _model: Model) -> Reply:
        reply = replied(question, {})
        for item in reply.content["items"]:
            item["TargetDocument_Grounding"]["evidence"] = evidence
        return reply

    reference = {"target_document": SOURCE, "reference": "Rent is paid in arrears. " + SOURCE}
    records = records_of(
        load_definition("contract-review"), [row(response, reference_answer=reference)], answer
    )
    assert is_harmless(shown(records, "contract-review"))
