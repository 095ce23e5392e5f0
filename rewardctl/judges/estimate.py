"""What judge calls will cost, before any call is made: calls, tokens and US dollars of each model."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from reward_fn.event.parse import parse_rows
from reward_fn.judge.ask.reply_size import EVIDENCE_WORDS, OPENING_TOKENS, TOKENS_PER_WORD
from reward_fn.judge.base import Question
from reward_fn.judge.models.facts import list_date
from reward_fn.judge.models.prices import has_price, price_of
from reward_fn.pipeline import examine
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from reward_fn.types.rubric import JudgeSpec
from rewardctl.data import Line, Row, rows_in
from rewardctl.judge_demand import Role, calls_by_model, questions_about, tokens_of

ENGLISH_TOKENS_PER_WORD = 1.1
"""As counted for :mod:`reward_fn.judge.ask.reply_size`."""

ROLE_WORDS: dict[Role, str] = {
    "voter": "called always",
    "fallback": "called only if another model fails",
    "escalation": "called only if voters differ or are unsure",
}


class ModelCost(NamedTuple):
    """What one model costs. Retries are not included.

    Input tokens are estimated from characters. ``output_tokens`` is the limit of all replies,
    ``usual_output_tokens`` what they take if the evidence is in English and as long as requested. ``usd`` is
    the price with replies at their limit, ``usual_usd`` with usual ones.
    """

    model: str
    role: Role
    calls: int
    input_tokens: int
    output_tokens: int
    usd: float
    usual_output_tokens: int = 0
    usual_usd: float = 0.0


def costs_of_questions(questions: Iterable[Question], spec: JudgeSpec, times: float = 1.0) -> list[ModelCost]:
    """One cost for each model that may be called for ``times`` as many questions as these; [] for none."""
    sizes = [(*tokens_of(question), _usual_reply_tokens(question)) for question in questions]
    if not sizes:
        return []
    costs = []
    for model, calls, role in calls_by_model(spec):
        read, written, usual = (round(times * calls * sum(tokens)) for tokens in zip(*sizes, strict=True))
        price = price_of(model)
        count = round(times * calls * len(sizes))
        usd = price.of(read, written), price.of(read, usual)
        costs.append(ModelCost(model, role, count, read, written, usd[0], usual, usd[1]))
    return costs


def costs_of_rows(
    batches: Iterable[Sequence[Line]], total_lines: int, definition: Definition
) -> list[ModelCost]:
    """The costs of ``total_lines`` lines, by the judge calls that a sample needs after its gates."""
    if definition.judge is None:
        return []
    questions: list[Question] = []
    sampled = 0
    for batch in batches:
        values = [row.value for line in batch for row in rows_in(line) if isinstance(row, Row)]
        examined = [examine(entry, definition) for entry in parse_rows(values)]
        materials = [e.material for e in examined if isinstance(e, Examined) and e.material is not None]
        questions += questions_about(materials, definition.judge)
        sampled += len(batch)
    return costs_of_questions(questions, definition.judge, total_lines / max(sampled, 1))


def _usual_reply_tokens(question: Question) -> int:
    """The reply's tokens if each piece of evidence has the requested length and is in English."""
    kinds = [leaf.criterion.evidence_kind for leaf in question.leaves]
    spare = sum((TOKENS_PER_WORD - ENGLISH_TOKENS_PER_WORD) * EVIDENCE_WORDS[kind] for kind in kinds)
    return max(1, round(question.max_tokens - spare - OPENING_TOKENS))


def cost_lines(costs: Sequence[ModelCost]) -> Iterator[str]:
    """The costs in words: each model, then the sum without fallbacks, and how current the prices are."""
    billed = [cost for cost in costs if cost.role != "fallback"]
    if not billed:
        yield "No judge is called, so it costs nothing."
        return
    for cost in costs:
        yield f"{cost.model}, {ROLE_WORDS[cost.role]}:"
        unknown = "" if has_price(cost.model) else " (no price is known: set JUDGE_PRICES)"
        yield f"  {_words([cost])}{unknown}"
    yield f"All together {_words(billed)}."
    yield f"Prices of {list_date()}; retries and fallbacks are not included."


def _words(costs: Sequence[ModelCost]) -> str:
    calls = sum(cost.calls for cost in costs)
    read = sum(cost.input_tokens for cost in costs)
    usual = sum(cost.usual_output_tokens for cost in costs), sum(cost.usual_usd for cost in costs)
    most = sum(cost.output_tokens for cost in costs), sum(cost.usd for cost in costs)
    return (
        f"{calls:,} calls, {read:,} tokens in, {usual[0]:,} to {most[0]:,} out, "
        f"${usual[1]:.2f} to ${most[1]:.2f}"
    )
