"""The function in containers gives every event the results that are written beside it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reward_fn.response import ENVELOPES
from tests.aws_verifier import ARN, IS_NOVA, accepted, event
from tests.contract.expected import CASES, read_expected, rounded
from tests.contract.strict import opened, verify
from tests.docker.conftest import Served, logical_id
from tests.factory import ROOT


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_an_event_gives_in_a_container_what_is_written_beside_it(served: Served, case: Path) -> None:
    expected = read_expected(case)
    payload = case.read_bytes()
    answer = served.invoke(logical_id(expected.definition, expected.settings), payload)
    if expected.error is not None:  # sam leaves out the header that says so, but not the error itself
        assert f"{answer['errorType']}: {answer['errorMessage']}" == expected.error
        return
    assert "errorType" not in answer, answer
    if expected.results is None:
        assert answer == expected.answer
        return
    results = opened(answer, expected.envelope)
    rows = json.loads(payload)
    verify(rows if isinstance(rows, list) else [{"id": each["id"]} for each in expected.results], results)
    assert rounded(results) == expected.results


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_awss_verifier_accepts_it_by_its_arn(
    verifier: Any, served: Served, monkeypatch: pytest.MonkeyPatch, envelope: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", served.url)
    settings = {} if envelope == "list" else {"RESPONSE_ENVELOPE": envelope}
    name = logical_id("math-answer", settings)
    arn = f"{ARN}-{name}"
    for batch in ("identities", "verl_training", "verl_dataset_rows"):
        assert IS_NOVA.keys() == ENVELOPES.keys()
        accepted(verifier, arn, event(batch), envelope)


def test_awss_verifier_accepts_a_judged_batch_by_the_functions_own_arn(
    verifier: Any, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", served.url)
    answer = accepted(verifier, ARN, event("rft_evaluation"))
    assert rounded(answer) == read_expected(ROOT / "events" / "rft_evaluation.json").results


@pytest.mark.usefixtures("_containers")
def test_make_local_scores_an_event_in_a_container() -> None:
    """What needs no judge is as expected; the rest depends on what the stand-in makes of it."""
    command = ["make", "--no-print-directory", "local", "ARGS=--json"]
    command += ["EVENT=events/contract_review_batch.json", "DEFINITION=contract-review"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    expected = read_expected(ROOT / "events" / "contract_review_batch.json")
    results = rounded(json.loads(done.stdout))
    assert [result["id"] for result in results] == [result["id"] for result in expected.results or ()]
    for result, written in zip(results, expected.results or (), strict=True):
        if result["id"] not in expected.verdicts:
            assert result == written
            continue
        values = {metric["name"]: metric["value"] for metric in result["metrics_list"]}
        assert (values["judge_error"], values["judge_coverage"]) == (0.0, 1.0), (
            "the stand-in answers all of it"
        )


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
