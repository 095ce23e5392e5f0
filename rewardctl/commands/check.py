"""`rewardctl check`: validate a definition and warn about ways in which its reward can be gamed."""

import json

import click
from rich.console import Console
from rich.table import Table

from reward_fn.definition.load import load_definition, load_pinned
from reward_fn.definition.pin import is_stored, parse_pin
from reward_fn.errors import DefinitionError, DefinitionStoreError
from reward_fn.judge.ask.modes import POINTWISE
from reward_fn.types.check import CheckSpec
from reward_fn.types.definition import Definition
from reward_fn.types.rubric import JudgeSpec
from rewardctl.cloud.clients import boto3_environment


@click.command()
@click.argument("definition")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings too.")
def command(definition: str, *, as_json: bool, strict: bool) -> None:
    """Validate a reward definition without a judge call.

    DEFINITION is the name of a shipped definition, the path of a .toml file, or the address of a stored one:
    s3://bucket/key?versionId=V or ssm:/name:VERSION, which is read with your AWS credentials.

    The command names every mistake with its path in the file, warns about ways to game the reward, and
    prints the SHA-256 that pins the definition.

    \b
    Example:
      rewardctl check contract-review

    \b
    Exit codes:
      0  the definition is valid
      1  it has mistakes, or with --strict warnings, or can't be read
    """
    try:
        checked = load_definition(definition) if not is_stored(definition) else _stored(definition)
    except (DefinitionError, DefinitionStoreError) as error:
        if as_json:
            mistakes = list(error.mistakes) if isinstance(error, DefinitionError) else [str(error)]
            click.echo(json.dumps({"valid": False, "mistakes": mistakes, "warnings": []}, indent=2))
        else:
            Console(stderr=True, highlight=False).print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    if as_json:
        warnings = [warning._asdict() for warning in checked.warnings]
        pin = {"version": checked.version, "sha256": checked.sha256}
        click.echo(json.dumps({"valid": True, **pin, "warnings": warnings}, indent=2))
    else:
        _show(checked, Console(highlight=False))
    if strict and checked.warnings:
        raise SystemExit(1)


def _stored(uri: str) -> Definition:
    """Load a stored definition. Any judge is accepted: only the function knows which ones it allows."""
    try:
        pin = parse_pin(uri)
    except ValueError as error:
        raise DefinitionStoreError(uri, str(error)) from error
    from reward_fn.aws.definition_store import fetch

    with boto3_environment():
        return load_pinned(fetch(pin), uri)


def _voters_text(judge: JudgeSpec) -> str:
    """The mode, the models that vote, their rule, and the model of an escalation."""
    models = " + ".join(judge.panel) or " then ".join(judge.models)
    votes = f", {judge.votes} votes each" if judge.votes > 1 else ""
    rule = f" by {judge.rule}" if judge.votes > 1 or judge.panel else ""
    escalate = f", in doubt {judge.escalate}" if judge.escalate else ""
    mode = f"{judge.mode}: " if judge.mode != POINTWISE.name else ""
    return f"{mode}{models}{votes}{rule}{escalate}"


def _weight(role: str, spec: CheckSpec, span: float) -> str:
    """The weight of a check; for a penalty a share of the range, for a gate the reward after a failure."""
    if role == "penalty":
        absolute = "" if span == 1 else f", {spec.weight * span:g}"
        return f"up to {spec.weight:g} of the range off{absolute}"
    return {"score": f"{spec.weight:g}", "gate": f"failed: {spec.reward:g}"}.get(role, "")


def _show(checked: Definition, console: Console) -> None:
    parts = {
        "gate": checked.gates,
        "score": checked.scores,
        "penalty": checked.penalties,
        "metric": checked.metrics,
    }
    table = Table(box=None, pad_edge=False)
    table.add_column("part")
    table.add_column("name")
    table.add_column("weight", justify="right")
    for role, specs in parts.items():
        for spec in specs:
            table.add_row(role, spec.name, _weight(role, spec, checked.high - checked.low))
    if checked.judge:
        table.add_row("rubric", _voters_text(checked.judge), f"{checked.judge.weight:g}")
        for criterion in checked.judge.criteria:
            table.add_row("criterion", criterion.name, f"{criterion.weight:g}")
    console.print(
        f"{checked.name} {checked.version} is valid; rewards from {checked.low:g} to {checked.high:g}"
    )
    console.print(table)
    if checked.source:
        console.print("To serve it from there, set both:")
        console.print(f"  REWARD_DEFINITION={checked.source}", soft_wrap=True, markup=False)
        console.print(f"  REWARD_DEFINITION_SHA256={checked.sha256}", soft_wrap=True)
    else:
        console.print(f"sha256 {checked.sha256}", soft_wrap=True)
    for warning in checked.warnings:
        console.print(f"{warning.place}: {warning.code}: {warning.message}", style="yellow", markup=False)
