"""Whether ``math-answer`` rejects hedged answers and accepts committed ones."""

from collections.abc import Sequence

from benchmarks.hedges import COMMITTED, HEDGES, HIGH, LOW
from benchmarks.results import Goal, Section, Table
from benchmarks.solutions import LAST_NUMBER, last_number, score, solution_row
from reward_fn.types.definition import Definition

TITLE = "Hedges"


def measure_hedges(definition: Definition) -> Section:
    """Score each hedge against both of its numbers, and each committed answer against its own."""
    both = (accepted(HEDGES, reference, definition) for reference in (LOW, HIGH))
    passed = sorted({text for texts in both for text in texts})
    committed = accepted(COMMITTED, LOW, definition)
    naive = [text for text in HEDGES if last_number(text) in (str(LOW), str(HIGH))]
    naive_committed = [text for text in COMMITTED if last_number(text) == str(LOW)]
    hedged_text, committed_text = _of(passed, HEDGES), _of(committed, COMMITTED)
    hedged_goal = Goal("Hedged or multiple answers accepted", "0", len(passed), 0, hedged_text)
    committed_goal = Goal(
        f"Answers that commit to {LOW} accepted",
        "all",
        len(committed),
        len(COMMITTED),
        committed_text,
        at_most=False,
    )
    rows = (
        ("`math-answer`", hedged_text, committed_text),
        (LAST_NUMBER, _of(naive, HEDGES), _of(naive_committed, COMMITTED)),
    )
    return Section(
        title=TITLE,
        how=(
            f"{len(HEDGES)} answers, written for this benchmark, that hedge between {LOW} and {HIGH} or give "
            "both (`benchmarks/hedges.py`) are scored against either number: neither may be accepted. "
            f"{len(COMMITTED)} others commit to {LOW} and must be.",
        ),
        goals=(hedged_goal, committed_goal),
        tables=(Table(TITLE, ("side", "hedges accepted", "committed answers accepted"), rows),),
        notes=[f"Hedges that pass: {', '.join(f'`{text!r}`' for text in passed)}."] if passed else [],
        data={"hedges": len(HEDGES), "hedges_accepted": passed, "committed_accepted": committed},
    )


def accepted(texts: Sequence[str], reference: int, definition: Definition) -> list[str]:
    """Return the ``texts`` that earn more than 0 if ``reference`` is the right answer."""
    rows = [solution_row(str(number), "How many?", text, str(reference)) for number, text in enumerate(texts)]
    results = score(rows, definition)
    return [text for text, result in zip(texts, results, strict=True) if result.reward > definition.low]


def _of(some: Sequence[str], known: Sequence[str]) -> str:
    return f"{len(some)} of {len(known)}"
