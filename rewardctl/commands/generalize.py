"""`rewardctl generalize`: does a reward survive other wordings of its judge's prompt?"""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from rewardctl.cloud.console import aside
from rewardctl.judges.options import FiniteRange, judge_options


@click.command()
@click.argument("data")
@click.option("--definition", required=True, help="Name of a shipped definition, or path of a .toml file.")
@judge_options
@click.option(
    "--paraphrases", type=click.Path(path_type=Path),
    help="TOML file with wordings of the questions.  [default: those that ship with the definition]",
)  # fmt: skip
@click.option("--shuffles", type=click.IntRange(0, 20), default=2, show_default=True,
              help="Other orders of the criteria.")  # fmt: skip
@click.option("--repeats", type=click.IntRange(1, 20), default=1, show_default=True,
              help="How often the prompt is judged again as it is: the judge's noise.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses the orders of the criteria.")
@click.option(
    "--other-judge", "other_judges", multiple=True, metavar="JUDGE",
    help="Judge the same rollouts by this judge too; can be repeated.",
)  # fmt: skip
@click.option("--max-calls", type=click.IntRange(0), help="End with 1 if more judge calls are needed.")
@click.option("--workers", type=click.IntRange(1, 1024), help="Judge calls at once.  [default: 64]")
@click.option("--limit", type=click.IntRange(0), default=0, help="Only the first LIMIT lines; 0 for all.")
@click.option(
    "--run", "folder", type=click.Path(path_type=Path),
    help="Folder for the run folders, made or continued.  [default: one below runs/]",
)  # fmt: skip
@click.option(
    "--require", type=FiniteRange(0, 1), metavar="SHARE",
    help="End with 1 if a change keeps less than this share of the signs, or turns a criterion round.",
)  # fmt: skip
@click.option("--plot", type=click.Path(path_type=Path), help="Write the plot to this SVG file.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    data: str,
    *,
    judge: str,
    paraphrases: Path | None,
    repeats: int,
    shuffles: int,
    seed: int,
    other_judges: tuple[str, ...],
    require: float | None,
    plot: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Judge the rollouts of DATA under changed prompts, and say how much of the reward's signal survives.

    DATA is anything that `rewardctl score` takes, or a run, whose verdicts are then used. The same rollouts
    are judged as the definition says, once more (the judge's noise), with other wordings of the questions and
    of the instructions, with the criteria in another order, and by other judges. The figure is the share of
    rollouts whose advantage keeps its sign. Before a judge is paid, the command shows calls and cost of all
    runs together, and asks.

    \b
    Example:
      rewardctl generalize events/reasoning.json --definition reasoning

    \b
    Exit codes:
      0    done, and --require is met
      1    --require is not met, something can't be used, or no was the answer
      2    the options are wrong
      4    the cap of --max-usd is reached; what was paid for is kept
      130  stopped by Ctrl-C; what was paid for is kept
    """
    from reward_fn.errors import RewardFunctionError
    from rewardctl.data import DataError
    from rewardctl.engine.leave import leave
    from rewardctl.engine.request import Stopped
    from rewardctl.generalize.as_json import as_json as to_json
    from rewardctl.generalize.paraphrase_file import ParaphraseError
    from rewardctl.generalize.plot import spec_of, write_plot
    from rewardctl.generalize.result import Choices, generalise
    from rewardctl.generalize.runs import Order
    from rewardctl.generalize.show import show
    from rewardctl.generalize.verdict import failures
    from rewardctl.judges.choice import JudgeChoiceError
    from rewardctl.runs import RunError
    from rewardctl.runs.records import RecordsError

    console = aside()
    choices = Choices(judge, paraphrases, repeats, shuffles, seed, other_judges)
    try:
        result = generalise(Order(data, **options), choices, console)
        if plot:
            write_plot(result, plot)
        if as_json:
            click.echo(json.dumps(to_json(result, spec_of(result)), indent=2))
        else:
            show(result, Console(highlight=False))
    except Stopped as stopped:
        console.print(str(stopped), style="bold red" if stopped.is_error else "yellow", markup=False)
        leave(stopped.exit_code)
    except (
        DataError, JudgeChoiceError, OSError, ParaphraseError, RecordsError, RewardFunctionError, RunError
    ) as error:  # fmt: skip
        console.print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    except ImportError as error:
        console.print("generalize needs the analysis packages: run `make analysis`", style="bold red")
        raise SystemExit(1) from error
    except KeyboardInterrupt as error:
        console.print("stopped; the same command goes on", style="bold red")
        raise SystemExit(130) from error
    unmet = failures(result, require) if require is not None else []
    for words in unmet:
        console.print(f"--require: {words}", style="bold red", markup=False)
    raise SystemExit(1 if unmet else 0)
