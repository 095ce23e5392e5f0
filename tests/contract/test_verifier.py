"""AWS's own verifier of reward functions, taken from its wheel, accepts ours as a local file.

The module is executed with stand-ins for the two classes that it imports from the rest of the SDK, so that
the SDK's 900 MB need not be installed. The wheel is fetched once, into ``.build``, and never becomes part of
the project.
"""

import hashlib
import json
import subprocess
import sys
import types
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.converse_server import ConverseServer
from tests.contract.strict import verify
from tests.factory import ROOT, row
from tests.fresh import fresh_handler

REQUIREMENT = "sagemaker-train==1.27.0"
WHEEL = ROOT / ".build" / "wheels" / "verifier" / "sagemaker_train-1.27.0-py3-none-any.whl"
SHA256 = "b5974e537b6436ebac906de81dd3dd7bc49097d9aed8791649bb631a586682de"
MODULE = "sagemaker/train/common_utils/rlvr_reward_verifier.py"
SHIM = "from reward_fn.handler import lambda_handler\n"


@pytest.fixture(scope="session")
def verifier_source() -> str:
    """The text of AWS's module; the test skips where the wheel is neither here nor to be had."""
    if not WHEEL.is_file():
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            str(WHEEL.parent),
            REQUIREMENT,
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        if done.returncode or not WHEEL.is_file():
            last = (done.stderr.strip().splitlines() or ["no word from pip"])[-1]
            pytest.skip(f"AWS's verifier can't be downloaded ({REQUIREMENT}): {last}")
    assert hashlib.sha256(WHEEL.read_bytes()).hexdigest() == SHA256, (
        f"{WHEEL.name} is not the file that was reviewed"
    )
    with zipfile.ZipFile(WHEEL) as wheel:
        return wheel.read(MODULE).decode("utf-8")


@pytest.fixture
def verifier(verifier_source: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """AWS's module, with nothing of its SDK but itself."""
    for name in ("sagemaker", "sagemaker.core", "sagemaker.core.training", "sagemaker.core.training.configs"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    configs = sys.modules["sagemaker.core.training.configs"]
    vars(configs).update(
        TrainingJobCompute=type("TrainingJobCompute", (), {}), HyperPodCompute=type("HyperPodCompute", (), {})
    )
    module = types.ModuleType("rlvr_reward_verifier")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(verifier_source, MODULE, "exec"), vars(module))  # noqa: S102 - AWS's file, by its hash
    return module


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConverseServer]:
    with ConverseServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        yield server


def shim(folder: Path, text: str = SHIM) -> str:
    """A file of the kind that the verifier reads: no ``__file__``, no package around it."""
    path = folder / "my_reward.py"
    path.write_text(text, encoding="utf-8")
    return str(path)


def event(name: str) -> list[Any]:
    rows: list[Any] = json.loads((ROOT / "events" / name).read_text(encoding="utf-8"))
    return rows


def accepted(verifier: Any, path: str, rows: list[Any]) -> list[Any]:
    """The results that AWS's verifier accepted, after our own has accepted them too."""
    assert len(rows) >= 2, "with one sample the verifier takes anything that is no list"
    report = verifier.verify_reward_function(path, rows)
    assert report["success"] is True
    assert report["successful_samples"] == report["total_samples"] == len(rows)
    assert report["warnings"] == []
    answer = [result["output"] for result in report["results"]]
    verify(rows, answer)
    return answer


def test_contract_review_passes_awss_verifier(
    verifier: Any, bedrock: ConverseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION="contract-review")
    answer = accepted(verifier, shim(tmp_path), event("contract_review_batch.json"))
    assert len({result["aggregate_reward_score"] for result in answer}) > 2
    assert bedrock.requests


def test_math_answer_passes_awss_verifier(
    verifier: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION="math-answer")
    answer = accepted(verifier, shim(tmp_path), event("nova_training_math.json"))
    assert {result["aggregate_reward_score"] for result in answer} >= {0.0, 1.0}


@pytest.mark.parametrize("definition", ["contract-review", "math-answer"])
@pytest.mark.parametrize("name", ["dataset_rows.json", "malformed_rows.json", "rft_evaluation.json"])
def test_rows_before_training_and_broken_rows_pass_it_too(
    verifier: Any,
    bedrock: ConverseServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    definition: str,
) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION=definition)
    accepted(verifier, shim(tmp_path), event(name))


def test_a_judge_that_is_gone_passes_it_too(
    verifier: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ConverseServer() as gone:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", gone.url)
    fresh_handler(monkeypatch, REWARD_DEFINITION="contract-review", JUDGE_MAX_ATTEMPTS="1")
    answer = accepted(verifier, shim(tmp_path), event("rft_evaluation.json"))
    shown = [{metric["name"]: metric["value"] for metric in result["metrics_list"]} for result in answer]
    assert [flags["judge_error"] for flags in shown] == [1.0] * len(answer)


@pytest.mark.parametrize(
    "body",
    [
        "return results[1:]",
        "return [{**r, 'aggregate_reward_score': None} for r in results]",
        "return [{k: v for k, v in r.items() if k != 'id'} for r in results]",
        "return [{**r, 'metrics_list': [{'name': 'm', 'value': 1.0, 'type': 'reward'}]} for r in results]",
        "raise RuntimeError('lost')",
    ],
)
def test_the_verifier_does_refuse_what_is_wrong(
    verifier: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION="math-answer")
    wrong = f"""
from reward_fn.handler import lambda_handler as right
def lambda_handler(event, context):
    results = right(event, context)
    {body}
"""
    with pytest.raises(ValueError, match="verification failed"):
        verifier.verify_reward_function(shim(tmp_path, wrong), [row("A: 5", reference_answer="5")] * 2)
