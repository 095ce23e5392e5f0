"""The template, read as sam reads it: names, permissions, and agreement with the code."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from reward_fn.judge.models import TIERS
from reward_fn.settings import BOUNDS, read_settings
from rewardctl.local import environment

PROJECT = Path(__file__).resolve().parents[2]
US_REGIONS = ("us-east-1", "us-east-2", "us-west-2")


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return dict(yaml_parse((PROJECT / "template.yaml").read_text()))


@pytest.fixture(scope="module")
def samconfig() -> dict[str, Any]:
    return tomllib.loads((PROJECT / "samconfig.toml").read_text())


def statements(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every statement of the function's role."""
    for policy in template["Resources"]["FunctionRole"]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def strings(value: Any) -> Iterator[str]:
    """Every string in nested lists and dicts, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def overrides(config: dict[str, Any], name: str) -> dict[str, str]:
    """The parameters that one environment of samconfig.toml sets."""
    return dict(
        pair.split("=", 1) for pair in config[name]["global"]["parameters"]["parameter_overrides"].split()
    )


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("SageMakerRewardFunction", True),
        ("my-SageMaker_reward", True),
        ("sagemaker-reward", False),  # HyperPod's policy and amzn-nova-forge want it spelled exactly
        ("RewardFunction", False),
        ("SageMaker:live", False),
    ],
)
def test_the_functions_name_must_hold_sagemaker(template: dict[str, Any], name: str, allowed: bool) -> None:
    pattern = template["Parameters"]["FunctionName"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, name)) is allowed


def test_every_parameter_is_described_and_bounded(template: dict[str, Any]) -> None:
    bounds = ({"AllowedValues"}, {"AllowedPattern", "MaxLength"}, {"MinValue", "MaxValue"})
    for name, parameter in template["Parameters"].items():
        assert parameter["Description"], name
        assert any(bound <= set(parameter) for bound in bounds), name
        assert "Default" in parameter, name


def test_no_permission_has_a_star(template: dict[str, Any]) -> None:
    granted = [text for each in statements(template) for text in strings([each["Action"], each["Resource"]])]
    assert granted
    assert [text for text in granted if "*" in text] == []


def test_the_role_may_write_its_log_and_call_its_judge_and_no_more(template: dict[str, Any]) -> None:
    actions = {text for each in statements(template) for text in strings(each["Action"])}
    assert actions == {"logs:CreateLogStream", "logs:PutLogEvents", "bedrock:InvokeModel"}
    assert "ManagedPolicyArns" not in template["Resources"]["FunctionRole"]["Properties"]


def test_the_judge_is_allowed_in_each_region_that_its_profile_leads_to(template: dict[str, Any]) -> None:
    by_sid = {each["Sid"]: each for each in statements(template) if "Sid" in each}
    models = [each["Fn::Sub"][0] for each in by_sid["TheModelBehindIt"]["Resource"]]
    # A foundation model belongs to no account: nothing between the two colons.
    assert models == [
        f"arn:${{AWS::Partition}}:bedrock:{region}::foundation-model/${{Model}}" for region in US_REGIONS
    ]
    profile = "arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:inference-profile/${Profile}"
    assert by_sid["TheProfile"]["Resource"]["Fn::Sub"][0] == profile
    condition = by_sid["TheModelBehindIt"]["Condition"]["StringEquals"]["bedrock:InferenceProfileArn"]
    assert condition["Fn::Sub"][0] == profile


def test_the_tiers_are_those_of_the_code(template: dict[str, Any]) -> None:
    tiers = template["Mappings"]["JudgeTiers"]
    assert {name: tier["Profile"] for name, tier in tiers.items()} == dict(TIERS)
    assert set(template["Parameters"]["JudgeModel"]["AllowedValues"]) == set(TIERS)
    assert {tier["Profile"] for tier in tiers.values()} == {f"us.{tier['Model']}" for tier in tiers.values()}


def test_the_function_is_told_of_the_judge_that_it_may_call(template: dict[str, Any]) -> None:
    variables = template["Resources"]["RewardFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["JUDGE_MODEL"] == {"Fn::FindInMap": ["JudgeTiers", {"Ref": "JudgeModel"}, "Profile"]}


def test_the_workers_bounds_are_the_settings(template: dict[str, Any]) -> None:
    workers = template["Parameters"]["JudgeMaxWorkers"]
    assert (workers["MinValue"], workers["MaxValue"]) == BOUNDS["JUDGE_MAX_WORKERS"]
    assert workers["Default"] == read_settings({}).judge_max_workers


def test_every_shipped_definition_can_be_named(template: dict[str, Any]) -> None:
    parameter = template["Parameters"]["RewardDefinition"]
    names = [path.stem for path in (PROJECT / "reward_fn" / "rewards").glob("*.toml")]
    assert parameter["Default"] in names
    assert [name for name in names if not re.fullmatch(parameter["AllowedPattern"], name)] == []


def test_a_local_run_has_the_templates_defaults(template: dict[str, Any]) -> None:
    defaults = {name: parameter["Default"] for name, parameter in template["Parameters"].items()}
    assert environment.FUNCTION_NAME == defaults["FunctionName"]
    assert environment.TIMEOUT_S == defaults["Timeout"]
    assert environment.MEMORY_MB == defaults["MemorySize"]
    assert environment.HANDLER == template["Resources"]["RewardFunction"]["Properties"]["Handler"]


def holds(condition: dict[str, Any], parameters: dict[str, str]) -> bool:
    """A condition of the template, worked out for given parameters."""
    ((function, arguments),) = condition.items()
    if function == "Fn::Not":
        return not holds(arguments[0], parameters)
    assert function == "Fn::Equals"
    left, right = (parameters[side["Ref"]] if isinstance(side, dict) else str(side) for side in arguments)
    return left == right


def test_zero_turns_provisioned_concurrency_off(
    template: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    source = dict(yaml_parse((PROJECT / "template.yaml").read_text()))
    source["Resources"]["RewardFunction"]["Properties"]["CodeUri"] = "s3://bucket/function.zip"
    source["Resources"]["DependenciesLayer"]["Properties"]["ContentUri"] = "s3://bucket/layer.zip"
    deployed = Translator({}, Parser()).translate(source, {})
    alias = deployed["Resources"]["RewardFunctionAliaslive"]["Properties"]
    name, on, off = alias["ProvisionedConcurrencyConfig"]["Fn::If"]
    assert on == {"ProvisionedConcurrentExecutions": {"Ref": "ProvisionedConcurrency"}}
    assert off == {"Ref": "AWS::NoValue"}
    condition = template["Conditions"][name]
    assert [holds(condition, {"ProvisionedConcurrency": text}) for text in ("0", "1", "100")] == [
        False,
        True,
        True,
    ]


def test_both_arns_are_given_with_the_callers_that_need_them(template: dict[str, Any]) -> None:
    outputs = template["Outputs"]
    assert outputs["FunctionArn"]["Value"] == {"Fn::GetAtt": ["RewardFunction", "Arn"]}
    assert outputs["AliasArn"]["Value"] == {"Ref": "RewardFunction.Alias"}
    assert "RLVRTrainer" in outputs["FunctionArn"]["Description"]
    assert "lambdaGrader" in outputs["AliasArn"]["Description"]


@pytest.mark.parametrize("name", ["default", "staging", "prod"])
def test_every_environment_builds_in_place_and_names_its_function_right(
    template: dict[str, Any], samconfig: dict[str, Any], name: str
) -> None:
    assert samconfig[name]["build"]["parameters"]["build_in_source"] is True
    given = overrides(samconfig, name)
    assert set(given) <= set(template["Parameters"])
    assert "SageMaker" in given.get("FunctionName", template["Parameters"]["FunctionName"]["Default"])


def test_no_two_environments_meet(samconfig: dict[str, Any]) -> None:
    names = ("default", "staging", "prod")
    stacks = [samconfig[name]["global"]["parameters"]["stack_name"] for name in names]
    functions = [overrides(samconfig, name).get("FunctionName", "the default") for name in names]
    assert len(set(stacks)) == len(set(functions)) == 3


def test_only_prod_pays_for_warm_environments(samconfig: dict[str, Any]) -> None:
    given = {
        name: overrides(samconfig, name)["ProvisionedConcurrency"] for name in ("default", "staging", "prod")
    }
    assert given == {"default": "0", "staging": "0", "prod": "100"}
