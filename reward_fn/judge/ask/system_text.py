"""The system prompt: the texts in ``prompts/`` that mode and criteria need, then the definition's text."""

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from reward_fn.judge.ask.mode import Mode
from reward_fn.types.rubric import Criterion

PROMPTS = Path(__file__).parent / "prompts"


def prompt_parts(mode: Mode, criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """The names of the texts in ``prompts/`` that a mode and its criteria need, in order."""
    kinds = {criterion.evidence_kind for criterion in criteria}
    parts = (
        ("examiner", True),
        (mode.prompt, True),
        ("items", mode.takes_items and any(c.scope == "item" for c in criteria)),
        ("merits", True),
        (mode.quote_prompt, "quote" in kinds),
        ("quote_from", any(c.quote_from for c in criteria)),
        ("quote_of", any(c.quote_of for c in criteria)),
        ("reason", "reason" in kinds),
        (mode.verdict_prompt, True),
        ("if_in_doubt", any(c.weight < 0 for c in criteria)),
        ("choices", mode.takes_choices and any(c.choices for c in criteria)),
        ("cannot_assess", True),
        ("may_not_apply", any(c.may_not_apply for c in criteria)),
        ("reply", True),
    )
    return tuple(name for name, is_needed in parts if is_needed)


@lru_cache(maxsize=256)
def system_text(mode: Mode, criteria: tuple[Criterion, ...], instructions: str = "") -> str:
    """The fixed texts, followed by the definition's own instructions."""
    fixed = _joined(prompt_parts(mode, criteria))
    return f"{fixed}\nInstructions for this task:\n{instructions}\n" if instructions else fixed


@lru_cache(maxsize=64)
def _joined(parts: Sequence[str]) -> str:
    return "".join(map(_text, parts))


@cache
def _text(name: str) -> str:
    return (PROMPTS / f"{name}.txt").read_text("utf-8")
