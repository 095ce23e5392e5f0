"""AWS's own verifier of reward functions, taken from its wheel.

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
from typing import Any

import pytest

from rewardctl.local.environment import FUNCTION_NAME
from tests.contract.strict import verify
from tests.factory import ROOT

REQUIREMENT = "sagemaker-train==1.27.0"
WHEEL = ROOT / ".build" / "wheels" / "verifier" / "sagemaker_train-1.27.0-py3-none-any.whl"
SHA256 = "b5974e537b6436ebac906de81dd3dd7bc49097d9aed8791649bb631a586682de"
MODULE = "sagemaker/train/common_utils/rlvr_reward_verifier.py"
ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION_NAME}"

IS_NOVA = {"list": True, "http": False, "http_list": False}
"""For each envelope, whether the verifier is told to expect Nova's form of answer."""


@pytest.fixture(scope="session")
def verifier_source() -> str:
    """The text of AWS's module; the test is skipped if the wheel is neither cached nor downloadable."""
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
            last = (done.stderr.strip().splitlines() or ["pip gave no message"])[-1]
            pytest.skip(f"AWS's verifier can't be downloaded ({REQUIREMENT}): {last}")
    assert hashlib.sha256(WHEEL.read_bytes()).hexdigest() == SHA256, (
        f"{WHEEL.name} is not the file that was reviewed"
    )
    with zipfile.ZipFile(WHEEL) as wheel:
        return wheel.read(MODULE).decode("utf-8")


@pytest.fixture
def verifier(verifier_source: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """AWS's module, executed without the rest of its SDK."""
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


def event(name: str) -> list[Any]:
    """The rows of the event with that name."""
    rows: list[Any] = json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return rows


def accepted(verifier: Any, target: str, rows: list[Any], envelope: str = "list") -> list[Any]:
    """The results of each row, accepted by AWS's verifier for training jobs and HyperPod and by our own."""
    assert len(rows) >= 2, "for one sample the verifier also accepts an answer that is not a list"
    answers = []
    for compute in (None, verifier.TrainingJobCompute(), verifier.HyperPodCompute()):
        report = verifier.verify_reward_function(target, rows, compute=compute, is_nova=IS_NOVA[envelope])
        assert report["success"] is True
        assert report["successful_samples"] == report["total_samples"] == len(rows)
        assert report["warnings"] == []
        answers.append([result["output"] for result in report["results"]])
        verify(rows, answers[-1])
    assert answers[0] == answers[1] == answers[2]
    return answers[0]
