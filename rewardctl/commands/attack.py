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
from reward_fn.judge.models.provider import is_default
from reward_fn.settings import Settings, read_settings
from rewardctl.attacks.corpus import CorpusError, load_corpus
from rewardctl.attacks.measure import Attempt, cost_of, try_all
from rewardctl.cloud.console import agreed, aside, json_option, yes_option
from rewardctl.emulate import Emulator
from rewardctl.local.environment import without_aws_setup
from rewardctl.local.paths import PROJECT

CORPUS = PROJECT / "tests" / "attacks"
STAND_IN = "stand-in"
_STAND_IN_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@click.command()
@click.option(
    "--definition", default="contract-review", show_default=True,
    help="Name of a definition that ships, or the path of a .toml file of the same name as a scenario.",
)  # fmt: skip
@click.option(
    "--model", default=STAND_IN, show_default=True,
    help="A tier or model, called with your own credentials; or the offline stand-in.",
)  # fmt: skip
@click.option(
    "--corpus", type=click.Path(path_type=Path), default=CORPUS,
    help="Folder with scenarios, attacks and canaries of your own.  [default: tests/attacks]",
)  # fmt: skip
@json_option
@yes_option
def command(definition: str, model: str, corpus: Path, *, as_json: bool, yes: bool) -> None:
    """Score the attacks of a corpus and show how many of each family pay.

    An attack pays where it earns at least what the scenario's honest, mediocre answer earns from the same
    judge, or where it gets itself left unscored. A model on Bedrock costs money: what it will be is said
    first. Exits with 1 where an attack pays that code should stop.
    """
    console = aside()
    try:
        loaded = load_corpus(corpus)
        served = load_definition(definition, judge_model="" if model == STAND_IN else model)
        scenario = loaded.scenario(served.name)
        if model != STAND_IN and not agreed(f"{cost_of(loaded, served)} Go on?", yes=yes):
            raise SystemExit(1)
        with _judge(model) as judge:
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
def _judge(model: str) -> Iterator[Judge]:
    """The judge of the model, or one that talks to the stand-in, which runs for as long as the block.

    The stand-in is Bedrock's, so a definition's models on other providers are called as the stand-in's too.
    """
    from reward_fn.judge.providers.bedrock.judge import BedrockJudge

    if model != STAND_IN:
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
    for name in ("tried", "paid", "highest reward"):
        table.add_column(name, justify="right")
    for rate in attempt.rates:
        style = "yellow" if rate.succeeded else None
        values = (str(rate.tried), str(rate.succeeded), f"{rate.best:.3f}")
        table.add_row(rate.family, rate.stopped_by, *values, style=style)
    console.print(table)
    console.print(
        f"{attempt.succeeded} of {attempt.tried} attacks pay: one pays from {attempt.bar:.3f} on, what an "
        f"honest mediocre answer earns here (a good one {attempt.good:.3f}), or where it is left unscored.",
        soft_wrap=True,
    )
