"""`rewardctl attack`: how many attacks pay under a definition and its judge."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from rewardctl.attacks import SHIPPED_CORPUS
from rewardctl.cloud.console import aside, json_option
from rewardctl.judges import own_definition_words
from rewardctl.judges.options import judge_options

if TYPE_CHECKING:
    from reward_fn.types.definition import Definition
    from rewardctl.attacks.on_data import Consent, DataOptions
    from rewardctl.judges.choice import JudgeChoice


@click.command()
@click.option(
    "--definition", default="contract-review", show_default=True,
    help="Name of a shipped definition, or path of a .toml file; without --data it needs a scenario.",
)  # fmt: skip
@judge_options
@click.option(
    "--corpus", type=click.Path(path_type=Path), default=SHIPPED_CORPUS,
    help="Folder with your own scenarios and attacks.  [default: the shipped corpus]",
)  # fmt: skip
@click.option(
    "--data", default="", help="Attack the prompts of this data: a file of rollouts, or - for stdin."
)
@click.option("--good", default="", metavar="IDS", help="Good answers of the data: ids with * and ?, between "
              "commas or in a file; or a file of labels.")  # fmt: skip
@click.option("--mediocre", default="", metavar="IDS", help="Mediocre answers, which may set the bar.")
@click.option(
    "--bad", default="", metavar="IDS", help="Bad answers, which attacks start from; * for all others."
)
@click.option("--good-field", default="", metavar="PATH", help="Instead, where a row says how good its "
              "answer is: metadata.is_correct holds true, false or a number from 0 to 1.")  # fmt: skip
@click.option("--mode", default="", metavar="MODE", help="A mode of judging, or all of them.  [default: the "
              "definition's]")  # fmt: skip
@click.option("--prompts", type=click.IntRange(1), default=4, show_default=True, help="Prompts to attack.")
@click.option("--search", is_flag=True, help="Also search for an exploit that no probe knows.")
@click.option("--budget", type=click.IntRange(1), default=200, show_default=True,
              help="Judge calls of the search; scorings for a definition without a judge.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the choice and of the search.")
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
    **options: Any,
) -> None:
    """Score attacks and show how many of each kind succeed.

    Without --data it scores a corpus of attacks on the row of a scenario. With --data it tries kinds of
    reward hacks on your own prompts, next to your own honest answers, and says which component paid; --search
    then changes bad answers until the reward pays them. Which answers are good, people or the data must say.

    An attack succeeds if it earns at least what an honest, mediocre answer earns from the same judge, or if
    it gets left unscored. If that answer earns the low end of the range, nothing is measured, since every
    attack would succeed. A judge on Bedrock or on another server costs money: the command shows calls, tokens
    and dollars, and asks before it makes a call. A judged definition of your own needs such a judge.

    \b
    Examples:
      rewardctl attack --definition instruction-following
      rewardctl attack --data events/structured_output.json \\
        --definition structured-output --good '*-right' --search

    \b
    Exit codes:
      0    no attack succeeds that code should stop; with --data, no attack
      1    such an attack succeeds, or it could not be measured
      130  Ctrl-C; what a search found until then is shown
    """
    from reward_fn.errors import DefinitionError, SettingsError
    from rewardctl.attacks.corpus import CorpusError
    from rewardctl.attacks.on_data import Consent, DataOptions
    from rewardctl.explain.visible import visible
    from rewardctl.judges.choice import JudgeChoice, JudgeChoiceError

    console = aside()
    choice = JudgeChoice(judge, profile, region)
    try:
        chosen = DataOptions(**options)
        _refuse_contradictions(chosen, corpus)
        served = choice.definition(definition)
        if choice.is_stand_in and served.judge is not None and own_definition_words(definition):
            raise CorpusError(_NO_BAR)
        consent = Consent(console, max_usd, yes)
        if chosen.data:
            exit_code = _attack_data(chosen, choice, served, consent, as_json=as_json)
        else:
            exit_code = _attack_scenario(corpus, choice, served, consent, as_json=as_json)
    except (CorpusError, DefinitionError, SettingsError, JudgeChoiceError) as error:
        console.print(visible(str(error)), style="bold red", markup=False)
        raise SystemExit(1) from error
    except KeyboardInterrupt as error:
        console.print("stopped", style="bold red")
        raise SystemExit(130) from error
    raise SystemExit(exit_code)


_NO_BAR = (
    "the stand-in compares words, so on a definition of your own its verdict on an honest answer "
    "means nothing and sets no bar for attacks; name the judge to measure with --judge"
)


def _refuse_contradictions(options: "DataOptions", corpus: Path) -> None:
    """Raises CorpusError for options that can't go together."""
    from rewardctl.attacks.corpus import CorpusError

    needs_data = (options.good, options.mediocre, options.bad, options.good_field, options.mode)
    if not options.data and (options.search or any(needs_data)):
        raise CorpusError("--good, --good-field, --mode and --search need your own rollouts: give --data")
    if options.data and corpus != SHIPPED_CORPUS:
        raise CorpusError("--corpus has rows of its own; leave out --data or --corpus")


def _attack_scenario(
    corpus: Path, choice: "JudgeChoice", definition: "Definition", consent: "Consent", *, as_json: bool
) -> int:
    """Score a corpus and show it; returns the exit code."""
    from rewardctl.attacks.on_scenario import attack_scenario, code_failed, show_attempt

    attempt = attack_scenario(corpus, choice, definition, consent)
    if attempt is None:
        return 1
    if as_json:
        report = {"definition": definition.name, "judge": choice.name, **attempt.as_json()}
        click.echo(json.dumps(report, indent=2))
    else:
        show_attempt(attempt, Console(highlight=False))
    return int(code_failed(attempt))


def _attack_data(
    options: "DataOptions",
    choice: "JudgeChoice",
    definition: "Definition",
    consent: "Consent",
    *,
    as_json: bool,
) -> int:
    """Attack the prompts of a person's data and show it; returns the exit code."""
    from rewardctl.attacks.on_data import attack_data
    from rewardctl.attacks.show import show_report

    if choice.is_stand_in and definition.judge is not None:
        consent.console.print(_STAND_IN, style="yellow", markup=False)
    report = attack_data(options, choice, definition, consent)
    if report is None:
        return 1
    if as_json:
        facts = {"definition": definition.name, "judge": choice.name, "seed": options.seed}
        click.echo(json.dumps({**facts, **report.as_json()}, indent=2))
    else:
        show_report(report, Console(highlight=False))
    return 130 if report.interrupted else int(report.succeeded or report.incomplete)


_STAND_IN = (
    "The judge is the offline stand-in, which compares words: what succeeds here shows its weaknesses, not "
    "those of a model."
)
