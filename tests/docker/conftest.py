"""The function in containers, built by sam and served by `sam local start-lambda`, for all tests here."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from rewardctl.local import container, container_session, sam
from rewardctl.local.container_session import serve_in_containers
from tests.aws_verifier import verifier, verifier_source
from tests.contract.converse_server import CREDENTIALS, ConverseServer
from tests.contract.expect import script_of
from tests.contract.expected import CASES, read_expected
from tests.contract.scripted_judge import ScriptedJudge

__all__ = ["verifier", "verifier_source"]  # fixtures

HERE = Path(__file__).resolve().parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder need containers, and take seconds."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.docker)
            item.add_marker(pytest.mark.slow)


@cache
def why_no_container() -> str:
    """Why no container of the function can run here, in words; "" where one can."""
    if reason := container.why_no_engine():
        return reason
    if container.runtime_at_hand():
        return ""
    image = container.image_of(container.RUNTIMES[0])
    done = container.docker("pull", "--quiet", image, timeout_s=container.PULL_WITHIN_S)
    words = done.stderr.strip().splitlines() or ["no reason given"]
    return (
        f"no base image of Lambda is here, and {image} can't be pulled: {words[-1]}"
        if done.returncode
        else ""
    )


@pytest.fixture(scope="session")
def _containers() -> None:
    if reason := why_no_container():
        pytest.skip(reason)


def logical_id(definition: str, settings: Mapping[str, str]) -> str:
    """The function that serves events of this definition and these settings."""
    words = [definition, *(f"{name}-{value}" for name, value in sorted(settings.items()))]
    name = "".join(word.capitalize() for word in "-".join(words).replace("_", "-").lower().split("-"))
    return sam.FUNCTION if name == "ContractReview" else name


def functions() -> Mapping[str, Mapping[str, str]]:
    """The variables of one function for each combination that the events ask for."""
    cases = [read_expected(case) for case in CASES]
    return {
        logical_id(case.definition, case.settings): {"REWARD_DEFINITION": case.definition, **case.settings}
        for case in cases
    }


@contextmanager
def scripted_judge() -> Iterator[ConverseServer]:
    """The judge of all events, in place of the stand-in: it gives the verdicts beside them."""
    scripts = [script for case in CASES for script in script_of(case, read_expected(case).verdicts).scripts]
    with ConverseServer(ScriptedJudge(scripts)) as server:
        yield server


@dataclass(frozen=True)
class Served:
    """Lambda's Invoke on loopback."""

    url: str

    def invoke(self, name: str, payload: bytes) -> Any:
        """The answer of a function, or the error that it raised, as Lambda tells it."""
        config = Config(read_timeout=120, retries={"total_max_attempts": 1}, proxies={})
        client = boto3.client("lambda", endpoint_url=self.url, config=config)
        return json.loads(client.invoke(FunctionName=name, Payload=payload)["Payload"].read())


@pytest.fixture(scope="session")
def served(_containers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server, with a container for each of the functions that stays warm."""
    log = tmp_path_factory.mktemp("start-lambda") / "sam.log"
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setattr(container_session, "stand_in", scripted_judge)
        running = stack.enter_context(serve_in_containers(functions(), None, log, print))
        os.environ.update(CREDENTIALS)
        stack.callback(lambda: [os.environ.pop(name, None) for name in CREDENTIALS])
        yield Served(running.url)
