"""Write the expected results beside events, for a person to check before they are committed.

    python -m tests.contract.expect events/new.json [--definition math-answer] [--setting NAME=VALUE]

An event that has expected results keeps its definition, settings and verdicts. Where the definition asks a
judge, write the verdicts first: the command names the calls that no verdicts answer.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from reward_fn import handler
from reward_fn.errors import EventError
from reward_fn.event.parse import parse_rows
from reward_fn.event.request import read_request
from tests.contract.converse_server import CREDENTIALS, ConverseServer
from tests.contract.expected import as_text, expected_file, rounded, short
from tests.contract.scripted_judge import ScriptedJudge, scripts_of
from tests.contract.strict import opened
from tests.fresh import fresh_handler


@click.command()
@click.argument("events", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--definition", default="contract-review", show_default=True)
@click.option("--setting", "settings", multiple=True, metavar="NAME=VALUE", help="Of the function.")
def main(events: tuple[Path, ...], definition: str, settings: tuple[str, ...]) -> None:
    """Score EVENTS with the verdicts beside them and write the expected results there."""
    os.environ.update(CREDENTIALS)
    new: dict[str, Any] = {"definition": definition, "settings": dict(s.split("=", 1) for s in settings)}
    for event in events:
        path = expected_file(event)
        case = json.loads(path.read_text(encoding="utf-8")) if path.exists() else new
        case = {name: case[name] for name in ("definition", "settings", "verdicts") if case.get(name)}
        judge = script_of(event, case.get("verdicts", {}))
        came = outcome(event, case["definition"], case.get("settings", {}), judge)
        if "results" in came:
            came = {"results": [short(result, case["definition"]) for result in rounded(came["results"])]}
        path.write_text(as_text({**case, **came}), encoding="utf-8")
        for mistake in judge.mistakes:
            click.echo(f"{event.name}: {mistake}", err=True)


def script_of(event: Path, verdicts: Mapping[str, Mapping[str, str]]) -> ScriptedJudge:
    """The judge that gives these verdicts on the rollouts of an event."""
    if not verdicts:
        return ScriptedJudge()
    rows = read_request(json.loads(event.read_text(encoding="utf-8"))).rows
    return ScriptedJudge(scripts_of(parse_rows(rows), verdicts))


def outcome(
    event: Path, definition: str, settings: Mapping[str, str], judge: ScriptedJudge
) -> dict[str, Any]:
    """What the handler makes of an event file, with this judge over HTTP.

    ``{"results": [...]}``, out of their envelope; ``{"answer": ...}``, whole, where the caller has a form of
    its own; or ``{"error": "EventError: ..."}``.
    """
    sent = json.loads(event.read_text(encoding="utf-8"))
    with pytest.MonkeyPatch.context() as patch, ConverseServer(judge) as server:
        patch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        fresh_handler(patch, REWARD_DEFINITION=definition, **settings)
        try:
            answer = handler.lambda_handler(sent, {})
        except EventError as error:
            return {"error": f"EventError: {error}"}
    answer = json.loads(json.dumps(answer, allow_nan=False))
    if read_request(sent).answer:
        return {"answer": answer}
    return {"results": opened(answer, settings.get("RESPONSE_ENVELOPE", "list"))}


if __name__ == "__main__":
    main()
