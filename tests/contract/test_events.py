"""Every example event gives the results written beside it, through the handler and a judge over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reward_fn import handler
from rewardctl.emulate import Emulator
from tests.contract.strict import verify
from tests.factory import ROOT
from tests.fresh import fresh_handler

EVENTS = ROOT / "events"
CASES = sorted(path for path in EVENTS.glob("*.json") if not path.name.endswith(".expected.json"))


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_there_are_events() -> None:
    assert len(CASES) >= 7


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_an_event_gives_what_is_written_beside_it(
    case: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected_file = case.with_suffix(".expected.json")
    assert expected_file.is_file(), f"{case.name} has no {expected_file.name} beside it"
    expected, rows = read(expected_file), read(case)
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", emulator.url)
    fresh_handler(monkeypatch, REWARD_DEFINITION=expected["definition"])
    answer = handler.lambda_handler(rows, {})
    verify(rows, answer)
    wanted = expected["results"]
    assert [result["id"] for result in answer] == [result["id"] for result in wanted]
    for result, written in zip(json.loads(json.dumps(answer)), wanted, strict=True):
        assert result == written, f"{case.name}, {written['id']!r}"


def test_every_expectation_has_its_event() -> None:
    expectations = {path.name.removesuffix(".expected.json") for path in EVENTS.glob("*.expected.json")}
    assert expectations - {path.stem for path in CASES} == set()


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_every_event_is_described(case: Path) -> None:
    assert f"`{case.name}`" in (EVENTS / "README.md").read_text(encoding="utf-8")
