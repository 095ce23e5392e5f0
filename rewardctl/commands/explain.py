"""`rewardctl explain`: why one rollout got its reward."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import click
from rich.console import Console

from reward_fn.types.definition import Definition
from rewardctl.local.errors import LocalError

RUNS = Path("runs")
STAND_IN = "The judge was an offline stand-in that compares words: its verdicts say nothing about quality."


@click.command()
@click.argument("identity", metavar="[ID]", default="")
@click.option(
    "--run", "run", type=click.Path(path_type=Path),
    help="Run folder, file of records, or file or folder of traces.  [default: the newest folder in runs/]",
)  # fmt: skip
@click.option("--event", type=click.Path(path_type=Path), help="Score this event now, by the stand-in.")
@click.option("--definition", help="Name of a shipped definition, or path of a .toml file.")
@click.option("--line", type=int, help="Choose among records with the same id by their line.")
@click.option("--full", is_flag=True, help="Show long texts whole.")
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
def command(
    identity: str,
    run: Path | None,
    event: Path | None,
    definition: str | None,
    line: int | None,
    *,
    full: bool,
    as_json: bool,
) -> None:
    """Show why the rollout ID got its reward.

    The command shows the answer with what failed marked in it, each check and criterion with its reason and
    evidence, the sum step by step, and the rollout's advantage among its siblings. It reads a run, or the
    traces of a deployed function. With --event it scores an event on the spot, by an offline stand-in that
    compares words: its verdicts say nothing about quality.

    \b
    Example:
      rewardctl explain saas-mixed --event events/contract_review_batch.json \\
        --definition contract-review

    \b
    Exit codes:
      0    the rollout is explained
      1    there is no such rollout, or the records or the definition can't be read
      130  stopped by Ctrl-C
    """
    aside = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        _explain(identity, run, event, definition, line, full=full, as_json=as_json)
    except LocalError as error:
        aside.print(error.message, style="bold red", markup=False)
        if error.remedy:
            aside.print(error.remedy, markup=False)
        raise SystemExit(1) from error
    except KeyboardInterrupt as error:
        aside.print("stopped", style="bold red")
        raise SystemExit(130) from error


def _explain(
    identity: str,
    run: Path | None,
    event: Path | None,
    definition: str | None,
    line: int | None,
    *,
    full: bool,
    as_json: bool,
) -> None:
    """Choose, explain and print. Raises LocalError."""
    from rewardctl.explain.choose import choose_among, choose_in
    from rewardctl.explain.definition_place import definition_of, load_named
    from rewardctl.explain.explain import explain
    from rewardctl.explain.on_the_spot import score_event
    from rewardctl.explain.records import newest_run
    from rewardctl.explain.terminal import show
    from rewardctl.local.errors import InputError

    served: Definition | None
    if event is not None:
        if not definition:
            raise InputError("--event needs a definition", remedy="Name it by --definition.")
        named = load_named(definition)
        chosen, served = choose_among(score_event(event, named), identity, line), named
    else:
        source = run or newest_run(RUNS)
        chosen = choose_in(source, identity, line)
        served = definition_of(chosen.record, source, definition)
    explanation = explain(chosen.record, chosen.group, served)
    if event is not None and served and served.judge:
        explanation = replace(explanation, notes=(STAND_IN, *explanation.notes))
    if as_json:
        click.echo(json.dumps(asdict(explanation), ensure_ascii=True, indent=2))
    else:
        show(explanation, Console(highlight=False), full=full)
