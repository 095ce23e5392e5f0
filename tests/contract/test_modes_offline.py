"""Every mode against the stand-in, over the wire: what a definition's author sees with `make run`.

The expected rewards follow from its rules: all words of GOOD but "since" occur in SOURCE, and no word of BAD.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reward_fn import handler
from rewardctl.emulate import Emulator
from tests import factory
from tests.contract.converse_server import CREDENTIALS
from tests.contract.strict import opened, verify
from tests.fresh import fresh_handler

pytestmark = pytest.mark.usefixtures("offline")

SOURCE = "Divers found two cracks in the foot of the breakwater. It gets mended before October."
GOOD = "The breakwater gets mended before October, since divers found two cracks in its foot."
BAD = "There was a meeting about various things."
HEAD = 'name = "x"\n[[gate]]\ncheck = "hollow_answer"\n[judge]\n'
FAITHFUL = (
    '[[judge.document]]\nname = "source"\nsource = ["metadata.source"]\n'
    '[[judge.criterion]]\nname = "Faithful"\nquestion = "Is the answer supported by the source?"\n'
)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with Emulator() as emulator:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": emulator.url}.items():
            monkeypatch.setenv(name, value)
        yield


def rewards(monkeypatch: pytest.MonkeyPatch, folder: Path, judge: str, *rows: dict[str, Any]) -> list[float]:
    path = folder / "x.toml"
    model = "" if "panel" in judge else 'model = "medium"\n'
    path.write_text(HEAD + model + judge + FAITHFUL, encoding="utf-8")
    fresh_handler(monkeypatch, REWARD_DEFINITION=str(path))
    answer = handler.lambda_handler(list(rows), {})
    verify(list(rows), answer)
    return [result["aggregate_reward_score"] for result in opened(answer)]


def rows(*responses: str, **fields: Any) -> list[dict[str, Any]]:
    return [
        factory.row(response, id=i, prompt="Summarise.", source=SOURCE, **fields)
        for i, response in enumerate(responses)
    ]


def test_a_better_answer_than_the_reference_earns_1_the_same_a_half_and_a_worse_0(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pairwise = 'mode = "pairwise"\nagainst = ["reference_answer"]\n'
    assert rewards(monkeypatch, tmp_path, pairwise, *rows(GOOD, BAD, reference_answer=BAD)) == [1.0, 0.5]
    assert rewards(monkeypatch, tmp_path, pairwise, *rows(GOOD, BAD, reference_answer=GOOD)) == [0.5, 0.0]


def test_side_by_side_the_better_of_a_group_stands_above_the_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good, bad = rewards(monkeypatch, tmp_path, 'mode = "group"\n', *rows(GOOD, BAD))
    assert good > bad


def test_choices_votes_and_a_panel_are_answered_in_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    panel = 'panel = ["medium", "medium-claude"]\nvotes = 2\nescalate = "heavyweight-claude"\n'
    good, bad = rewards(monkeypatch, tmp_path, panel, *rows(GOOD, BAD))
    assert (good, bad) == (1.0, 0.0)
