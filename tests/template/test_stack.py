"""The stack as moto's CloudFormation makes it, as far as that carries: what AWS's own calls then say of it.

moto knows neither aliases nor alarms, bucket policies, saved queries and deployment groups, and of a bucket
takes over its encryption alone, of a table not its time to live; ``claims`` holds all that on the transformed
template.
"""

import ast
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from reward_fn.aws.verdict_table import VerdictTable
from reward_fn.judge.cache.entry import Entry
from tests.template.claims import S3, TRACES, Grant, judge_grants
from tests.template.cloudformation import Stack, Tree, transformed

REGION = "us-east-1"
CARRIED = {
    "AWS::CloudWatch::Dashboard",
    "AWS::DynamoDB::Table",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
}
PARAMETERS = {
    "FunctionName": "SageMakerMine",
    "RewardDefinition": S3,
    "RewardDefinitionSha256": "0" * 64,
    "LogRetentionDays": "90",
    "AlarmEmail": "operator@example.com",
    "VerdictTable": "on",
    **TRACES,
}


def carried() -> Tree:
    """The transformed template with what moto can make; the rest, and what refers to it, is left out."""
    template = Stack(transformed(None, **PARAMETERS), PARAMETERS).settled()
    template["Resources"] = {
        name: each for name, each in template["Resources"].items() if each["Type"] in CARRIED
    }
    statement = template["Resources"]["InvokePolicy"]["Properties"]["PolicyDocument"]["Statement"][0]
    statement["Resource"] = [each for each in statement["Resource"] if "Fn::GetAtt" in each]
    del template["Outputs"]["AliasArn"]
    return template


@pytest.fixture(scope="module")
def stack() -> Iterator[dict[str, str]]:
    """The outputs of the stack, deployed for this module."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            patch.setenv(name, "testing")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as content:
            content.writestr("reward_fn/handler.py", "")
        s3 = boto3.client("s3", region_name=REGION)
        s3.create_bucket(Bucket="bucket")
        for key in ("function.zip", "layer.zip"):
            s3.put_object(Bucket="bucket", Key=key, Body=archive.getvalue())
        client = boto3.client("cloudformation", region_name=REGION)
        client.create_stack(
            StackName="rewards",
            TemplateBody=json.dumps(carried()),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": each} for key, each in PARAMETERS.items()],
        )
        (made,) = client.describe_stacks(StackName="rewards")["Stacks"]
        assert made["StackStatus"] == "CREATE_COMPLETE"
        yield {each["OutputKey"]: each["OutputValue"] for each in made["Outputs"]}


def role_grants() -> set[Grant]:
    """What the role may do, as IAM gives its policies back."""
    iam = boto3.client("iam", region_name=REGION)
    (role,) = (each["RoleName"] for each in iam.list_roles()["Roles"] if "FunctionRole" in each["RoleName"])
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    found: set[Grant] = set()
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        given: Any = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        # moto gives the policies of a role that a stack made back as Python writes them.
        document = given if isinstance(given, dict) else ast.literal_eval(given)
        for statement in document["Statement"]:
            condition = json.dumps(statement["Condition"]) if "Condition" in statement else ""
            actions, resources = statement["Action"], statement["Resource"]
            for action in [actions] if isinstance(actions, str) else actions:
                for resource in [resources] if isinstance(resources, str) else resources:
                    found.add((action, resource, condition))
    return found


def table_arn(stack: dict[str, str]) -> str:
    return f"arn:aws:dynamodb:{REGION}:123456789012:table/{stack['VerdictTableName']}"


def test_the_table_takes_what_the_function_writes(stack: dict[str, str]) -> None:
    client = boto3.client("dynamodb", region_name=REGION)
    table = VerdictTable(stack["VerdictTableName"], client)
    table.write([Entry("key", "text", 2_000_000_000)])
    assert table.flush(10.0)
    assert table.read(["key"], 10.0) == {"key": Entry("key", "text", 2_000_000_000)}


def test_the_role_has_exactly_its_permissions(stack: dict[str, str]) -> None:
    log = f"arn:aws:logs:{REGION}:123456789012:log-group:/aws/lambda/SageMakerMine"
    version = json.dumps({"StringEquals": {"s3:VersionId": "L4kqtJlcpXroDTDm"}})
    granted = {(action, resource.removesuffix(":*"), why) for action, resource, why in role_grants()}
    assert granted == judge_grants("medium") | {
        ("logs:CreateLogStream", log, ""),
        ("logs:PutLogEvents", log, ""),
        ("s3:GetObjectVersion", "arn:aws:s3:::my-bucket/rewards/mine.toml", version),
        ("s3:PutObject", f"arn:aws:s3:::{stack['TraceBucketName']}/traces/*", ""),
        ("dynamodb:BatchGetItem", table_arn(stack), ""),
        ("dynamodb:BatchWriteItem", table_arn(stack), ""),
    }


def test_the_function_runs_as_the_parameters_say(stack: dict[str, str]) -> None:
    client = boto3.client("lambda", region_name=REGION)
    function = client.get_function_configuration(FunctionName="SageMakerMine")
    assert function["FunctionArn"] == stack["FunctionArn"]
    assert (function["Runtime"], function["Handler"]) == ("python3.13", "reward_fn.handler.lambda_handler")
    assert (int(function["MemorySize"]), int(function["Timeout"])) == (1024, 300)
    (layer,) = client.list_layers()["Layers"]
    assert layer["LatestMatchingVersion"]["CompatibleRuntimes"] == ["python3.13"]
    variables = {name: str(value) for name, value in function["Environment"]["Variables"].items()}
    assert variables == {
        "REWARD_DEFINITION": S3,
        "REWARD_DEFINITION_SHA256": "0" * 64,
        "JUDGE_MODEL": "us.amazon.nova-2-lite-v1:0",
        "JUDGES_ALLOWED": "medium",
        "JUDGE_MAX_WORKERS": "64",
        "JUDGE_TIMEOUT_S": "30",
        "JUDGE_MAX_ATTEMPTS": "6",
        "MAX_COST_USD": "0",
        "PROMPT_CACHE": "free",
        "PROMPT_CACHE_TTL": "5m",
        "SERVICE_TIER": "default",
        "DEADLINE_S": "0",
        "LOG_TEXT": "false",
        "RESPONSE_ENVELOPE": "list",
        "TRACE_BUCKET": stack["TraceBucketName"],
        "TRACE_SHARE": "0.05",
        "VERDICT_TABLE": stack["VerdictTableName"],
    }


def test_the_log_is_kept_for_its_days(stack: dict[str, str]) -> None:
    groups = boto3.client("logs", region_name=REGION).describe_log_groups()["logGroups"]
    (group,) = (each for each in groups if each["logGroupName"] == stack["LogGroupName"])
    assert int(group["retentionInDays"]) == 90


def test_the_bucket_is_encrypted(stack: dict[str, str]) -> None:
    s3, bucket = boto3.client("s3", region_name=REGION), stack["TraceBucketName"]
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_the_trainers_policy_calls_the_function(stack: dict[str, str]) -> None:
    iam, arn = boto3.client("iam", region_name=REGION), stack["InvokePolicyArn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document: Any = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    (statement,) = document["Statement"]
    assert statement["Action"] == "lambda:InvokeFunction"
    assert statement["Resource"] == [stack["FunctionArn"]]


def test_the_dashboard_is_there_under_the_functions_name(stack: dict[str, str]) -> None:
    client = boto3.client("cloudwatch", region_name=REGION)
    body = json.loads(client.get_dashboard(DashboardName="SageMakerMine")["DashboardBody"])
    assert len(body["widgets"]) == 16
    assert stack["DashboardUrl"].endswith("#dashboards/dashboard/SageMakerMine")


def test_the_topic_mails_its_one_subscriber(stack: dict[str, str]) -> None:
    sns = boto3.client("sns", region_name=REGION)
    (subscription,) = sns.list_subscriptions()["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "operator@example.com")
