"""samconfig.toml: three environments that differ in what should differ, and in nothing else."""

import tomllib
from typing import Any

import pytest

from rewardctl.release import check_parameters
from tests.template.cloudformation import PROJECT, source

NAMES = ("default", "staging", "prod")


@pytest.fixture(scope="module")
def samconfig() -> dict[str, Any]:
    return tomllib.loads((PROJECT / "samconfig.toml").read_text())


def overrides(config: dict[str, Any], name: str) -> dict[str, str]:
    """The parameters that one environment sets."""
    return dict(
        pair.split("=", 1) for pair in config[name]["global"]["parameters"]["parameter_overrides"].split()
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_environment_could_be_deployed(samconfig: dict[str, Any], name: str) -> None:
    given = overrides(samconfig, name)
    assert check_parameters(given, region="us-east-1") == []
    assert "SageMaker" in given.get("FunctionName", source()["Parameters"]["FunctionName"]["Default"])
    assert "ReleaseHash" not in given


def test_no_two_environments_meet(samconfig: dict[str, Any]) -> None:
    stacks = [samconfig[name]["global"]["parameters"]["stack_name"] for name in NAMES]
    functions = [overrides(samconfig, name).get("FunctionName", "the default") for name in NAMES]
    assert len(set(stacks)) == len(set(functions)) == 3


def test_they_differ_in_what_should_differ(samconfig: dict[str, Any]) -> None:
    defaults = {name: str(each["Default"]) for name, each in source()["Parameters"].items()}
    full = {name: {**defaults, **overrides(samconfig, name)} for name in NAMES}
    differing = {key for key in defaults if len({full[name][key] for name in NAMES}) > 1}
    assert {name: {key: full[name][key] for key in sorted(differing)} for name in NAMES} == {
        "default": {
            "DeploymentPreference": "AllAtOnce",
            "FunctionName": "SageMakerRewardFunction",
            "LogRetentionDays": "7",
            "ProvisionedConcurrency": "0",
            "TraceRetentionDays": "0",
            "TraceShare": "0",
        },
        "staging": {
            "DeploymentPreference": "AllAtOnce",
            "FunctionName": "SageMakerRewardFunctionStaging",
            "LogRetentionDays": "14",
            "ProvisionedConcurrency": "0",  # only prod pays for warm environments
            "TraceRetentionDays": "14",
            "TraceShare": "0.2",
        },
        "prod": {
            "DeploymentPreference": "Canary10Percent15Minutes",  # rolls back on an alarm
            "FunctionName": "SageMakerRewardFunctionProd",
            "LogRetentionDays": "90",
            "ProvisionedConcurrency": "100",
            "TraceRetentionDays": "0",
            "TraceShare": "0",
        },
    }


def test_all_build_alike_and_a_person_confirms_but_for_staging(samconfig: dict[str, Any]) -> None:
    builds = [samconfig[name]["build"]["parameters"] for name in NAMES]
    assert builds == [{"build_in_source": True, "parallel": True}] * 3
    deploys = {name: samconfig[name]["deploy"]["parameters"] for name in NAMES}
    assert {name: each["confirm_changeset"] for name, each in deploys.items()} == {
        "default": True,
        "staging": False,  # nobody is there to ask when CI deploys
        "prod": True,
    }
    assert {each["capabilities"] for each in deploys.values()} == {"CAPABILITY_IAM"}
