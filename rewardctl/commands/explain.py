"""`rewardctl explain`: why one rollout got its reward."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

if TYPE_CHECKING:
    from rewardctl.explain.types import Explanation


DEFAULT_DEFINITION = "contract-review"


@click.command()
@click.argument("identity", metavar="[ID]", default="")
@click.option(
    "--run", "run", type=click.Path(path_type=Path),
    help="Run folder, file of records, or file or folder of traces.  [default: the newest folder in runs/]",
)  # fmt: skip
@click.option("--event", type=click.Path(path_type=Path), help="Score this event now, by the stand-in.")
@click.option(
    "--definition",
    help="Name of a shipped definition, or path of a .toml file.  "
    "[default: as the records say, or contract-review]",
)
@click.option("--line", type=int, help="Choose among records with the same id by their line.")
@click.option("--full", is_flag=True, help="Show long texts whole.")
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
def command(identity: str, *, full: bool, as_json: bool, **source: Any) -> None:
    """Show why the rollout ID got its reward.

    The command shows the answer with what failed marked in it, each check and criterion with its reason and
    evidence, the sum step by step, and the rollout's advantage among its siblings. It reads a run, or the
    traces of a deployed function. With --event it scores an event on the spot, by an offline stand-in that
    compares words: its verdicts say nothing about quality.

    \b
    Example:
      rewardctl explain saas-mixed --event events/contract_review_batch.json

    \b
    Exit codes:
      0    the rollout is explained
      1    there is no such rollout, or records or definition can't be read
      130  stopped by Ctrl-C
    """
    from reward_fn.errors import DefinitionError
    from rewardctl.data import DataError
    from rewardctl.explain.terminal import show
    from rewardctl.local.errors import InputError
    from rewardctl.runs.records import RecordsError

    aside = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        explanation = _explanation(identity, **source)
    except (DataError, DefinitionError, InputError, RecordsError) as error:
        aside.print(str(error), style="bold red", markup=False)
        if isinstance(error, InputError) and error.remedy:
            aside.print(error.remedy, markup=False)
        raise SystemExit(1) from error
    except KeyboardInterrupt as error:
        aside.print("stopped", style="bold red")
        raise SystemExit(130) from error
    if as_json:
        click.echo(json.dumps(asdict(explanation), indent=2))
    else:
        show(explanation, Console(highlight=False), full=full)


def _explanation(
    identity: str, run: Path | None, event: Path | None, definition: str | None, line: int | None
) -> "Explanation":
    """Choose the record, and explain it. Raises DataError, DefinitionError, InputError and RecordsError."""
    from rewardctl.engine.place import RUNS
    from rewardctl.explain.choose import choose_among, choose_in
    from rewardctl.explain.definition_place import definition_of
    from rewardctl.explain.explain import explain
    from rewardctl.explain.on_the_spot import score_event
    from rewardctl.runs.records import RecordsError, newest_run

    if event is not None and run is not None:
        raise RecordsError("--run and --event name two sources of rollouts; leave one of them out")
    if event is None:
        source = run or newest_run(RUNS)
        chosen = choose_in(source, identity, line)
        served = definition_of(chosen.record, source, definition)
        try:
            return explain(chosen.record, chosen.group, served)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            why = f"{type(error).__name__}: {error}"
            raise RecordsError(
                f"a record is not in the form of docs/traces.md ({why}); score it again"
            ) from error
    scored = score_event(event, definition or DEFAULT_DEFINITION)
    chosen = choose_among(scored.records, identity, line)
    return explain(chosen.record, chosen.group, scored.definition)
