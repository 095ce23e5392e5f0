"""What measuring a corpus costs: calls, tokens and US dollars of each model, before any call is made."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reward_fn.event.parse import parse_event
from reward_fn.judge.base import Question
from reward_fn.judge.models.prices import list_date, price_of
from reward_fn.pipeline import examine
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from rewardctl.attacks.corpus import Corpus, attacks_on, rows_of
from rewardctl.judge_demand import Role, calls_by_model, questions_about, tokens_of

ROLE_WORDS: dict[Role, str] = {
    "voter": "called always",
    "fallback": "called only if another model fails",
    "escalation": "called only if voters differ or are unsure",
}


class ModelCost(NamedTuple):
    """The most that one model costs: calls, tokens in both directions, and US dollars by the price list.

    Input tokens are estimated from characters; output tokens are the limit of each reply.
    """

    model: str
    role: Role
    calls: int
    input_tokens: int
    output_tokens: int
    usd: float


def costs_of(corpus: Corpus, definition: Definition) -> list[ModelCost]:
    """One cost for each model that may be called; [] if no judge is called.

    Raises CorpusError if the corpus has no scenario for the definition.
    """
    questions = list(_questions(corpus, definition))
    if definition.judge is None or not questions:
        return []
    sizes = [tokens_of(question) for question in questions]
    costs = []
    for model, calls, role in calls_by_model(definition.judge):
        read, written = (calls * sum(tokens) for tokens in zip(*sizes, strict=True))
        usd = price_of(model).of(read, written)
        costs.append(ModelCost(model, role, calls * len(questions), read, written, usd))
    return costs


def cost_lines(costs: Sequence[ModelCost]) -> Iterator[str]:
    """The costs in words: each model, then the sum without fallbacks, and how current the prices are."""
    billed = [cost for cost in costs if cost.role != "fallback"]
    if not billed:
        yield "No judge is called, so it costs nothing."
        return
    for cost in costs:
        yield f"{cost.model}, {ROLE_WORDS[cost.role]}:"
        yield f"  {_words(cost.calls, cost.input_tokens, cost.output_tokens, cost.usd)}"
    calls, read, written, usd = (sum(values) for values in zip(*(cost[2:] for cost in billed), strict=True))
    yield f"All together at most {_words(calls, read, written, usd)}."
    yield f"Prices of {list_date()}; retries and fallbacks are not included."


def _words(calls: int, read: int, written: int, usd: float) -> str:
    return f"{calls:,} calls, {read:,} tokens in, {written:,} tokens out, ${usd:.2f}"


def _questions(corpus: Corpus, definition: Definition) -> Iterator[Question]:
    """The questions about the honest answers and all attacks, each alone in its batch."""
    scenario = corpus.scenario(definition.name)
    attacks = [attack.response for _, attack in attacks_on(corpus, definition.name)]
    for entry in parse_event(rows_of(scenario, [scenario.mediocre, scenario.good, *attacks])):
        examined = examine(entry, definition)
        if isinstance(examined, Examined) and examined.material is not None and definition.judge is not None:
            yield from questions_about([examined.material], definition.judge)
