"""AWS's refusals as one line with a remedy: no traceback, no credential."""

import pytest
from click.testing import CliRunner, Result

from rewardctl.cli import main
from rewardctl.cloud.clients import connect
from rewardctl.cloud.errors import CloudError
from rewardctl.cloud.stacks import clients_and_target
from rewardctl.cloud.target import parse_target
from tests.cloud.account import ALIAS_ARN, ARN, Account


def call(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, list(arguments), input=answer)


@pytest.mark.parametrize(
    "command",
    [
        ("doctor", "--target", ALIAS_ARN, "--yes"),
        ("warm", "--count", "2", "--target", ARN, "--yes"),
        ("provision", "--count", "2", "--target", ALIAS_ARN, "--yes"),
    ],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("ExpiredTokenException", "sign in again"),
        ("UnrecognizedClientException", "AWS_PROFILE"),
        ("ResourceNotFoundException", "`make outputs`"),
    ],
)
def test_an_error_of_aws_is_a_line_with_its_remedy(
    account: Account, command: tuple[str, ...], code: str, remedy: str
) -> None:
    for operation in ("GetFunctionConfiguration", "GetAccountSettings"):
        account.errors[operation] = (code, "told by AWS")
    done = call(*command)
    assert done.exit_code == 1
    assert "told by AWS" in done.output
    assert remedy in done.output
    assert "Traceback" not in done.output


def test_a_denied_call_names_the_permission_that_is_missing(account: Account) -> None:
    account.errors["GetAccountSettings"] = ("AccessDeniedException", "no")
    done = call("provision", "--count", "2", "--target", ALIAS_ARN, "--yes")
    assert done.exit_code == 1
    assert "lack the permission for GetAccountSettings" in done.output


def test_without_credentials_the_remedy_is_to_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    done = call("warm", "--count", "2", "--target", ARN, "--yes")
    assert done.exit_code == 1
    assert "Sign in" in done.output


def test_without_a_region_the_remedy_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    done = call("warm", "--count", "2", "--yes")  # from the stack, so no ARN names the region
    assert done.exit_code == 1
    assert "Set AWS_REGION" in done.output


def test_the_variable_that_the_remedy_names_is_enough(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    assert connect()("lambda").meta.region_name == "us-west-2"
    assert connect(region="us-east-2")("lambda").meta.region_name == "us-east-2"


def test_the_region_of_an_arn_is_where_it_is_looked_for(account: Account) -> None:
    there = ARN.replace("us-east-1", "us-east-2")
    clients, target = clients_and_target(there, "default", "FunctionArn", profile=None, region=None)
    assert (clients("lambda").meta.region_name, target.region) == ("us-east-2", "us-east-2")


def test_a_stack_that_is_not_there_is_to_be_deployed_first(account: Account) -> None:
    account.statuses = []
    done = call("doctor", "--environment", "staging", "--yes")
    assert done.exit_code == 1
    assert "nova-reward-function-staging" in done.output
    assert "`make deploy`" in done.output


def test_an_unknown_profile_is_named() -> None:
    done = call("warm", "--count", "2", "--target", ARN, "--profile", "nobody", "--yes")
    assert done.exit_code == 1
    assert "nobody" in done.output
    assert "~/.aws/config" in done.output


def test_no_credential_is_printed(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t-value")
    for operation in ("GetFunctionConfiguration", "Invoke"):
        account.errors[operation] = ("AccessDeniedException", "denied")
    done = call("doctor", "--target", ALIAS_ARN, "--yes")
    assert "s3cr3t-value" not in done.output


@pytest.mark.parametrize(
    "text",
    ["", "SageMakerReward", "arn:aws:s3:::bucket", f"{ARN}:", f"{ARN}:live:live", ARN.replace("1234", "x")],
)
def test_what_is_no_functions_arn_is_refused(text: str) -> None:
    with pytest.raises(CloudError, match="not the ARN of a Lambda function"):
        parse_target(text)


def test_an_arn_is_taken_apart_and_put_together_again() -> None:
    target = parse_target(ALIAS_ARN)
    assert (target.name, target.qualifier, target.region) == ("SageMakerReward", "live", "us-east-1")
    assert (target.arn, target.function_arn) == (ALIAS_ARN, ARN)


def test_an_unknown_environment_is_answered_with_those_there_are(account: Account) -> None:
    done = call("warm", "--count", "2", "--environment", "nowhere", "--yes")
    assert done.exit_code == 1
    assert "ENVIRONMENT=default or staging or prod" in done.output
    assert account.calls == []
