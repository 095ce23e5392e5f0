"""`rewardctl check`: is a definition valid, and what does it leak?"""

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


@click.command()
@click.argument("definition")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings too.")
def command(definition: str, *, as_json: bool, strict: bool) -> None:
    """Check DEFINITION: the name of a shipped one, the path of a .toml file, or a stored one,
    s3://bucket/key?versionId=V or ssm:/name:VERSION, which is read with your own AWS credentials.

    Names every mistake with its path in the file, warns of ways in which the reward leaks, prints the SHA-256
    to pin it by, and costs nothing. Exits with 1 where the definition can't be served.
    """
    try:
        found = load_definition(definition) if not is_stored(definition) else _stored(definition)
    except (DefinitionError, DefinitionStoreError) as error:
        if as_json:
            mistakes = list(error.mistakes) if isinstance(error, DefinitionError) else [str(error)]
            click.echo(json.dumps({"valid": False, "mistakes": mistakes, "warnings": []}, indent=2))
        else:
            Console(stderr=True, highlight=False).print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    if as_json:
        warnings = [warning._asdict() for warning in found.warnings]
        pin = {"version": found.version, "sha256": found.sha256}
        click.echo(json.dumps({"valid": True, **pin, "warnings": warnings}, indent=2))
    else:
        _show(found, Console(highlight=False))
    if strict and found.warnings:
        raise SystemExit(1)


def _stored(uri: str) -> Definition:
    """The stored definition, whatever judges it names: only its function knows which are allowed."""
    try:
        pin = parse_pin(uri)
    except ValueError as error:
        raise DefinitionStoreError(uri, str(error)) from error
    from reward_fn.aws.definition_store import fetch

    return load_pinned(fetch(pin), uri)


def _asked(judge: JudgeSpec) -> str:
    """Who is asked, in which mode, and who settles doubts."""
    who = " + ".join(judge.panel) or " then ".join(judge.models)
    votes = f", {judge.votes} votes each" if judge.votes > 1 else ""
    rule = f" by {judge.rule}" if judge.votes > 1 or judge.panel else ""
    escalate = f", in doubt {judge.escalate}" if judge.escalate else ""
    mode = f"{judge.mode}: " if judge.mode != POINTWISE.name else ""
    return f"{mode}{who}{votes}{rule}{escalate}"


def _weight(role: str, spec: CheckSpec, span: float) -> str:
    """What a check weighs in its role: a penalty a share of the range, a gate the reward that it fixes."""
    if role == "penalty":
        absolute = "" if span == 1 else f", {spec.weight * span:g}"
        return f"up to {spec.weight:g} of the range off{absolute}"
    return {"score": f"{spec.weight:g}", "gate": f"failed: {spec.reward:g}"}.get(role, "")


def _show(found: Definition, console: Console) -> None:
    parts = {"gate": found.gates, "score": found.scores, "penalty": found.penalties, "metric": found.metrics}
    table = Table(box=None, pad_edge=False)
    table.add_column("part")
    table.add_column("name")
    table.add_column("weight", justify="right")
    for role, specs in parts.items():
        for spec in specs:
            table.add_row(role, spec.name, _weight(role, spec, found.high - found.low))
    if found.judge:
        table.add_row("rubric", _asked(found.judge), f"{found.judge.weight:g}")
        for criterion in found.judge.criteria:
            table.add_row("criterion", criterion.name, f"{criterion.weight:g}")
    console.print(f"{found.name} {found.version} is valid; rewards from {found.low:g} to {found.high:g}")
    console.print(table)
    if found.source:
        console.print("To serve it from there, set both:")
        console.print(f"  REWARD_DEFINITION={found.source}", soft_wrap=True, markup=False)
        console.print(f"  REWARD_DEFINITION_SHA256={found.sha256}", soft_wrap=True)
    else:
        console.print(f"sha256 {found.sha256}", soft_wrap=True)
    for warning in found.warnings:
        console.print(f"{warning.place}: {warning.code}: {warning.message}", style="yellow", markup=False)
