"""Write the expected results beside events, for a person to read before they are committed.

    python -m tests.contract.expect events/new.json [--definition math-answer] [--setting NAME=VALUE]

An event that has expected results already keeps its definition and settings.
"""

import json
import os
from pathlib import Path
from typing import Any

import click
import pytest

from reward_fn import handler
from reward_fn.errors import EventError
from reward_fn.event.request import read_request
from rewardctl.emulate import Emulator
from tests.contract.converse_server import CREDENTIALS
from tests.contract.strict import opened
from tests.fresh import fresh_handler


@click.command()
@click.argument("events", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--definition", default="contract-review", show_default=True)
@click.option("--setting", "settings", multiple=True, metavar="NAME=VALUE", help="Of the function.")
def main(events: tuple[Path, ...], definition: str, settings: tuple[str, ...]) -> None:
    """Score EVENTS with the offline judge and write what comes of it beside each."""
    given = dict(setting.split("=", 1) for setting in settings)
    with Emulator() as emulator:
        os.environ.update(CREDENTIALS, AWS_ENDPOINT_URL_BEDROCK_RUNTIME=emulator.url)
        for event in events:
            beside = event.with_suffix(".expected.json")
            kept = json.loads(beside.read_text(encoding="utf-8")) if beside.exists() else {}
            case = {"definition": kept.get("definition", definition)}
            if under := kept.get("settings", given):
                case["settings"] = under
            text = json.dumps({**case, **outcome(event, case)}, ensure_ascii=False, indent=1)
            beside.write_text(text + "\n", encoding="utf-8")


def outcome(event: Path, case: dict[str, Any]) -> dict[str, Any]:
    """What the handler makes of an event file under the ``definition`` and ``settings`` of ``case``.

    ``{"results": [...]}``, out of their envelope; ``{"answer": ...}``, whole, where the caller has a form of
    its own; or ``{"error": "EventError: ..."}``.
    """
    settings: dict[str, str] = case.get("settings", {})
    with pytest.MonkeyPatch.context() as patch:
        fresh_handler(patch, REWARD_DEFINITION=case["definition"], **settings)
        sent = json.loads(event.read_text(encoding="utf-8"))
        try:
            answer = handler.lambda_handler(sent, {})
        except EventError as error:
            return {"error": f"EventError: {error}"}
    if read_request(sent).answer:
        return {"answer": json.loads(json.dumps(answer, allow_nan=False))}
    return {"results": opened(answer, settings.get("RESPONSE_ENVELOPE", "list"))}


if __name__ == "__main__":
    main()
