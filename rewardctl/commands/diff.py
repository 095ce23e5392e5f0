"""`rewardctl diff`: what moved between two definitions or two judges."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from rewardctl.cloud.console import aside

if TYPE_CHECKING:
    from rewardctl.diff.comparison import Comparison


@click.command()
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path), required=False)
@click.option(
    "--definition", help="Instead of SECOND: FIRST, scored anew under this definition without any call."
)
@click.option("--was", metavar="FILE", help="The definition as it was when FIRST was scored.")
@click.option(
    "--noise", type=click.Path(path_type=Path),
    help="FIRST, judged once more: sign flips that its judge makes on its own are no reason for a no.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def command(
    first: Path,
    second: Path | None,
    *,
    definition: str | None,
    was: str | None,
    noise: Path | None,
    as_json: bool,
) -> None:
    """Compare two runs of the same rollouts, and say if one may replace the other during a job.

    FIRST and SECOND are run folders, files of records, or folders of traces. Rollouts are paired by their id
    and compared within the group of their prompt, as the trainer compares them: ranks, signs of the
    advantage, which component moved them, and which verdicts differ.

    \b
    Example:
      rewardctl diff runs/monday --definition contract-review

    \b
    Exit codes:
      0    yes, the second may replace the first in the middle of a job
      1    no, or something can't be used
      130  stopped by Ctrl-C
    """
    from reward_fn.errors import RewardFunctionError
    from rewardctl.diff.answer import answer_of
    from rewardctl.diff.as_json import as_json as to_json
    from rewardctl.diff.show import show
    from rewardctl.judges.choice import JudgeChoiceError
    from rewardctl.runs import RunError
    from rewardctl.runs.records import RecordsError

    if (second is None) == (definition is None):
        raise click.UsageError("name a second run, or a definition with --definition")
    console = aside()
    try:
        comparison = _compared(first, second, definition, was)
        repeated = _compared(first, noise, None, was) if noise else None
        answer = answer_of(comparison, repeated.kept if repeated else None)
    except (JudgeChoiceError, RecordsError, RewardFunctionError, RunError) as error:
        console.print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        why = f"{type(error).__name__}: {error}"
        console.print(f"a record is not in the form of docs/traces.md ({why}); score it again", markup=False)
        raise SystemExit(1) from error
    except ImportError as error:
        console.print("diff needs the analysis packages: run `make analysis`", style="bold red")
        raise SystemExit(1) from error
    except KeyboardInterrupt as error:
        console.print("stopped", style="bold red")
        raise SystemExit(130) from error
    if as_json:
        click.echo(json.dumps(to_json(comparison, answer), indent=2))
    else:
        show(comparison, answer, Console(highlight=False))
    raise SystemExit(0 if answer.yes else 1)


def _compared(first: Path, second: Path | None, definition: str | None, was: str | None) -> "Comparison":
    from rewardctl.diff.comparison import compare
    from rewardctl.diff.pairs import pair_up
    from rewardctl.diff.sources import read_as, read_run

    before = read_run(first, was)
    after = read_as(first, definition, was) if second is None else read_run(second)  # type: ignore[arg-type]
    paired = pair_up(before.records, after.records, (before.definition, after.definition))
    return compare(paired, before.side, after.side)
