"""The template is held to its claims, and a copy broken on purpose is caught by each."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.template import claims
from tests.template.cloudformation import Tree, source

DEFAULT = claims.by_default_the_role_writes_its_log_and_calls_its_judge_and_no_more
STARS = claims.no_permission_has_a_star_but_the_traces_prefix
CHOSEN = claims.exactly_the_chosen_judges_may_be_called
OBJECT = claims.exactly_the_definitions_object_in_its_version_may_be_read
PARAMETER = claims.exactly_the_definitions_parameter_may_be_read
PRIVATE = claims.traces_are_private_encrypted_and_expire
SILENT = claims.every_alarm_stays_silent_without_data
NAMED = claims.the_function_is_named_and_published_under_live

ROLE = "Resources FunctionRole Properties Policies"
JUDGES = f"{ROLE} 1 PolicyDocument Statement"
READS = "Fn::If 1 PolicyDocument Statement 0"
BUCKET = "Resources TraceBucket Properties"
TABLE = "Resources SharedVerdicts"
SHARED = claims.verdicts_may_be_shared_in_their_table_alone
BY_USE = claims.shared_verdicts_expire_and_are_paid_by_use
UNLESS = claims.unless_switched_on_there_is_no_table

# A place in the template, what is put there (None takes it away), and the claim that must notice.
BREAKS: list[tuple[str, Any, Callable[[Tree], None]]] = [
    (f"{ROLE} 0 PolicyDocument Statement 0 Action", "logs:*", DEFAULT),
    (
        f"{ROLE} 0 PolicyDocument Statement 0 Resource",
        "*",
        STARS,
    ),
    ("Resources FunctionRole Properties ManagedPolicyArns", ["arn:aws:iam::aws:policy/X"], DEFAULT),
    (
        f"{JUDGES} 0 Resource 2",
        "arn:aws:bedrock:us-east-1::x",
        CHOSEN,
    ),
    (f"{JUDGES} 1 Fn::If 0", "KeepsTraces", CHOSEN),
    (f"{JUDGES} 4 Fn::If 1 Condition", None, CHOSEN),
    ("Mappings JudgeTiers heavyweight Models 2", "x", CHOSEN),
    (
        # "heavyweight" also stands in "heavyweight-claude": the commas around it matter.
        "Conditions CallsHeavyweight Fn::Or 1 Fn::Not 0 Fn::Equals 0 Fn::Select 1 Fn::Split 0",
        "heavyweight",
        CHOSEN,
    ),
    (f"{ROLE} 2 {READS} Condition", None, OBJECT),
    (
        f"{ROLE} 2 {READS} Action",
        "s3:GetObject*",
        OBJECT,
    ),
    (f"{ROLE} 2 {READS} Resource", "arn:aws:s3:::*", STARS),
    (f"{ROLE} 3 {READS} Action", "ssm:GetParameters", PARAMETER),
    (f"{ROLE} 3 Fn::If 0", "IsPinned", PARAMETER),
    (f"{ROLE} 4 {READS} Resource", "*", claims.traces_may_be_written_under_their_prefix_alone),
    (f"{ROLE} 5 {READS} Resource", "*", SHARED),
    (f"{ROLE} 5 {READS} Action 1", "dynamodb:*", SHARED),
    (f"{ROLE} 5 Fn::If 0", "KeepsTraces", SHARED),
    (f"{ROLE} 6 {READS} Resource", "*", claims.exactly_the_judges_key_may_be_read),
    (f"{ROLE} 6 {READS} Action", "secretsmanager:*", claims.exactly_the_judges_key_may_be_read),
    (f"{ROLE} 7 {READS} Resource", "*", claims.exactly_the_judges_key_may_be_read),
    (f"{ROLE} 7 Fn::If 0", "HasJudgeKey", claims.exactly_the_judges_key_may_be_read),
    ("Resources RewardFunction Properties Environment Variables VERDICT_TABLE Fn::If 1", "another", SHARED),
    (f"{TABLE} Properties TimeToLiveSpecification Enabled", False, BY_USE),
    (f"{TABLE} Properties BillingMode", "PROVISIONED", BY_USE),
    (f"{TABLE} Properties TableName", "verdicts", BY_USE),
    (f"{TABLE} DeletionPolicy", "Retain", BY_USE),
    (f"{TABLE} Condition", None, UNLESS),
    ("Resources RewardFunction Properties Environment Variables VERDICT_TABLE", "verdicts", UNLESS),
    (
        "Resources FunctionRole Properties AssumeRolePolicyDocument Statement 0 Principal",
        {"AWS": "*"},
        claims.the_role_is_lambdas_alone,
    ),
    (
        "Resources InvokePolicy Properties PolicyDocument Statement 0 Resource",
        "*",
        claims.the_trainers_policy_calls_function_and_alias_and_no_more,
    ),
    (f"{BUCKET} PublicAccessBlockConfiguration BlockPublicPolicy", False, PRIVATE),
    (f"{BUCKET} BucketEncryption", None, PRIVATE),
    (f"{BUCKET} LifecycleConfiguration Rules 0 Status", "Disabled", PRIVATE),
    (f"{BUCKET} BucketName", "traces", PRIVATE),
    ("Resources TraceBucket DeletionPolicy", "Delete", PRIVATE),
    ("Resources TraceBucket Condition", None, claims.without_a_share_there_is_no_bucket),
    (
        "Resources TraceBucketPolicy Properties PolicyDocument Statement 0 Resource",
        [{"Fn::GetAtt": ["TraceBucket", "Arn"]}],
        claims.nothing_reaches_the_traces_but_over_tls,
    ),
    (
        "Resources ErrorsAlarm Properties TreatMissingData",
        "breaching",
        SILENT,
    ),
    ("Resources ErrorsAlarm Properties Dimensions", [], claims.every_alarm_watches_this_function),
    (
        "Resources UnscoredAlarm Properties Metrics 1 MetricStat Metric Dimensions 0 Name",
        "definition",
        claims.every_alarm_watches_this_function,
    ),
    (
        "Resources UnscoredAlarm Properties Metrics 0 Expression",
        "100 * imputed / all",
        claims.every_expression_uses_what_is_read_and_returns_one_value,
    ),
    (
        "Resources StuckComponentAlarm Properties Metrics 0 Expression Fn::Sub",
        "SELECT MAX(ComponentDeviation) FROM SCHEMA(SageMakerRewardFunction, component, function_name)"
        " WHERE function_name = 'Another' GROUP BY component ORDER BY MAX() ASC",
        claims.every_alarm_watches_this_function,
    ),
    (
        "Resources StuckComponentAlarm Properties Metrics 0 ReturnData",
        False,
        claims.every_expression_uses_what_is_read_and_returns_one_value,
    ),
    (
        "Resources DurationAlarm Properties Metrics 1 ReturnData",
        True,
        claims.every_expression_uses_what_is_read_and_returns_one_value,
    ),
    (
        "Resources SpilloverAlarm Condition",
        None,
        claims.spillover_is_watched_only_where_something_is_provisioned,
    ),
    ("Resources ThrottlesAlarm Properties AlarmActions", [], claims.an_alarm_reaches_the_topic_that_is_given),
    (
        "Resources RewardFunction Properties DeploymentPreference Alarms",
        [{"Ref": "ErrorsAlarm"}],
        claims.a_gradual_deployment_rolls_back_on_an_alarm,
    ),
    (
        "Mappings DeploymentModes AllAtOnce Gradual",
        "true",
        claims.a_gradual_deployment_rolls_back_on_an_alarm,
    ),
    ("Resources FunctionLogs Properties RetentionInDays", None, claims.the_log_is_kept_as_long_as_asked),
    ("Resources RewardFunction Properties LoggingConfig", None, claims.the_log_is_kept_as_long_as_asked),
    ("Resources RewardFunction Properties FunctionName", None, NAMED),
    ("Resources RewardFunction Properties AutoPublishAlias", "new", NAMED),
]


def broken(place: str, value: Any) -> Tree:
    """The template with another value at a place; a step that is a number is an index."""
    template = source()
    *way, last = (int(step) if step.isdigit() else step for step in place.split())
    here: Any = template
    for step in way:
        here = here[step]
    if value is None:
        del here[last]
    else:
        here[last] = value
    return template


@pytest.mark.parametrize("claim", claims.CLAIMS, ids=lambda claim: claim.__name__)
def test_the_template_keeps_its_claim(claim: Callable[[Tree], None]) -> None:
    claim(source())


def shown(value: Any) -> str:
    """A parameter in a test's name: of a claim its name, since an address differs from process to process."""
    return str(getattr(value, "__name__", value))[:60]


@pytest.mark.parametrize(("place", "value", "claim"), BREAKS, ids=shown)
def test_a_claim_notices_what_is_broken_on_purpose(
    place: str, value: Any, claim: Callable[[Tree], None]
) -> None:
    template = broken(place, value)
    with pytest.raises((AssertionError, KeyError)):
        claim(template)


def test_every_claim_is_tested_by_something_broken() -> None:
    assert {claim for _, _, claim in BREAKS} == set(claims.CLAIMS)
