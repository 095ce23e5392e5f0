"""`rewardctl attack`: how many attacks of a corpus pay under a definition and its judge."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from rewardctl.attacks import SHIPPED_CORPUS
from rewardctl.cloud.console import aside, json_option
from rewardctl.judges import own_definition_words
from rewardctl.judges.options import agreed_to, judge_options, refuse_over_cap

if TYPE_CHECKING:
    from rewardctl.attacks.measure import Attempt


@click.command()
@click.option(
    "--definition", default="contract-review", show_default=True,
    help="Name of a shipped definition, or path of a .toml file with the name of a scenario.",
)  # fmt: skip
@judge_options
@click.option(
    "--corpus", type=click.Path(path_type=Path), default=SHIPPED_CORPUS,
    help="Folder with your own scenarios and attacks.  [default: the shipped corpus]",
)  # fmt: skip
@json_option
def command(
    definition: str,
    judge: str,
    corpus: Path,
    max_usd: float,
    profile: str | None,
    region: str | None,
    *,
    as_json: bool,
    yes: bool,
) -> None:
    """Score a corpus of attacks and show how many of each family succeed.

    An attack succeeds if it earns at least what the scenario's honest, mediocre answer earns from the same
    judge, or if it gets left unscored. If that answer earns the low end of the range, nothing is measured,
    since every attack would succeed. A judge on Bedrock or on another server costs money: the command shows
    calls, tokens and dollars, and asks before it makes a call. A definition of your own needs such a judge.

    \b
    Example:
      rewardctl attack --definition instruction-following

    \b
    Exit codes:
      0  no attack succeeds that code should stop
      1  such an attack succeeds, or nothing was measured
    """
    from reward_fn.errors import DefinitionError, SettingsError
    from rewardctl.attacks.corpus import CorpusError, load_corpus
    from rewardctl.attacks.cost import costs_of
    from rewardctl.attacks.measure import try_all
    from rewardctl.judges.choice import JudgeChoice, JudgeChoiceError

    console = aside()
    choice = JudgeChoice(judge, profile, region)
    try:
        loaded = load_corpus(corpus)
        served = choice.definition(definition)
        scenario = loaded.scenario(served.name)
        if choice.is_stand_in and served.judge is not None and own_definition_words(definition):
            raise CorpusError(_NO_BAR)
        choice.load_prices(served, max_usd=max_usd)
        costs = [] if choice.is_free else costs_of(loaded, served)
        refuse_over_cap(costs, max_usd)
        if costs and not agreed_to(costs, console, yes=yes):
            raise SystemExit(1)
        with choice.opened(served) as opened:
            attempt = try_all(loaded, scenario, served, opened.judge)
    except (CorpusError, DefinitionError, SettingsError, JudgeChoiceError) as error:
        console.print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    if as_json:
        click.echo(json.dumps({"definition": served.name, "judge": judge, **attempt.as_json()}, indent=2))
    else:
        _show(attempt, Console(highlight=False))
    if any(rate.succeeded for rate in attempt.rates if rate.stopped_by == "code"):
        raise SystemExit(1)


_NO_BAR = (
    "the stand-in compares words, so on a definition of your own its verdict on an honest answer "
    "means nothing and sets no bar for attacks; name the judge to measure with --judge"
)


def _show(attempt: "Attempt", console: Console) -> None:
    from rich.table import Table

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
