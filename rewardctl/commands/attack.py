"""`rewardctl attack`: how many attacks of a corpus pay under a definition and its judge."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from reward_fn.definition.load import load_definition
from reward_fn.errors import DefinitionError, SettingsError
from reward_fn.judge.base import Judge, Model, Question, Reply
from reward_fn.judge.judges import Judges
from reward_fn.judge.models.prices import load_prices
from reward_fn.judge.models.provider import is_default
from reward_fn.judge.vote.panel import models_of
from reward_fn.settings import Settings, read_settings
from rewardctl.attacks.corpus import SHIPPED_CORPUS, CorpusError, load_corpus
from rewardctl.attacks.cost import costs_of
from rewardctl.attacks.measure import Attempt, try_all
from rewardctl.cloud.clients import boto3_environment
from rewardctl.cloud.console import account_options, aside, json_option, yes_option
from rewardctl.emulate import Emulator
from rewardctl.judges.options import agreed_to
from rewardctl.local.environment import without_aws_setup

STAND_IN = "stand-in"
_STAND_IN_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@click.command()
@click.option(
    "--definition", default="contract-review", show_default=True,
    help="Name of a shipped definition, or path of a .toml file with the name of a scenario.",
)  # fmt: skip
@click.option(
    "--model", default=STAND_IN, show_default=True,
    help="Judge to measure: a tier or model id, called with your credentials, or the offline stand-in.",
)  # fmt: skip
@click.option(
    "--corpus", type=click.Path(path_type=Path), default=SHIPPED_CORPUS,
    help="Folder with your own scenarios and attacks.  [default: the shipped corpus]",
)  # fmt: skip
@account_options
@json_option
@yes_option
def command(
    definition: str,
    model: str,
    corpus: Path,
    profile: str | None,
    region: str | None,
    *,
    as_json: bool,
    yes: bool,
) -> None:
    """Score a corpus of attacks and show how many of each family succeed.

    An attack succeeds if it earns at least what the scenario's honest, mediocre answer earns from the same
    judge, or if it gets left unscored. A model other than the stand-in costs money: the command shows calls,
    tokens and dollars, and asks before it makes a call.

    \b
    Example:
      rewardctl attack --definition instruction-following

    \b
    Exit codes:
      0  no attack succeeds that code should stop
      1  such an attack succeeds, or nothing was measured
    """
    console = aside()
    try:
        loaded = load_corpus(corpus)
        served = load_definition(definition, judge_model="" if model == STAND_IN else model)
        scenario = loaded.scenario(served.name)
        if served.judge is not None:
            load_prices(models_of(served.judge), read_settings().judge_prices)
        if model != STAND_IN and not agreed_to(costs_of(loaded, served), console, yes=yes):
            raise SystemExit(1)
        with _judge(model, profile, region) as judge:
            attempt = try_all(loaded, scenario, served, judge)
    except (CorpusError, DefinitionError, SettingsError) as error:
        console.print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    if as_json:
        click.echo(json.dumps({"definition": served.name, "model": model, **attempt.as_json()}, indent=2))
    else:
        _show(attempt, Console(highlight=False))
    if any(rate.succeeded for rate in attempt.rates if rate.stopped_by == "code"):
        raise SystemExit(1)


@contextmanager
def _judge(model: str, profile: str | None, region: str | None) -> Iterator[Judge]:
    """The judge in the account and region of the caller, or one that calls a stand-in during the block.

    The stand-in is Bedrock's. It is called for a definition's models on other providers too.
    """
    from reward_fn.judge.providers.bedrock.judge import BedrockJudge

    if model != STAND_IN:
        with boto3_environment(profile, region):
            yield Judges(read_settings(), [model])
        return
    settings = Settings()
    with without_aws_setup(), Emulator() as emulator:
        os.environ.update(_STAND_IN_ACCOUNT, AWS_ENDPOINT_URL_BEDROCK_RUNTIME=emulator.url)
        yield _StandInJudge(
            BedrockJudge(max_workers=settings.judge_max_workers, timeout_s=settings.judge_timeout_s)
        )


class _StandInJudge:
    """Calls every model at the stand-in, whatever its provider."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:
        here = model if is_default(model.name) else replace(model, place="")
        return self._judge.ask(question, here, within_s=within_s)

    def warm(self) -> None:
        self._judge.warm()


def _show(attempt: Attempt, console: Console) -> None:
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
