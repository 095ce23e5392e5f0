"""What `rewardctl local` does where no container can run, and the way from a container to loopback."""

import json
import subprocess
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
from click.testing import CliRunner

from rewardctl.commands.local import command
from rewardctl.local import container, sam
from rewardctl.local.bridge import Bridge
from rewardctl.local.errors import HostError
from tests.contract.invoke_server import InvokeServer

PATH = "/2015-03-31/functions/f/invocations"
LOOPBACK_OPENER = build_opener(ProxyHandler({}))


def answers(text: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
    return subprocess.CompletedProcess(["docker"], code, text, "")


def test_a_bridge_passes_calls_on_and_back() -> None:
    with InvokeServer(lambda body: body * 2) as server, Bridge(server.url, "127.0.0.1") as bridge:
        assert bridge.url != server.url
        for _ in range(2):
            with LOOPBACK_OPENER.open(f"{bridge.url}{PATH}", data=b"ab", timeout=10) as answer:
                assert answer.read() == b"abab"


def test_a_bridge_to_nobody_ends_the_call() -> None:
    with InvokeServer() as gone:
        url = gone.url
    with Bridge(url, "127.0.0.1") as bridge, pytest.raises(OSError, match=r"closed|reset|URL|Broken pipe"):
        LOOPBACK_OPENER.open(f"{bridge.url}{PATH}", data=b"ab", timeout=10)


@pytest.mark.parametrize(
    ("config", "address"),
    [
        ([{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.9"}], "172.17.0.9"),
        ([{"Subnet": "10.1.0.0/24"}], "10.1.0.1"),
    ],
)
def test_a_container_finds_this_machine_at_the_bridges_address(
    monkeypatch: pytest.MonkeyPatch, config: object, address: str
) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr(container, "docker", lambda *_: answers(json.dumps(config)))
    assert container.host_address() == address


def test_an_engine_without_a_bridge_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr(container, "docker", lambda *_: answers("[]", code=1))
    with pytest.raises(HostError, match="no bridge network"):
        container.host_address()


def test_without_an_engine_local_says_why_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(container, "why_no_engine", lambda: "docker is not installed")
    done = CliRunner().invoke(command, [])
    assert done.exit_code == 1
    assert "can't run in a container: docker is not installed" in done.output
    assert "`make run`" in done.output


BUILT = """
Resources:
  RewardFunction:
    Type: AWS::Serverless::Function
    Metadata: {SamResourceId: RewardFunction}
    Properties:
      FunctionName: !Ref FunctionName
      Environment:
        Variables: {REWARD_DEFINITION: !Ref RewardDefinition, JUDGE_MAX_WORKERS: 64}
"""


def test_each_function_of_the_local_template_has_its_variables_and_a_name(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(BUILT, encoding="utf-8")
    path = sam.with_functions(
        tmp_path, {"RewardFunction": {"A": "1"}, "Other": {"REWARD_DEFINITION": "other"}}
    )
    resources = json.loads(path.read_text(encoding="utf-8"))["Resources"]
    first, other = (resources[name]["Properties"] for name in ("RewardFunction", "Other"))
    assert first["Environment"]["Variables"]["A"] == "1"
    assert first["Environment"]["Variables"]["REWARD_DEFINITION"] == {"Ref": "RewardDefinition"}
    assert first["FunctionName"] == {"Ref": "FunctionName"}
    assert other["Environment"]["Variables"] == {"REWARD_DEFINITION": "other", "JUDGE_MAX_WORKERS": 64}
    assert other["FunctionName"] == "SageMakerRewardFunction-Other"
    assert resources["Other"]["Metadata"]["SamResourceId"] == "Other"


def test_sam_sees_nothing_of_the_callers_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    monkeypatch.setenv("AWS_PROFILE", "real")
    assert "real" not in sam.sam_environment().values()
