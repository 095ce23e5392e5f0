"""Write the expected results beside events, for a person to read before they are committed.

    python -m tests.contract.expect events/new.json [--definition math-answer]

An event that has expected results already keeps its definition.
"""

import json
import os
from pathlib import Path

import click

from reward_fn import handler
from rewardctl.emulate import Emulator
from tests.contract.converse_server import CREDENTIALS


@click.command()
@click.argument("events", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--definition", default="contract-review", show_default=True)
def main(events: tuple[Path, ...], definition: str) -> None:
    """Score EVENTS with the offline judge and write what comes of it beside each."""
    with Emulator() as emulator:
        os.environ.update(CREDENTIALS, AWS_ENDPOINT_URL_BEDROCK_RUNTIME=emulator.url)
        for event in events:
            beside = event.with_suffix(".expected.json")
            name = (
                json.loads(beside.read_text(encoding="utf-8"))["definition"]
                if beside.exists()
                else definition
            )
            os.environ["REWARD_DEFINITION"] = name
            handler._kept = None
            results = handler.lambda_handler(json.loads(event.read_text(encoding="utf-8")), {})
            text = json.dumps({"definition": name, "results": results}, ensure_ascii=False, indent=1)
            beside.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
