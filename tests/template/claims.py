"""What must hold of the template, each claim a function that raises AssertionError where it does not.

``test_claims`` holds the template to them, and breaks a copy on purpose to see each one notice.
"""

import itertools
import json
import re
from typing import Any

from reward_fn.aws.verdict_table import EXPIRES, KEY
from reward_fn.judge.models.catalogue import TIERS
from tests.template.cloudformation import Tree, by_type, deployed

REGIONS = ("us-east-1", "us-east-2", "us-west-2")
ACCOUNT = "123456789012"
S3 = "s3://my-bucket/rewards/mine.toml?versionId=L4kqtJlcpXroDTDm"
TRACES = {"TraceShare": "0.05", "TraceRetentionDays": "30"}

Grant = tuple[str, str, str]
"""Action, resource, and the condition as JSON text, "" for none."""


def grants(resources: Tree) -> set[Grant]:
    """All that the function's role allows."""
    role = resources["FunctionRole"]["Properties"]
    assert "ManagedPolicyArns" not in role
    found: set[Grant] = set()
    for policy in role["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            assert not {"NotAction", "NotResource"} & statement.keys()
            condition = json.dumps(statement["Condition"]) if "Condition" in statement else ""
            pairs = itertools.product(_list(statement["Action"]), _list(statement["Resource"]))
            found |= {(action, resource, condition) for action, resource in pairs}
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def judge_grants(tier: str) -> set[Grant]:
    """What calling one tier takes: its profile, and through it alone its model in each of the regions."""
    profile = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/{TIERS[tier]}"
    through = json.dumps({"StringEquals": {"bedrock:InferenceProfileArn": profile}})
    model = TIERS[tier].removeprefix("us.")
    # A foundation model belongs to no account: nothing between the two colons.
    models = {f"arn:aws:bedrock:{region}::foundation-model/{model}" for region in REGIONS}
    action = "bedrock:InvokeModel"
    return {(action, profile, ""), *((action, each, through) for each in models)}


LOG: set[Grant] = {
    ("logs:CreateLogStream", "<FunctionLogs.Arn>", ""),
    ("logs:PutLogEvents", "<FunctionLogs.Arn>", ""),
}


def by_default_the_role_writes_its_log_and_calls_its_judge_and_no_more(template: Tree) -> None:
    assert grants(deployed(template)) == LOG | judge_grants("medium")


def exactly_the_chosen_judges_may_be_called(template: Tree) -> None:
    for model, count in itertools.product([*TIERS, "definition"], range(len(TIERS) + 1)):
        for allowed in itertools.combinations(TIERS, count):
            resources = deployed(template, JudgeModel=model, JudgesAllowed=",".join(allowed))
            chosen = {*allowed, model} - {"definition"}
            expected = LOG.union(*(judge_grants(tier) for tier in chosen))
            assert grants(resources) == expected, (model, allowed)


def exactly_the_definitions_object_in_its_version_may_be_read(template: Tree) -> None:
    version = json.dumps({"StringEquals": {"s3:VersionId": "L4kqtJlcpXroDTDm"}})
    read = ("s3:GetObjectVersion", "arn:aws:s3:::my-bucket/rewards/mine.toml", version)
    assert grants(deployed(template, RewardDefinition=S3)) == LOG | judge_grants("medium") | {read}


def exactly_the_definitions_parameter_may_be_read(template: Tree) -> None:
    read = ("ssm:GetParameter", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/rewards/mine", "")
    resources = deployed(template, RewardDefinition="ssm:/rewards/mine:7")
    assert grants(resources) == LOG | judge_grants("medium") | {read}


def traces_may_be_written_under_their_prefix_alone(template: Tree) -> None:
    write = ("s3:PutObject", "<TraceBucket.Arn>/traces/*", "")
    assert grants(deployed(template, **TRACES)) == LOG | judge_grants("medium") | {write}


def verdicts_may_be_shared_in_their_table_alone(template: Tree) -> None:
    shared: set[Grant] = {
        (f"dynamodb:Batch{what}Item", "<SharedVerdicts.Arn>", "") for what in ("Get", "Write")
    }
    resources = deployed(template, VerdictTable="on")
    assert grants(resources) == LOG | judge_grants("medium") | shared
    variables = resources["RewardFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["VERDICT_TABLE"] == "<SharedVerdicts>"


def shared_verdicts_expire_and_are_paid_by_use(template: Tree) -> None:
    table = deployed(template, VerdictTable="on")["SharedVerdicts"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Delete"
    assert table["Properties"] == {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": KEY, "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": KEY, "KeyType": "HASH"}],
        "TimeToLiveSpecification": {"AttributeName": EXPIRES, "Enabled": True},
    }


def unless_switched_on_there_is_no_table(template: Tree) -> None:
    resources = deployed(template)
    assert by_type(resources, "AWS::DynamoDB::Table") == {}
    assert "VERDICT_TABLE" not in resources["RewardFunction"]["Properties"]["Environment"]["Variables"]


def the_role_is_lambdas_alone(template: Tree) -> None:
    (statement,) = deployed(template)["FunctionRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


def the_trainers_policy_calls_function_and_alias_and_no_more(template: Tree) -> None:
    policy = deployed(template)["InvokePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert policy == [
        {
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": ["<RewardFunction.Arn>", "<RewardFunctionAliaslive>"],
        }
    ]


def traces_are_private_encrypted_and_expire(template: Tree) -> None:
    bucket = deployed(template, **TRACES)["TraceBucket"]
    assert bucket["DeletionPolicy"] == "RetainExceptOnCreate"
    assert bucket["UpdateReplacePolicy"] == "Retain"
    properties = bucket["Properties"]
    assert "BucketName" not in properties  # a bucket that was kept must not stand in a new one's way
    assert set(properties["PublicAccessBlockConfiguration"].items()) == {
        ("BlockPublicAcls", True),
        ("BlockPublicPolicy", True),
        ("IgnorePublicAcls", True),
        ("RestrictPublicBuckets", True),
    }
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    (expiry,) = properties["LifecycleConfiguration"]["Rules"]
    assert (expiry["Status"], expiry["ExpirationInDays"]) == ("Enabled", "30")
    assert "Prefix" not in expiry
    assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def nothing_reaches_the_traces_but_over_tls(template: Tree) -> None:
    policy = deployed(template, **TRACES)["TraceBucketPolicy"]["Properties"]
    assert policy["Bucket"] == "<TraceBucket>"
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == statement["Action"].removeprefix("s3:") == "*"
    assert statement["Resource"] == ["<TraceBucket.Arn>", "<TraceBucket.Arn>/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": False}}


def without_a_share_there_is_no_bucket(template: Tree) -> None:
    assert by_type(deployed(template), "AWS::S3::Bucket") == {}
    assert by_type(deployed(template), "AWS::S3::BucketPolicy") == {}


def alarms(template: Tree | None, /, **parameters: str) -> Tree:
    """The properties of all alarms by logical id."""
    found = by_type(deployed(template, **parameters), "AWS::CloudWatch::Alarm")
    return {name: each["Properties"] for name, each in found.items()}


EACH = "<each>"
"""The value of a dimension by which a Metrics Insights query groups."""
_QUERY = re.compile(
    r"SELECT (?P<stat>MAX)\((?P<name>\w+)\) FROM SCHEMA\((?P<namespace>\w+), (?P<group>\w+), function_name\)"
    r" WHERE function_name = '(?P<function>[\w-]+)' GROUP BY (?P=group) ORDER BY MAX\(\) ASC"
)


def queried(query: Tree) -> Tree | None:
    """The metric that a Metrics Insights query reads, as :func:`metrics_of` shows it; None for arithmetic."""
    if not query.get("Expression", "").startswith("SELECT"):
        return None
    parts = _QUERY.fullmatch(query["Expression"])
    assert parts is not None, query["Expression"]
    values = {"function_name": parts["function"], parts["group"]: EACH}
    return {
        "Namespace": parts["namespace"],
        "MetricName": parts["name"],
        "Dimensions": [{"Name": name, "Value": value} for name, value in values.items()],
        "Period": query["Period"],
        "Stat": parts["stat"],
    }


def metrics_of(alarm: Tree) -> list[Tree]:
    """The metrics that an alarm reads, each with Namespace, MetricName, Dimensions, Period and Stat."""
    if "Metrics" not in alarm:
        own = {key: alarm[key] for key in ("Namespace", "MetricName", "Dimensions", "Period")}
        return [{**own, "Stat": alarm["Statistic"]}]
    stats = [each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each]
    queries = [read for each in alarm["Metrics"] if (read := queried(each)) is not None]
    return [{**each["Metric"], "Period": each["Period"], "Stat": each["Stat"]} for each in stats] + queries


def every_alarm_stays_silent_without_data(template: Tree) -> None:
    assert {alarm["TreatMissingData"] for alarm in alarms(template).values()} == {"notBreaching"}


def every_alarm_watches_this_function(template: Tree) -> None:
    for name, alarm in alarms(template, FunctionName="SageMakerMine").items():
        assert alarm["AlarmName"].startswith("SageMakerMine-"), name
        for metric in metrics_of(alarm):
            own = {"AWS/Lambda": "FunctionName", "SageMakerRewardFunction": "function_name"}
            dimensions = {each["Name"]: each["Value"] for each in metric["Dimensions"]}
            assert dimensions.pop(own[metric["Namespace"]]) == "SageMakerMine", name
            assert dimensions in ({}, {"Resource": "SageMakerMine:live"}, {"component": EACH}), name


def every_expression_uses_what_is_read_and_returns_one_value(template: Tree) -> None:
    for name, alarm in alarms(template).items():
        for expression in [each for each in alarm.get("Metrics", []) if "Expression" in each]:
            ids = {each["Id"] for each in alarm["Metrics"]} - {expression["Id"]}
            used = set(re.findall(r"\b[a-z]\w*\b", expression["Expression"]))
            assert (used if queried(expression) is None else set()) == ids, name
            assert [each["ReturnData"] for each in alarm["Metrics"]].count(True) == 1, name
            assert expression["ReturnData"] is True, name


def spillover_is_watched_only_where_something_is_provisioned(template: Tree) -> None:
    assert "SpilloverAlarm" in alarms(template, ProvisionedConcurrency="1")
    assert "SpilloverAlarm" not in alarms(template, ProvisionedConcurrency="0")


def an_alarm_reaches_the_topic_that_is_given(template: Tree) -> None:
    own = "arn:aws:sns:us-east-1:123456789012:alarms"
    for parameters, actions in (
        ({}, []),
        ({"AlarmEmail": "operator@example.com"}, ["<AlarmTopic>"]),
        ({"AlarmTopicArn": own}, [own]),
    ):
        for name, alarm in alarms(template, **parameters).items():
            assert alarm["AlarmActions"] == actions, name
        topics = by_type(deployed(template, **parameters), "AWS::SNS::Topic")
        assert list(topics) == (["AlarmTopic"] if "AlarmEmail" in parameters else [])
    (subscription,) = deployed(template, AlarmEmail="operator@example.com")["AlarmTopic"]["Properties"][
        "Subscription"
    ]
    assert subscription == {"Protocol": "email", "Endpoint": "operator@example.com"}


def a_gradual_deployment_rolls_back_on_an_alarm(template: Tree) -> None:
    for way in template["Parameters"]["DeploymentPreference"]["AllowedValues"]:
        resources = deployed(template, DeploymentPreference=way)
        groups = by_type(resources, "AWS::CodeDeploy::DeploymentGroup")
        alias = resources["RewardFunctionAliaslive"]
        if way == "AllAtOnce":
            assert groups == {}
            assert "UpdatePolicy" not in alias
            continue
        (group,) = (each["Properties"] for each in groups.values())
        assert group["DeploymentConfigName"] == f"CodeDeployDefault.Lambda{way}"
        watched = {each["Name"].strip("<>") for each in group["AlarmConfiguration"]["Alarms"]}
        assert group["AlarmConfiguration"]["Enabled"] is True
        assert watched == {"ErrorsAlarm", "DurationAlarm", "UnscoredAlarm", "JudgeDeniedAlarm"}
        assert watched <= resources.keys()
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert "CodeDeployLambdaAliasUpdate" in alias["UpdatePolicy"]


def the_log_is_kept_as_long_as_asked(template: Tree) -> None:
    resources = deployed(template, LogRetentionDays="90", FunctionName="SageMakerMine")
    log = resources["FunctionLogs"]["Properties"]
    assert log == {"LogGroupName": "/aws/lambda/SageMakerMine", "RetentionInDays": "90"}
    assert resources["RewardFunction"]["Properties"]["LoggingConfig"] == {"LogGroup": "<FunctionLogs>"}


def the_function_is_named_and_published_under_live(template: Tree) -> None:
    resources = deployed(template, FunctionName="SageMakerMine")
    assert resources["RewardFunction"]["Properties"]["FunctionName"] == "SageMakerMine"
    assert resources["RewardFunctionAliaslive"]["Properties"]["Name"] == "live"


KEY_SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:judge-AbCdEf"


def exactly_the_judges_key_may_be_read(template: Tree) -> None:
    parameter = "arn:aws:ssm:us-east-1:123456789012:parameter/judge/key"
    for value, granted in (
        ("", set()),
        (KEY_SECRET, {("secretsmanager:GetSecretValue", KEY_SECRET)}),
        ("ssm:/judge/key", {("ssm:GetParameter", parameter)}),
    ):
        resources = deployed(template, JudgeApiKeySecret=value)
        read = {(action, resource) for action, resource, _ in grants(resources) if "Get" in action}
        assert read == granted
        variables = resources["RewardFunction"]["Properties"]["Environment"]["Variables"]
        assert variables.get("JUDGE_API_KEY_SECRET", "") == value


def no_permission_has_a_star_but_the_traces_prefix(template: Tree) -> None:
    for parameters in ({"RewardDefinition": S3}, {"RewardDefinition": "ssm:/rewards/mine:7"}):
        resources = deployed(
            template,
            **parameters,
            **TRACES,
            VerdictTable="on",
            JudgeModel="definition",
            JudgesAllowed=",".join(TIERS),
        )
        stars = {resource for action, resource, _ in grants(resources) if "*" in action + resource}
        assert stars == {"<TraceBucket.Arn>/traces/*"}


CLAIMS = [
    by_default_the_role_writes_its_log_and_calls_its_judge_and_no_more,
    exactly_the_chosen_judges_may_be_called,
    exactly_the_definitions_object_in_its_version_may_be_read,
    exactly_the_definitions_parameter_may_be_read,
    exactly_the_judges_key_may_be_read,
    traces_may_be_written_under_their_prefix_alone,
    no_permission_has_a_star_but_the_traces_prefix,
    verdicts_may_be_shared_in_their_table_alone,
    shared_verdicts_expire_and_are_paid_by_use,
    unless_switched_on_there_is_no_table,
    the_role_is_lambdas_alone,
    the_trainers_policy_calls_function_and_alias_and_no_more,
    traces_are_private_encrypted_and_expire,
    nothing_reaches_the_traces_but_over_tls,
    without_a_share_there_is_no_bucket,
    every_alarm_stays_silent_without_data,
    every_alarm_watches_this_function,
    every_expression_uses_what_is_read_and_returns_one_value,
    spillover_is_watched_only_where_something_is_provisioned,
    an_alarm_reaches_the_topic_that_is_given,
    a_gradual_deployment_rolls_back_on_an_alarm,
    the_log_is_kept_as_long_as_asked,
    the_function_is_named_and_published_under_live,
]
