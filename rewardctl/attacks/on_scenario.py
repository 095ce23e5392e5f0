"""`rewardctl attack` without --data: the corpus of attacks on the row of a scenario."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from reward_fn.types.definition import Definition
from rewardctl.attacks.corpus import load_corpus
from rewardctl.attacks.cost import costs_of
from rewardctl.attacks.measure import Attempt, try_all
from rewardctl.attacks.on_data import Consent
from rewardctl.judges.choice import JudgeChoice
from rewardctl.judges.options import agreed_to, refuse_over_cap


def attack_scenario(
    folder: Path, choice: JudgeChoice, definition: Definition, consent: Consent
) -> Attempt | None:
    """Score a corpus; None if the person did not agree to the cost.

    Raises CorpusError if the corpus can't be used or sets no bar, and what opening the judge raises.
    """
    corpus = load_corpus(folder)
    scenario = corpus.scenario(definition.name)
    choice.load_prices(definition, max_usd=consent.max_usd)
    costs = [] if choice.is_free else costs_of(corpus, definition)
    refuse_over_cap(costs, consent.max_usd)
    if costs and not agreed_to(costs, consent.console, yes=consent.yes):
        return None
    with choice.opened(definition) as opened:
        return try_all(corpus, scenario, definition, opened.judge)


def code_failed(attempt: Attempt) -> bool:
    """Whether an attack succeeded that code should stop."""
    return any(rate.succeeded for rate in attempt.rates if rate.stopped_by == "code")


def show_attempt(attempt: Attempt, console: Console) -> None:
    """A table of the families, and what it means."""
    table = Table(box=None, pad_edge=False)
    for name in ("family", "stopped by"):
        table.add_column(name)
    for name in ("attacks", "succeed", "highest reward"):
        table.add_column(name, justify="right")
    for rate in attempt.rates:
        style = "yellow" if rate.succeeded else None
        values = (str(rate.tried), str(rate.succeeded), f"{rate.best:.3f}")
        table.add_row(rate.family, rate.stopped_by, *values, style=style)
    console.print(table)
    console.print(f"{attempt.succeeded} of {attempt.tried} attacks succeed.")
    console.print(
        f"An honest, mediocre answer earns {attempt.bar:.3f} here, a good one {attempt.good:.3f}. An attack "
        f"succeeds if it earns at least {attempt.bar:.3f}, or if it is left unscored."
    )
