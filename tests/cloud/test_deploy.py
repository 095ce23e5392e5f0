"""Deploying: what can't work fails before anything is created, and nothing changes without a yes."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from reward_fn.definition.pin import sha256_of
from rewardctl.cloud import changes, sam
from rewardctl.cloud.clients import connect
from rewardctl.cloud.errors import CloudError
from rewardctl.cloud.release_order import name_mistakes, template_defaults
from rewardctl.cloud.stacks import as_arguments, overrides, read_environment
from rewardctl.cloud.stored import look_at_stored
from rewardctl.release import check_parameters
from tests.cloud.account import ALIAS_ARN, ARN, CHANGE_SET, STACK, THIS, Account
from tests.cloud.test_errors import call
from tests.conftest import ROOT

CREATED = f"\nChangeset created successfully. {CHANGE_SET}\n"


class FakeSam:
    """In place of sam: what it was called with, and what it answers to build and to deploy."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], dict[str, str]]] = []
        self.answers: dict[str, tuple[int, str]] = {"build": (0, ""), "deploy": (0, CREATED)}

    def __call__(self, command: Sequence[str], more: Mapping[str, str]) -> tuple[int, str]:
        self.calls.append((list(command[1:]), dict(more)))
        return self.answers[command[1]]

    def parameters(self, command: str) -> dict[str, str]:
        """What a command was given after --parameter-overrides."""
        words = next(words for words, _ in self.calls if words[0] == command)
        start = words.index("--parameter-overrides") + 1
        end = next((i for i in range(start, len(words)) if words[i].startswith("--")), len(words))
        return dict(word.split("=", 1) for word in words[start:end])


@pytest.fixture
def fake_sam(monkeypatch: pytest.MonkeyPatch) -> FakeSam:
    fake = FakeSam()
    monkeypatch.setattr(sam, "run_aloud", fake)
    monkeypatch.setattr(changes, "POLL_S", 0.0)
    return fake


@pytest.fixture(autouse=True)
def release(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The release's own checks and hash, as deploy calls them; `seen` are the parameters they were given."""
    fake = SimpleNamespace(mistakes=[], seen=[])

    def check_parameters(parameters: Mapping[str, str], *, region: str) -> list[str]:
        fake.seen.append({**parameters, "in": region})
        return list(fake.mistakes)

    def release_hash(project: Path, parameters: Mapping[str, str]) -> str:
        assert project == ROOT
        return "a" * 64

    monkeypatch.setattr("rewardctl.commands.deploy.check_parameters", check_parameters)
    monkeypatch.setattr("rewardctl.commands.deploy.release_hash", release_hash)
    return fake


def change(action: str, resource: str, replacement: str = "") -> dict[str, Any]:
    made = {"Action": action, "LogicalResourceId": resource, "ResourceType": "AWS::Lambda::Alias"}
    return {**made, "Replacement": replacement} if replacement else made


def test_a_deployment_shows_asks_executes_and_names_both_arns(account: Account, fake_sam: FakeSam) -> None:
    account.changes = [change("Modify", "RewardFunctionAliaslive", "False"), change("Add", "ErrorAlarm")]
    done = call("deploy", answer="y\n")
    assert done.exit_code == 0, done.output
    assert [words[0] for words, _ in fake_sam.calls] == ["build", "deploy"]
    assert "RewardFunctionAliaslive" in done.output
    assert "ErrorAlarm" in done.output
    (executed,) = account.asked("ExecuteChangeSet")
    assert executed["ChangeSetName"] == CHANGE_SET
    assert f"FunctionArn: {ARN}\n  for the SageMaker SDKs" in done.output
    assert f"AliasArn: {ALIAS_ARN}\n  for recipes and Bedrock" in done.output


def test_what_is_replaced_is_marked(account: Account, fake_sam: FakeSam) -> None:
    account.changes = [change("Modify", "Function", "True"), change("Modify", "Role", "Conditional")]
    lines = call("deploy", "--yes").output.splitlines()
    assert next(line for line in lines if " Function " in line).rstrip().endswith("yes")
    assert next(line for line in lines if " Role " in line).rstrip().endswith("perhaps")


def test_a_no_discards_the_change_set_and_changes_nothing(account: Account, fake_sam: FakeSam) -> None:
    done = call("deploy", answer="n\n")
    assert done.exit_code == 1
    assert account.asked("DeleteChangeSet") == [{"ChangeSetName": CHANGE_SET}]
    assert account.asked("ExecuteChangeSet") == account.asked("DeleteStack") == []


def test_a_no_to_the_first_deployment_leaves_no_empty_stack(account: Account, fake_sam: FakeSam) -> None:
    account.statuses = ["REVIEW_IN_PROGRESS"]
    account.errors["GetFunction"] = ("ResourceNotFoundException", "none")
    done = call("deploy", answer="n\n")
    assert done.exit_code == 1
    assert account.asked("DeleteStack") == [{"StackName": STACK}]


def test_the_change_set_is_made_without_being_executed(account: Account, fake_sam: FakeSam) -> None:
    call("deploy", "--yes")
    words = fake_sam.calls[1][0]
    assert {"--no-execute-changeset", "--no-confirm-changeset", "--no-fail-on-empty-changeset"} <= set(words)
    assert words[words.index("--region") + 1] == "us-east-1"


def test_the_command_lines_parameters_are_merged_over_samconfigs(account: Account, fake_sam: FakeSam) -> None:
    account.function_tags = {"aws:cloudformation:stack-name": f"{STACK}-prod"}
    done = call("deploy", "--environment", "prod", "--set", "LogRetentionDays=7", "--yes")
    assert done.exit_code == 0, done.output
    mine = read_environment("prod").parameters
    assert mine["LogRetentionDays"] == "90"
    hashed = {"ReleaseHash": "a" * 64} if "ReleaseHash" in template_defaults(ROOT) else {}
    for command in ("build", "deploy"):  # sam's own command line would replace all of samconfig's
        assert fake_sam.parameters(command) == {**mine, "LogRetentionDays": "7", **hashed}


def test_the_checks_see_what_is_given_beyond_the_templates_defaults(
    account: Account, fake_sam: FakeSam, release: SimpleNamespace
) -> None:
    call("deploy", "--set", "Timeout=120", "--yes")
    assert release.seen == [{**read_environment("default").parameters, "Timeout": "120", "in": "us-east-1"}]


def test_the_release_hash_goes_to_sam_where_the_template_takes_it(
    account: Account, fake_sam: FakeSam, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = {**template_defaults(ROOT), "ReleaseHash": ""}
    monkeypatch.setattr("rewardctl.cloud.release_order.template_defaults", lambda _: defaults)
    assert call("deploy", "--yes").exit_code == 0
    assert fake_sam.parameters("deploy")["ReleaseHash"] == "a" * 64


@pytest.mark.parametrize(("environment", "more"), [("prod", {"REQUIRE_BYTECODE": "1"}), ("default", {})])
def test_prod_is_built_with_bytecode_or_not_at_all(
    account: Account, fake_sam: FakeSam, environment: str, more: dict[str, str]
) -> None:
    account.function_tags = {"aws:cloudformation:stack-name": read_environment(environment).stack}
    call("deploy", "--environment", environment, "--yes")
    assert fake_sam.calls[0][1] == more


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--set", "FunctionName=RewardFunction"), 'must contain "SageMaker"'),
        (("--set", "FunctionName=SageMaker:x"), "must have 1 to 64 letters"),
        (("--set", "FunktionName=SageMaker"), "has no parameter FunktionName"),
        (("--set", "Timeout"), "is not NAME=VALUE"),
        (("--environment", "nowhere"), "no environment 'nowhere'"),
    ],
)
def test_what_can_not_work_fails_before_anything_is_asked_or_built(
    account: Account, fake_sam: FakeSam, arguments: tuple[str, ...], said: str
) -> None:
    done = call("deploy", "--yes", *arguments)
    assert done.exit_code == 1
    assert said in done.output
    assert account.calls == []
    assert fake_sam.calls == []


def test_the_releases_own_mistakes_stop_it_too(
    account: Account, fake_sam: FakeSam, release: SimpleNamespace
) -> None:
    release.mistakes = ["RewardDefinitionSha256 is missing"]
    done = call("deploy", "--yes")
    assert (done.exit_code, account.calls, fake_sam.calls) == (1, [], [])
    assert "RewardDefinitionSha256 is missing" in done.output


def test_the_region_of_the_command_line_is_the_one_that_is_checked(
    account: Account, fake_sam: FakeSam, release: SimpleNamespace
) -> None:
    call("deploy", "--region", "us-west-2", "--yes")
    assert release.seen[0]["in"] == "us-west-2"


def test_a_region_without_judges_stops_it_before_anything_is_asked_or_built(
    account: Account, fake_sam: FakeSam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rewardctl.commands.deploy.check_parameters", check_parameters)
    done = call("deploy", "--region", "eu-west-1", "--yes")
    assert (done.exit_code, account.calls, fake_sam.calls) == (1, [], [])
    assert "deploy in one of them" in done.output


# A definition that is stored


SOUND = """
name = "short"
[[score]]
check = "length"
max_chars = 100
""".lstrip()
PIN = "ssm:/rewards/short:3"
JUDGED = (
    SOUND
    + """
[judge]
model = "medium"
escalate = "heavyweight"
[[judge.criterion]]
name = "useful"
question = "Is the answer of use to whoever asked?"
"""
)


def stored(text: str, **more: str) -> list[str]:
    """The options of a deployment that serves `text` from Parameter Store."""
    given = {"RewardDefinition": PIN, "RewardDefinitionSha256": sha256_of(text.encode()), **more}
    return [word for pair in given.items() for word in ("--set", "=".join(pair))]


def test_a_stored_definition_that_is_sound_is_read_and_deployed(account: Account, fake_sam: FakeSam) -> None:
    account.parameter = SOUND
    done = call("deploy", "--yes", *stored(SOUND))
    assert done.exit_code == 0, done.output
    assert account.asked("GetParameter") == [{"Name": "/rewards/short:3", "WithDecryption": False}]
    assert "Can't tell" not in done.output


@pytest.mark.parametrize(
    ("found", "pinned", "said"),
    [
        (SOUND + "# changed\n", SOUND, "but REWARD_DEFINITION_SHA256 is"),
        (SOUND.replace("length", "lenght"), SOUND.replace("length", "lenght"), "lenght"),
        (
            JUDGED,
            JUDGED,
            "judge.escalate: the model 'heavyweight' is not allowed for a stored definition",
        ),
    ],
    ids=["another hash", "a mistake", "a judge that IAM denies"],
)
def test_a_stored_definition_that_could_not_be_served_stops_it_before_the_build(
    account: Account, fake_sam: FakeSam, found: str, pinned: str, said: str
) -> None:
    account.parameter = found
    done = call("deploy", "--yes", *stored(pinned))
    assert (done.exit_code, fake_sam.calls) == (1, [])
    assert said in " ".join(done.output.split())


def test_a_stored_definition_with_a_judge_on_another_server_needs_its_url(
    account: Account, fake_sam: FakeSam
) -> None:
    judge = "openai:m@https://judge.example/v1"
    account.parameter = JUDGED.replace("heavyweight", judge)
    allowed = ("--set", f"JudgesAllowed={judge}")
    done = call("deploy", "--yes", *stored(account.parameter), *allowed)
    assert (done.exit_code, fake_sam.calls) == (1, [])
    assert "add https://judge.example/v1 to JudgeUrlsAllowed" in " ".join(done.output.split())
    done = call(
        "deploy", "--yes", *stored(account.parameter), *allowed,
        "--set", "JudgeUrlsAllowed=https://judge.example/v1",
    )  # fmt: skip
    assert done.exit_code == 0, done.output


def test_a_stored_definition_that_is_not_there_stops_it_too(account: Account, fake_sam: FakeSam) -> None:
    account.errors["GetParameter"] = ("ParameterNotFound", "none")
    done = call("deploy", "--yes", *stored(SOUND))
    assert (done.exit_code, fake_sam.calls) == (1, [])
    assert "no such parameter" in done.output


def test_a_stored_definition_that_only_the_function_may_read_can_not_be_told(
    account: Account, fake_sam: FakeSam
) -> None:
    account.errors["GetParameter"] = ("AccessDeniedException", "not you")
    done = call("deploy", "--yes", *stored(SOUND))
    assert done.exit_code == 0, done.output
    assert "Can't tell whether the definition is valid" in done.output
    assert "access denied: allow ssm:GetParameter" in " ".join(done.output.split())


def test_a_definition_is_read_with_the_profile_and_region_of_the_command_line(
    account: Account, fake_sam: FakeSam, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str | None, str | None]] = []

    def fetch(_: Any) -> bytes:
        seen.append((os.environ.get("AWS_PROFILE"), os.environ.get("AWS_DEFAULT_REGION")))
        return SOUND.encode()

    monkeypatch.setattr("reward_fn.aws.definition_store.fetch", fetch)
    before = dict(os.environ)
    pinned = {"RewardDefinition": PIN, "RewardDefinitionSha256": sha256_of(SOUND.encode())}
    wanted = {**template_defaults(ROOT), **pinned}
    assert look_at_stored(wanted, "work", "us-west-2") == ""
    assert seen == [("work", "us-west-2")]
    assert dict(os.environ) == before


@pytest.mark.parametrize("tags", [{}, {"aws:cloudformation:stack-name": "another"}])
def test_a_name_that_belongs_to_somebody_else_is_refused(
    account: Account, fake_sam: FakeSam, tags: dict[str, str]
) -> None:
    account.function_tags = tags
    done = call("deploy", "--yes")
    assert done.exit_code == 1
    assert "already" in done.output
    assert fake_sam.calls == []


def test_more_than_the_account_holds_is_refused_before_the_build(account: Account, fake_sam: FakeSam) -> None:
    account.account = 100
    done = call("deploy", "--set", "ProvisionedConcurrency=1", "--yes")
    assert done.exit_code == 1
    assert "more than the account's 100" in done.output
    assert fake_sam.calls == []


@pytest.mark.parametrize("account_has", [10, 100])
def test_a_new_account_with_little_concurrency_can_deploy_what_takes_none(
    account: Account, fake_sam: FakeSam, account_has: int
) -> None:
    account.account = account.unreserved = account_has
    done = call("deploy", "--yes")  # the default environment provisions and reserves nothing
    assert done.exit_code == 0, done.output
    assert f"{account_has} of the account's {account_has} are unreserved." in done.output


def test_what_is_reserved_for_latest_counts_too(
    account: Account, fake_sam: FakeSam, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = {**template_defaults(ROOT), "LatestConcurrency": "0"}
    monkeypatch.setattr("rewardctl.cloud.release_order.template_defaults", lambda _: defaults)
    wanted = ("--set", "ProvisionedConcurrency=500", "--set")
    refused = call("deploy", *wanted, "LatestConcurrency=401", "--yes")  # 500 + 401 + 100 > 1000
    assert refused.exit_code == 1
    assert "901 provisioned or reserved environments" in refused.output
    assert call("deploy", *wanted, "LatestConcurrency=400", "--yes").exit_code == 0


def test_a_tight_account_is_pointed_out(account: Account, fake_sam: FakeSam) -> None:
    account.unreserved = 150
    assert "fit only if" in call("deploy", "--set", "ProvisionedConcurrency=51", "--yes").output
    assert "fit only if" not in call("deploy", "--set", "ProvisionedConcurrency=50", "--yes").output


def test_the_cost_an_hour_and_the_room_are_shown(account: Account, fake_sam: FakeSam) -> None:
    done = call("deploy", "--set", "ProvisionedConcurrency=100", "--set", "MemorySize=1769", "--yes")
    assert "$2.59 an hour" in done.output
    assert "900 of the account's 1000 are unreserved" in done.output


def test_without_changes_nothing_is_asked_and_the_arns_are_shown(account: Account, fake_sam: FakeSam) -> None:
    fake_sam.answers["deploy"] = (0, f"No changes to deploy. Stack {STACK} is up to date")
    done = call("deploy")
    assert done.exit_code == 0, done.output
    assert "nothing changes" in done.output
    assert ALIAS_ARN in done.output
    assert account.asked("ExecuteChangeSet") == []


@pytest.mark.parametrize("command", ["build", "deploy"])
def test_a_failing_sam_ends_it(account: Account, fake_sam: FakeSam, command: str) -> None:
    fake_sam.answers[command] = (1, "Error: something")
    done = call("deploy", "--yes")
    assert done.exit_code == 1
    assert account.asked("ExecuteChangeSet") == []


def test_a_change_set_of_a_sam_that_failed_is_not_trusted(account: Account, fake_sam: FakeSam) -> None:
    fake_sam.answers["deploy"] = (1, CREATED)
    assert call("deploy", "--yes").exit_code == 1
    assert account.asked("ExecuteChangeSet") == []


def event(resource: str, status: str, reason: str, token: str) -> dict[str, Any]:
    made = {"StackId": "s", "EventId": "e", "StackName": STACK, "Timestamp": "2026-01-01T00:00:00Z"}
    named = {"LogicalResourceId": resource, "ResourceStatus": status, "ResourceStatusReason": reason}
    return {**made, **named, "ClientRequestToken": token}


def test_a_rollback_tells_cloudformations_reasons_and_none_of_an_earlier_deployment(
    account: Account, fake_sam: FakeSam
) -> None:
    account.statuses = ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"]
    account.events = [  # the newest first, as CloudFormation lists them
        event("Alarm", "CREATE_FAILED", "limit reached", THIS),
        event("Function", "UPDATE_COMPLETE", "", THIS),
        event("Role", "UPDATE_FAILED", "denied last week", "last-week"),
    ]
    done = call("deploy", "--yes")
    assert done.exit_code == 1
    assert "UPDATE_ROLLBACK_COMPLETE: Alarm: limit reached\n" in done.output
    assert "last week" not in done.output


def test_the_wait_says_the_stacks_state_and_has_an_end(account: Account) -> None:
    account.statuses = ["UPDATE_IN_PROGRESS"]
    clock = iter([0.0, 5.0, 3601.0])
    said: list[str] = []
    with pytest.raises(CloudError, match="still UPDATE_IN_PROGRESS after 3601 s"):
        changes.execute(
            connect(), CHANGE_SET, STACK, said.append, sleep=lambda _: None, clock=lambda: next(clock)
        )
    assert said == ["  5 s: UPDATE_IN_PROGRESS"]


# Parameters in all of samconfig's forms


@pytest.mark.parametrize(
    "given",
    ["A=1 B='two words'", ["A=1", "B=two words"], {"A": 1, "B": "two words"}],
    ids=["text", "list", "table"],
)
def test_overrides_are_read_in_every_form(given: Any) -> None:
    assert overrides(given) == {"A": "1", "B": "two words"}


def test_a_value_with_spaces_or_quotes_is_quoted_for_sam() -> None:
    from samcli.cli.types import CfnParameterOverridesType

    wanted = {"A": "1", "B": "two words", "C": 'say "so"', "D": "s3://bucket/key?versionId=V", "E": "a=b"}
    read = CfnParameterOverridesType().convert(tuple(as_arguments(wanted)), None, None)
    assert read == wanted


@pytest.mark.parametrize("name", ["default", "staging", "prod"])
def test_every_environment_can_be_deployed_as_it_stands(name: str) -> None:
    found = read_environment(name)
    merged = {**template_defaults(ROOT), **found.parameters}
    assert found.parameters.keys() <= template_defaults(ROOT).keys()
    assert name_mistakes(merged["FunctionName"]) == []


@pytest.mark.parametrize("stack", ["", "1st", "with_underscore", "x" * 129])
def test_a_name_that_no_stack_can_have_is_refused(tmp_path: Path, stack: str) -> None:
    (tmp_path / "samconfig.toml").write_text(f'[default.global.parameters]\nstack_name = "{stack}"\n')
    with pytest.raises(CloudError, match="is not a valid name"):
        read_environment("default", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["build", "deploy"])
def test_the_real_sam_has_every_option_that_it_is_given(
    account: Account, fake_sam: FakeSam, command: str
) -> None:
    call("deploy", "--yes", "--set", "Timeout=120")
    words = next(words for words, _ in fake_sam.calls if words[0] == command)
    told = subprocess.run(
        [str(Path(sys.executable).parent / "sam"), command, "--help"],
        env={**os.environ, "SAM_CLI_TELEMETRY": "0", "COLUMNS": "200"},
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    assert [word for word in words if word.startswith("--") and word not in told] == []


def test_a_real_command_is_run_in_the_project_and_its_output_kept(capsys: pytest.CaptureFixture[str]) -> None:
    code = "import os, sys; print(os.getcwd(), os.environ['MORE']); sys.exit(3)"
    status, output = sam.run_aloud([sys.executable, "-c", code], {"MORE": "yes"})
    assert (status, output) == (3, f"{ROOT} yes\n")
    assert capsys.readouterr().err == output
