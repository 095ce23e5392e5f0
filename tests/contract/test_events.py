"""Every example event gives the results written beside it, through the handler and a judge over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reward_fn.response import ENVELOPES
from rewardctl.emulate import Emulator
from tests.contract.expect import outcome
from tests.contract.strict import verify
from tests.factory import ROOT

EVENTS = ROOT / "events"
CASES = sorted(path for path in EVENTS.glob("*.json") if not path.name.endswith(".expected.json"))


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_there_are_events() -> None:
    assert len(CASES) >= 51


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_an_event_gives_what_is_written_beside_it(
    case: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected_file = case.with_suffix(".expected.json")
    assert expected_file.is_file(), f"{case.name} has no {expected_file.name} beside it"
    expected, event = read(expected_file), read(case)
    assert len(expected.keys() & {"results", "answer", "error"}) == 1
    assert expected.keys() <= {"settings", "definition", "results", "answer", "error"}
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", emulator.url)
    found = outcome(case, expected)
    assert found.get("error") == expected.get("error")
    assert found.get("answer") == expected.get("answer")
    results, wanted = found.get("results", []), expected.get("results", [])
    is_batch = isinstance(event, list) and "results" in expected
    verify(event if is_batch else [{"id": written["id"]} for written in wanted], results)
    assert [result["id"] for result in results] == [written["id"] for written in wanted]
    for result, written in zip(json.loads(json.dumps(results)), wanted, strict=True):
        assert result == written, f"{case.name}, {written['id']!r}"


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_every_envelope_has_events(envelope: str) -> None:
    used = [read(path).get("settings", {}) for path in EVENTS.glob("*.expected.json")]
    assert envelope in {settings.get("RESPONSE_ENVELOPE", "list") for settings in used}


def test_every_expectation_has_its_event() -> None:
    expectations = {path.name.removesuffix(".expected.json") for path in EVENTS.glob("*.expected.json")}
    assert expectations - {path.stem for path in CASES} == set()


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_every_event_is_described(case: Path) -> None:
    assert f"`{case.name}`" in (EVENTS / "README.md").read_text(encoding="utf-8")
