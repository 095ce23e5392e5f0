"""Every example event gives the results beside it, through the handler and a scripted judge over HTTP."""

import json
from pathlib import Path

import pytest

from reward_fn.response import ENVELOPES
from tests.contract.expect import outcome, script_of
from tests.contract.expected import CASES, EVENTS, expected_file, read_expected, rounded
from tests.contract.strict import verify


def test_there_are_events() -> None:
    assert len(CASES) >= 51


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_an_event_gives_what_is_written_beside_it(case: Path) -> None:
    assert expected_file(case).is_file(), f"{case.name} has no {expected_file(case).name} beside it"
    expected = read_expected(case)
    judge = script_of(case, expected.verdicts)
    came = outcome(case, expected.definition, expected.settings, judge)
    assert came.get("error") == expected.error
    assert came.get("answer") == expected.answer
    assert judge.mistakes == []
    assert judge.asked == set(expected.verdicts), "verdicts that no call asked for"
    if expected.results is None:
        return
    event = json.loads(case.read_text(encoding="utf-8"))
    rows = event if isinstance(event, list) else [{"id": result["id"]} for result in expected.results]
    verify(rows, came["results"])
    for result, written in zip(rounded(came["results"]), expected.results, strict=True):
        assert result == written, f"{case.name}, {written['id']!r}"


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_every_envelope_has_events(envelope: str) -> None:
    assert envelope in {read_expected(case).envelope for case in CASES}


def test_every_expectation_has_its_event() -> None:
    assert {*EVENTS.glob("*.expected.json")} == {expected_file(case) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_every_event_is_described(case: Path) -> None:
    assert f"`{case.name}`" in (EVENTS / "README.md").read_text(encoding="utf-8")
