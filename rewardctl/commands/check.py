"""`rewardctl check`: validate a definition, warn about ways to game it, fit it to data, run its cases."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from rewardctl.judges.options import judge_options

if TYPE_CHECKING:
    from rewardctl.checking.steps import Loaded


@click.command()
@click.argument("definition")
@click.option("--data", help="Data set that the paths, checks and criteria are tried on.")
@click.option(
    "--cases", type=click.Path(dir_okay=False, path_type=Path),
    help="Cases with known rewards.  [default: NAME.cases.jsonl or cases.jsonl beside the definition]",
)  # fmt: skip
@judge_options
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings too.")
def command(definition: str, *, as_json: bool, strict: bool, **options: Any) -> None:
    """Validate a reward definition, and try it on data and on cases with known rewards.

    DEFINITION is the name of a shipped definition, the path of a .toml file, or the address of a stored one:
    s3://bucket/key?versionId=V or ssm:/name:VERSION, which is read with your AWS credentials.

    The command names every mistake with its path in the file, warns about ways to game the reward, and
    prints the SHA-256 that pins the definition. Cases that state no verdicts ask the judge; nothing else
    does. docs/own_definitions.md shows how to write cases.

    \b
    Example:
      rewardctl check contract-review --data events/contract_review_batch.json

    \b
    Exit codes:
      0  the definition is valid, works on the data, and all cases hold
      1  it has mistakes, a part of it works on no row, or a case fails;
         with --strict warnings too; or a file can't be read
    """
    from reward_fn.errors import DefinitionError, DefinitionStoreError, SettingsError
    from rewardctl.cases.case import CaseError
    from rewardctl.checking.steps import load
    from rewardctl.data import DataError
    from rewardctl.judges.choice import JudgeChoiceError
    from rewardctl.labels.visible_text import visible
    from rewardctl.runs.folder import RunError

    aside = Console(stderr=True, highlight=False)
    try:
        loaded = load(definition)
    except (DefinitionError, DefinitionStoreError) as error:
        if as_json:
            mistakes = list(error.mistakes) if isinstance(error, DefinitionError) else [str(error)]
            click.echo(json.dumps({"valid": False, "mistakes": mistakes, "warnings": []}, indent=2))
        else:
            aside.print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    try:
        has_failed, has_warnings = _tried(definition, loaded, aside, as_json=as_json, **options)
    except (CaseError, DataError, DefinitionError, JudgeChoiceError, RunError, SettingsError) as error:
        aside.print(visible(str(error)), style="bold red", markup=False)
        raise SystemExit(1) from error
    if has_failed or (strict and has_warnings):
        raise SystemExit(1)


def _tried(
    name: str,
    loaded: "Loaded",
    aside: Console,
    *,
    as_json: bool,
    data: str | None,
    cases: Path | None,
    judge: str,
    max_usd: float,
    yes: bool,
    profile: str | None,
    region: str | None,
) -> tuple[bool, bool]:
    """Print everything; returns whether something has failed, and whether there are warnings."""
    from rewardctl.checking import show
    from rewardctl.checking.parts import show_parts
    from rewardctl.checking.steps import fit_to, run_cases_of
    from rewardctl.judges.choice import JudgeChoice

    checked = loaded.definition
    choice = JudgeChoice(judge, profile, region)
    fit = fit_to(loaded, data) if data else None
    run = run_cases_of(name, checked, cases, choice, aside, max_usd=max_usd, yes=yes)
    if as_json:
        warnings = [warning._asdict() for warning in checked.warnings]
        result = {"valid": True, "version": checked.version, "sha256": checked.sha256, "warnings": warnings}
        result |= {"data": show.fit_as_json(fit)} if fit else {}
        result |= {"cases": show.cases_as_json(run)} if run else {}
        click.echo(json.dumps(result, indent=2))
    else:
        console = Console(highlight=False)
        show_parts(checked, console)
        if fit and data:
            show.show_fit(fit, data, console)
        if run:
            show.show_cases(run, console, is_stand_in=choice.is_stand_in)
    has_failed = bool((fit and fit.has_mistakes) or (run and run.failed))
    return has_failed, bool(checked.warnings or (fit and (fit.findings or fit.problems)))
