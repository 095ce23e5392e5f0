"""The function in containers gives every event the results that are written beside it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reward_fn.response import ENVELOPES
from tests.aws_verifier import ARN, IS_NOVA, accepted, event
from tests.contract.strict import opened, verify
from tests.docker.conftest import CASES, Served, expected, logical_id
from tests.factory import ROOT


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_an_event_gives_in_a_container_what_is_written_beside_it(served: Served, case: Path) -> None:
    wanted = expected(case)
    payload = case.read_bytes()
    answer = served.invoke(logical_id(wanted), payload)
    if "error" in wanted:  # sam leaves the header out that says so, but not what was raised
        assert f"{answer['errorType']}: {answer['errorMessage']}" == wanted["error"]
        return
    assert "errorType" not in answer, answer
    if "answer" in wanted:
        assert answer == wanted["answer"]
        return
    results = opened(answer, wanted.get("settings", {}).get("RESPONSE_ENVELOPE", "list"))
    rows = json.loads(payload)
    verify(rows if isinstance(rows, list) else [{"id": each["id"]} for each in wanted["results"]], results)
    assert results == wanted["results"]


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_awss_verifier_accepts_it_by_its_arn(
    verifier: Any, served: Served, monkeypatch: pytest.MonkeyPatch, envelope: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", served.url)
    settings = {} if envelope == "list" else {"RESPONSE_ENVELOPE": envelope}
    name = logical_id({"definition": "math-answer", "settings": settings})
    arn = f"{ARN}-{name}"
    for batch in ("identities", "verl_training", "verl_dataset_rows"):
        assert IS_NOVA.keys() == ENVELOPES.keys()
        accepted(verifier, arn, event(batch), envelope)


def test_awss_verifier_accepts_a_judged_batch_by_the_functions_own_arn(
    verifier: Any, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", served.url)
    answer = accepted(verifier, ARN, event("rft_evaluation"))
    wanted = expected(ROOT / "events" / "rft_evaluation.json")["results"]
    assert [each["aggregate_reward_score"] for each in answer] == [
        r["aggregate_reward_score"] for r in wanted
    ]


@pytest.mark.usefixtures("_containers")
def test_make_local_scores_an_event_in_a_container() -> None:
    command = ["make", "--no-print-directory", "local", "ARGS=--json"]
    command += ["EVENT=events/contract_review_batch.json", "DEFINITION=contract-review"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == expected(ROOT / "events" / "contract_review_batch.json")["results"]


DEFINITION = """
name = "own"
[[score]]
check = "json_schema"
schema = "own.schema.json"
"""


@pytest.mark.usefixtures("_containers")
def test_a_definition_by_its_path_goes_into_the_container_with_its_schema(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(DEFINITION, encoding="utf-8")
    (tmp_path / "own.schema.json").write_text('{"type": "array"}', encoding="utf-8")
    turns = [{"role": "user", "content": "A list?"}, {"role": "assistant", "content": "[1]"}]
    wrong = [turns[0], {"role": "assistant", "content": "{}"}]
    rows = [{"id": "a", "messages": turns}, {"id": "b", "messages": wrong}]
    (tmp_path / "event.json").write_text(json.dumps(rows), encoding="utf-8")
    command = [sys.executable, "-m", "rewardctl", "local", "--json", "--event", str(tmp_path / "event.json")]
    done = subprocess.run(
        [*command, "--definition", str(tmp_path / "own.toml")],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [result["aggregate_reward_score"] for result in json.loads(done.stdout)] == [1.0, 0.0]
