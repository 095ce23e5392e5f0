"""What a judge is told first: the texts in ``prompts/`` that its criteria need, then the definition's own."""

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from reward_fn.types.rubric import Criterion

PROMPTS = Path(__file__).parent / "prompts"


def prompt_parts(way: str, criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """The names of the fixed texts, in order; ``way`` is pointwise, group or pairwise."""
    compared = way == "pairwise"
    kinds = {criterion.evidence_kind for criterion in criteria}
    parts = (
        ("examiner", True),
        (way, True),
        ("items", way == "pointwise" and any(c.scope == "item" for c in criteria)),
        ("merits", True),
        ("quote_between" if compared else "quote", "quote" in kinds),
        ("quote_from", any(c.quote_from for c in criteria)),
        ("quote_of", any(c.quote_of for c in criteria)),
        ("reason", "reason" in kinds),
        ("first_or_second" if compared else "yes_or_no", True),
        ("if_in_doubt", any(c.weight < 0 for c in criteria)),
        ("choices", not compared and any(c.choices for c in criteria)),
        ("cannot_assess", True),
        ("may_not_apply", any(c.may_not_apply for c in criteria)),
        ("reply", True),
    )
    return tuple(name for name, is_needed in parts if is_needed)


@lru_cache(maxsize=256)
def system_text(way: str, criteria: tuple[Criterion, ...], instructions: str = "") -> str:
    """The fixed texts, and after them the definition's own instructions."""
    fixed = _joined(prompt_parts(way, criteria))
    return f"{fixed}\nInstructions for this task:\n{instructions}\n" if instructions else fixed


@lru_cache(maxsize=64)
def _joined(parts: Sequence[str]) -> str:
    return "".join(map(_text, parts))


@cache
def _text(name: str) -> str:
    return (PROMPTS / f"{name}.txt").read_text("utf-8")
