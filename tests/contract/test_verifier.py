"""AWS's own verifier of reward functions accepts ours: as a file and by its ARN."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reward_fn.response import ENVELOPES
from rewardctl.local import runtime
from rewardctl.local.artifact import build_artifact
from rewardctl.local.environment import FUNCTION_NAME, function_environment
from tests.aws_verifier import ARN, IS_NOVA, accepted, event, verifier, verifier_source
from tests.contract.converse_server import ConverseServer
from tests.contract.invoke_server import InvokeServer, in_process
from tests.factory import row
from tests.fresh import fresh_handler

__all__ = ["verifier", "verifier_source"]  # fixtures

SHIM = "from reward_fn.handler import lambda_handler\n"

BATCHES = {
    "contract_review_batch": "contract-review",
    "rft_evaluation": "contract-review",
    "verl_contract_review": "contract-review",
    "nova_training_math": "math-answer",
    "verl_training": "math-answer",
    "custom_scorer_shapes": "math-answer",
    "content_shapes": "math-answer",
    "conversations": "math-answer",
    "reference_shapes": "math-answer",
    "identities": "math-answer",
    "malformed_rows": "contract-review",
    "generated_rows": "math-answer",
    "bedrock_evaluation_rows": "math-answer",
    "tool_use": "structured-output",
}
DATA_SETS = {
    "dataset_rows": "contract-review",
    "verl_dataset_rows": "math-answer",
    "custom_scorer_dataset_rows": "math-answer",
}
"""Rows as they are before any model has answered: what a trainer's own check sends."""


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConverseServer]:
    with ConverseServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        yield server


@pytest.fixture(params=["file", "arn"])
def target(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Our function in both of the verifier's modes: a local file, and an ARN behind a Lambda on loopback."""
    if request.param == "file":
        yield shim(tmp_path)
        return
    with InvokeServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        yield ARN
    assert set(server.names) == {ARN}


def shim(folder: Path, text: str = SHIM) -> str:
    """A file of the kind that the verifier reads: no ``__file__``, no package around it."""
    path = folder / "my_reward.py"
    path.write_text(text, encoding="utf-8")
    return str(path)


def rewards(answer: list[Any]) -> list[float]:
    return [result["aggregate_reward_score"] for result in answer]


def flags(answer: list[Any], name: str) -> list[float]:
    return [m["value"] for result in answer for m in result["metrics_list"] if m["name"] == name]


def test_every_envelope_is_verified() -> None:
    assert IS_NOVA.keys() == ENVELOPES.keys()


@pytest.mark.usefixtures("bedrock")
@pytest.mark.parametrize("envelope", IS_NOVA)
@pytest.mark.parametrize("name", BATCHES)
def test_batches_of_every_form_pass_awss_verifier(
    verifier: Any, target: str, monkeypatch: pytest.MonkeyPatch, name: str, envelope: str
) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION=BATCHES[name], RESPONSE_ENVELOPE=envelope)
    answer = accepted(verifier, target, event(name), envelope)
    assert len(set(rewards(answer))) >= 2, "they tell good from bad"


@pytest.mark.parametrize("envelope", IS_NOVA)
@pytest.mark.parametrize("name", DATA_SETS)
def test_raw_data_set_rows_pass_it_and_cost_no_judge(
    verifier: Any,
    target: str,
    bedrock: ConverseServer,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    envelope: str,
) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION=DATA_SETS[name], RESPONSE_ENVELOPE=envelope)
    answer = accepted(verifier, target, event(name), envelope)
    assert rewards(answer) == [0.5] * len(answer)
    assert flags(answer, "no_response") == [1.0] * len(answer)
    assert bedrock.requests == []


def test_the_judge_is_asked_behind_both(
    verifier: Any, target: str, bedrock: ConverseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION="contract-review")
    accepted(verifier, target, event("rft_evaluation"))
    assert bedrock.requests


def test_a_judge_that_is_gone_passes_it_too(
    verifier: Any, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ConverseServer() as gone:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", gone.url)
    fresh_handler(monkeypatch, REWARD_DEFINITION="contract-review", JUDGE_MAX_ATTEMPTS="1")
    answer = accepted(verifier, target, event("rft_evaluation"))
    assert flags(answer, "judge_error") == [1.0] * len(answer)


needs_emulator = pytest.mark.skipif(
    bool(runtime.why_not()), reason=f"no runtime emulator: {runtime.why_not()}"
)


@pytest.mark.slow
@needs_emulator
def test_the_function_as_deployed_passes_it_by_its_arn(
    verifier: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = build_artifact(tmp_path / "built")
    for envelope in IS_NOVA:
        environment = function_environment(
            definition="math-answer",
            judge_url="http://127.0.0.1:9",
            path=(built.function, built.layer, built.runtime),
            timeout_s=20,
            caller={},
        ) | {"RESPONSE_ENVELOPE": envelope}
        log = tmp_path / f"{envelope}.log"
        with (
            runtime.RuntimeEmulator(environment, folder=built.function, log=log, timeout_s=20) as host,
            InvokeServer(host.invoke) as server,
        ):
            monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
            for name in ("identities", "verl_training", "verl_dataset_rows"):
                accepted(verifier, ARN, event(name), envelope)


# What it refuses, it refuses for good reason

PAIR = [row("A: 5", reference_answer="5")] * 2


@pytest.mark.parametrize(("envelope", "is_nova"), [("list", False), ("http", True), ("http_list", True)])
def test_the_wrong_envelope_is_refused_by_it(
    verifier: Any, target: str, monkeypatch: pytest.MonkeyPatch, envelope: str, is_nova: bool
) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION="math-answer", RESPONSE_ENVELOPE=envelope)
    with pytest.raises(ValueError, match="verification failed"):
        verifier.verify_reward_function(target, PAIR, is_nova=is_nova)


def test_a_wrong_setting_is_told_through_it(
    verifier: Any, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION="math-answer", RESPONSE_ENVELOPE="xml")
    with pytest.raises(ValueError, match="RESPONSE_ENVELOPE='xml': set one of list, http, http_list"):
        verifier.verify_reward_function(target, PAIR)


def test_hyperpod_refuses_a_name_without_sagemaker(verifier: Any) -> None:
    other = ARN.replace(FUNCTION_NAME, "RewardFunction")
    with pytest.raises(ValueError, match="must contain 'SageMaker'"):
        verifier.verify_reward_function(other, PAIR, compute=verifier.HyperPodCompute())


WRONG = [
    "return results[1:]",
    "return [{**r, 'aggregate_reward_score': None} for r in results]",
    "return [{k: v for k, v in r.items() if k != 'id'} for r in results]",
    "return [{**r, 'metrics_list': [{'name': 'm', 'value': 1.0, 'type': 'reward'}]} for r in results]",
    "raise RuntimeError('lost')",
]


def wrong(body: str) -> str:
    """A handler that spoils what ours answers."""
    return f"""
from reward_fn.handler import lambda_handler as right
def lambda_handler(event, context):
    results = right(event, context)
    {body}
"""


@pytest.mark.parametrize("body", WRONG)
def test_the_verifier_does_refuse_what_is_wrong_in_a_file(
    verifier: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION="math-answer")
    with pytest.raises(ValueError, match="verification failed"):
        verifier.verify_reward_function(shim(tmp_path, wrong(body)), PAIR)


@pytest.mark.parametrize("body", WRONG)
def test_the_verifier_does_refuse_what_is_wrong_behind_an_arn(
    verifier: Any, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION="math-answer")
    code: dict[str, Any] = {}
    exec(wrong(body), code)  # noqa: S102 - written above

    def function(payload: bytes) -> bytes:
        return json.dumps(code["lambda_handler"](json.loads(payload), {})).encode()

    with InvokeServer(function) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        with pytest.raises(ValueError, match="verification failed"):
            verifier.verify_reward_function(ARN, PAIR)


def test_what_raises_behind_an_arn_is_told_as_lambda_tells_it(
    verifier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION="no-such-definition")
    with InvokeServer(in_process) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        with pytest.raises(ValueError, match=r"Lambda execution error - SettingsError: .*no-such-definition"):
            verifier.verify_reward_function(ARN, PAIR)
