"""Starting points of `rewardctl new`: a definition with an event, labels and cases that fit it."""

from collections.abc import Mapping

MINIMAL = "minimal"

SHIPPED_ROWS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "contract-review": ("contract_review_batch", ("saas-good-1", "saas-mixed", "saas-broken-json")),
    "instruction-following": (
        "instruction_following",
        ("mail-good", "mail-without-contact", "mail-refusal", "mail-opener-only"),
    ),
    "math-answer": ("nova_training_math", ("tulips-a", "tulips-hedge", "tulips-empty")),
    "rag-faithfulness": (
        "rag_faithfulness",
        ("seal-good", "seal-another-passage", "seal-invented", "seal-opener-only"),
    ),
    "reasoning": ("reasoning", ("tank-good", "tank-answer-alone", "tank-fine-steps-wrong-answer")),
    "structured-output": ("structured_output", ("ticket-right", "ticket-half", "ticket-guesses-to-please")),
    "summarization": ("summarization", ("call-good", "call-half", "call-invents")),
}
"""For each shipped definition an event in ``events/``, and some of its rows of one prompt, best first."""

NAMES = (MINIMAL, *SHIPPED_ROWS)
"""The names of the starting points."""
