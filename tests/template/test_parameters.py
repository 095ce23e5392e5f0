"""The template's parameters: described, bounded, in agreement with the code, and what each switches."""

import re
from dataclasses import fields
from typing import Any

import pytest

from reward_fn.judge.models.catalogue import TIERS
from reward_fn.settings import BOUNDS, PROMPT_CACHE_TTLS, SERVICE_TIERS, Settings, read_settings
from rewardctl.local import environment
from tests.template.cloudformation import PROJECT, Stack, Tree, deployed, source, transformed


@pytest.fixture(scope="module")
def template() -> Tree:
    return source()


def function(**parameters: str) -> Tree:
    """The function's properties in a stack with these parameters."""
    return dict(deployed(**parameters)["RewardFunction"]["Properties"])


def variables(**parameters: str) -> Tree:
    return dict(function(**parameters)["Environment"]["Variables"])


def test_every_parameter_is_described_and_bounded_and_says_what_is_allowed(template: Tree) -> None:
    bounds = ({"AllowedPattern", "MaxLength"}, {"MinValue", "MaxValue"})
    for name, parameter in template["Parameters"].items():
        assert parameter["Description"], name
        assert "Default" in parameter, name
        given = set(parameter)
        # CloudFormation lists allowed values by itself; a pattern or a span says nothing to a person.
        explained = any(bound | {"ConstraintDescription"} <= given for bound in bounds)
        assert "AllowedValues" in given or explained, name


def test_every_default_is_allowed_by_its_own_bounds(template: Tree) -> None:
    for name, parameter in template["Parameters"].items():
        default = parameter["Default"]
        assert default in parameter.get("AllowedValues", [default]), name
        assert re.fullmatch(parameter.get("AllowedPattern", ".*"), str(default)), name
        assert parameter.get("MinValue", 0) <= (default if parameter["Type"] == "Number" else 0), name


def test_every_parameter_stands_in_one_group_of_the_console(template: Tree) -> None:
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(template["Parameters"])


VERSION = "L4kqtJlcpXroDTDmpUMLUo"


@pytest.mark.parametrize(
    ("parameter", "value", "allowed"),
    [
        ("FunctionName", "SageMakerRewardFunction", True),
        ("FunctionName", "my-SageMaker_reward", True),
        ("FunctionName", "sagemaker-reward", False),  # HyperPod's policy and amzn-nova-forge: spelled exactly
        ("FunctionName", "RewardFunction", False),
        ("FunctionName", "SageMaker:live", False),
        ("RewardDefinition", "contract-review", True),
        ("RewardDefinition", "contract-review.toml", False),
        ("RewardDefinition", f"s3://my-bucket/rewards/a.toml?versionId={VERSION}", True),
        ("RewardDefinition", "s3://my-bucket/a.toml", False),  # no version: it would float
        ("RewardDefinition", "s3://my-bucket/a.toml?versionId=null", False),  # so does this one
        ("RewardDefinition", f"s3://my-bucket/*.toml?versionId={VERSION}", False),  # a wildcard in the policy
        ("RewardDefinition", f"s3://my-bucket/${{aws:x}}?versionId={VERSION}", False),  # and a variable
        ("RewardDefinition", "ssm:/rewards/mine:7", True),
        ("RewardDefinition", "ssm:/rewards/mine", False),
        ("RewardDefinition", "ssm:/rewards/mine:0", False),
        ("RewardDefinition", "ssm:/rewards/*:7", False),
        ("RewardDefinitionSha256", "0" * 64, True),
        ("RewardDefinitionSha256", "A" * 64, False),
        ("RewardDefinitionSha256", "0" * 63, False),
        ("JudgesAllowed", "medium,heavyweight-claude", True),
        ("JudgesAllowed", "medium, heavyweight", False),
        ("JudgesAllowed", "anthropic.claude", False),
        ("JudgesAllowed", "medium,openai:qwen2.5:7b@http://10.0.0.7:8000/v1,heavyweight", True),
        ("JudgesAllowed", "openai:m@https://judge.example/v1?key=1", False),
        ("JudgeUrlsAllowed", "https://judge.example/v1,http://10.0.0.7:8000", True),
        ("JudgeUrlsAllowed", "https://judge.example/v1?key=1", False),
        ("JudgeUrlsAllowed", "judge.example", False),
        ("JudgeApiKeySecret", "arn:aws:secretsmanager:us-east-1:123456789012:secret:judge-AbCdEf", True),
        ("JudgeApiKeySecret", "ssm:/judge/key", True),
        ("JudgeApiKeySecret", "ssm:/judge/*", False),  # a wildcard in the policy
        ("JudgeApiKeySecret", "arn:aws:secretsmanager:us-east-1:123456789012:secret:*", False),
        ("JudgeApiKeySecret", "sk-0123", False),
        ("JudgePrices", "openai:m@https://judge.example/v1=0.5/2,medium=1/4", True),
        ("JudgePrices", "medium = 1", False),
        ("RequestMetadata", "", True),
        ("RequestMetadata", "job=J17,team=legal", True),
        ("RequestMetadata", "job", False),
        ("RequestMetadata", "job=J(17)", False),
        ("RequestMetadata", ",".join(f"k{n}=v" for n in range(17)), False),
        ("TraceShare", "0", True),
        ("TraceShare", "0.05", True),
        ("TraceShare", "1", True),
        ("TraceShare", "0.0", False),  # conditions compare text: only one 0 may stand for "off"
        ("TraceShare", "1.5", False),
        ("TraceShare", "5%", False),
        ("AlarmEmail", "operator@example.com", True),
        ("AlarmEmail", "operator", False),
        ("AlarmTopicArn", "arn:aws:sns:us-east-1:123456789012:alarms", True),
        (
            "AlarmTopicArn",
            "arn:aws:sns:us-east-1:123456789012:alarms.fifo",
            False,
        ),  # alarms can't publish there
        ("ReleaseHash", "0123456789abcdef" * 4, True),
        ("ReleaseHash", "1.0", False),
    ],
)
def test_a_pattern_tells_what_works_from_what_does_not(
    template: Tree, parameter: str, value: str, allowed: bool
) -> None:
    assert bool(re.fullmatch(template["Parameters"][parameter]["AllowedPattern"], value)) is allowed


def test_the_tiers_are_those_of_the_code(template: Tree) -> None:
    tiers = dict(template["Mappings"]["JudgeTiers"])
    assert tiers.pop("definition")["Profile"] == "none"
    assert {name: tier["Profile"] for name, tier in tiers.items()} == dict(TIERS)
    assert template["Parameters"]["JudgeModel"]["AllowedValues"] == [*TIERS, "definition"]


@pytest.mark.parametrize(
    ("parameters", "model", "allowed"),
    [
        ({}, TIERS["medium"], "medium"),
        ({"JudgeModel": "heavyweight"}, TIERS["heavyweight"], "heavyweight"),
        ({"JudgeModel": "medium", "JudgesAllowed": "heavyweight"}, TIERS["medium"], "medium,heavyweight"),
        ({"JudgeModel": "definition", "JudgesAllowed": "medium-claude"}, None, "medium-claude"),
    ],
)
def test_the_function_is_told_of_the_judges_that_it_may_call(
    parameters: dict[str, str], model: str | None, allowed: str
) -> None:
    given = variables(**parameters)
    assert (given.get("JUDGE_MODEL"), given["JUDGES_ALLOWED"]) == (model, allowed)


def test_a_definition_elsewhere_reaches_the_function_with_its_pin() -> None:
    given = variables(RewardDefinition="ssm:/rewards/mine:7", RewardDefinitionSha256="0" * 64)
    assert (given["REWARD_DEFINITION"], given["REWARD_DEFINITION_SHA256"]) == (
        "ssm:/rewards/mine:7",
        "0" * 64,
    )
    assert "REWARD_DEFINITION_SHA256" not in variables()


def test_traces_go_to_the_stacks_own_bucket_where_they_are_switched_on() -> None:
    on, off = variables(TraceShare="0.05", TraceRetentionDays="30"), variables()
    assert (on["TRACE_BUCKET"], on["TRACE_SHARE"]) == ("<TraceBucket>", "0.05")
    assert ("TRACE_BUCKET" in off, off["TRACE_SHARE"]) == (False, "0")


def test_the_settings_of_the_function_can_be_read(template: Tree) -> None:
    given = {name: str(value) for name, value in variables(JudgeMaxWorkers="256").items()}
    assert read_settings(given).judge_max_workers == 256
    workers = template["Parameters"]["JudgeMaxWorkers"]
    assert (workers["MinValue"], workers["MaxValue"]) == BOUNDS["JUDGE_MAX_WORKERS"]
    assert workers["Default"] == read_settings({}).judge_max_workers


@pytest.mark.parametrize(
    ("parameter", "variable"),
    [
        ("DeadlineSeconds", "DEADLINE_S"),
        ("JudgeTimeoutSeconds", "JUDGE_TIMEOUT_S"),
        ("JudgeMaxAttempts", "JUDGE_MAX_ATTEMPTS"),
        ("JudgeMaxWorkers", "JUDGE_MAX_WORKERS"),
    ],
)
def test_a_number_reaches_the_function_within_its_own_bounds(
    template: Tree, parameter: str, variable: str
) -> None:
    found = template["Parameters"][parameter]
    assert (found["MinValue"], found["MaxValue"]) == BOUNDS[variable]
    field = variable.lower()
    assert getattr(read_settings({}), field) == found["Default"]
    read = read_settings({name: str(value) for name, value in variables(**{parameter: "17"}).items()})
    assert getattr(read, field) == 17


@pytest.mark.parametrize(("given", "usd"), [("0", 0.0), ("0.25", 0.25), ("100", 100.0)])
def test_a_cap_on_cost_reaches_the_function(template: Tree, given: str, usd: float) -> None:
    assert re.fullmatch(template["Parameters"]["MaxCostUsd"]["AllowedPattern"], given)
    read = read_settings({name: str(value) for name, value in variables(MaxCostUsd=given).items()})
    assert read.max_cost_usd == usd


@pytest.mark.parametrize("given", ["free", "lead", "off"])
def test_prompt_caching_is_as_the_parameter_says(given: str) -> None:
    read = read_settings({name: str(value) for name, value in variables(PromptCache=given).items()})
    assert read.prompt_cache == given


def test_tier_metadata_and_time_to_live_are_as_the_parameters_say(template: Tree) -> None:
    given = variables(ServiceTier="flex", RequestMetadata="job=J17,team=legal", PromptCacheTtl="1h")
    read = read_settings({name: str(value) for name, value in given.items()})
    assert (read.service_tier, read.prompt_cache_ttl) == ("flex", "1h")
    assert read.request_metadata == (("job", "J17"), ("team", "legal"))
    assert "REQUEST_METADATA" not in variables()
    assert tuple(template["Parameters"]["ServiceTier"]["AllowedValues"]) == SERVICE_TIERS
    assert tuple(template["Parameters"]["PromptCacheTtl"]["AllowedValues"]) == PROMPT_CACHE_TTLS


@pytest.mark.parametrize("given", ["false", "true"])
def test_text_is_logged_where_it_is_switched_on(given: str) -> None:
    read = read_settings({name: str(value) for name, value in variables(LogText=given).items()})
    assert read.log_text is (given == "true")
    assert read_settings({name: str(value) for name, value in variables().items()}).log_text is False


def test_every_setting_can_be_deployed_but_a_few(template: Tree) -> None:
    # The margin is the function's own affair, the trace's prefix stands in a policy, and a key in a parameter
    # would not be secret.
    given = variables(
        RewardDefinitionSha256="0" * 64, TraceShare="1", TraceRetentionDays="1", VerdictTable="on",
        JudgeUrlsAllowed="https://judge.example", JudgeApiKeySecret="ssm:/judge/key", JudgePrices="m.n=1/2",
        RequestMetadata="job=J17",
    )  # fmt: skip
    assert {field.name.upper() for field in fields(Settings)} - given.keys() == {
        "DEADLINE_MARGIN_S", "TRACE_PREFIX", "VERDICT_MEMORY", "VERDICT_TTL_S", "JUDGE_API_KEY",
    }  # fmt: skip


def test_every_shipped_definition_can_be_named(template: Tree) -> None:
    parameter = template["Parameters"]["RewardDefinition"]
    names = [path.stem for path in (PROJECT / "reward_fn" / "rewards").glob("*.toml")]
    assert parameter["Default"] in names
    assert [name for name in names if not re.fullmatch(parameter["AllowedPattern"], name)] == []


def test_a_local_run_has_the_templates_defaults(template: Tree) -> None:
    defaults = {name: parameter["Default"] for name, parameter in template["Parameters"].items()}
    assert environment.FUNCTION_NAME == defaults["FunctionName"]
    assert environment.TIMEOUT_S == defaults["Timeout"]
    assert environment.MEMORY_MB == defaults["MemorySize"]
    assert environment.HANDLER == template["Resources"]["RewardFunction"]["Properties"]["Handler"]


# Concurrency


@pytest.mark.parametrize(("given", "provisioned"), [("0", None), ("1", "1"), ("100", "100")])
def test_zero_turns_provisioned_concurrency_off(given: str, provisioned: str | None) -> None:
    alias = deployed(ProvisionedConcurrency=given)["RewardFunctionAliaslive"]["Properties"]
    expected = {"ProvisionedConcurrentExecutions": provisioned} if provisioned else None
    assert alias.get("ProvisionedConcurrencyConfig") == expected


def test_nothing_is_reserved_by_default() -> None:
    assert "ReservedConcurrentExecutions" not in function()


def test_a_reservation_is_always_the_provisioned_and_what_latest_is_to_have(template: Tree) -> None:
    parameters, table = template["Parameters"], template["Mappings"]["ReservedConcurrency"]
    provisioned = parameters["ProvisionedConcurrency"]["AllowedValues"]
    latest = parameters["LatestConcurrency"]["AllowedValues"]
    assert {(int(p), int(n)) for p in table for n in table[p]} == {
        (p, n) for p in provisioned for n in latest
    }
    wrong = [(p, n) for p in table for n in table[p] if int(n) and int(table[p][n]) != int(p) + int(n)]
    assert wrong == []
    assert (
        function(ProvisionedConcurrency="100", LatestConcurrency="25")["ReservedConcurrentExecutions"]
        == "125"
    )


# Outputs


def test_both_arns_are_given_with_the_callers_that_need_them(template: Tree) -> None:
    outputs = template["Outputs"]
    assert outputs["FunctionArn"]["Value"] == {"Fn::GetAtt": ["RewardFunction", "Arn"]}
    assert outputs["AliasArn"]["Value"] == {"Ref": "RewardFunction.Alias"}
    assert "RLVRTrainer" in outputs["FunctionArn"]["Description"]
    assert "lambdaGrader" in outputs["AliasArn"]["Description"]


def outputs_of(**parameters: str) -> dict[str, Any]:
    return Stack(transformed(**parameters), parameters).outputs()


def test_the_outputs_say_where_everything_is() -> None:
    given = outputs_of(FunctionName="SageMakerMine")
    assert given["InvokePolicyArn"] == "<InvokePolicy>"
    assert given["LogGroupName"] == "<FunctionLogs>"
    assert given["DashboardUrl"].endswith("region=us-east-1#dashboards/dashboard/<Dashboard>")
    assert "TraceBucketName" not in given
    assert outputs_of(TraceShare="1", TraceRetentionDays="1")["TraceBucketName"] == "<TraceBucket>"
