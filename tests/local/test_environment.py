"""What the function's process sees, and what of the caller's it must not."""

import os
from dataclasses import fields
from pathlib import Path

import boto3
import pytest
from click.testing import CliRunner

from reward_fn.settings import Settings
from rewardctl.cli import main
from rewardctl.local.environment import (
    NEEDS_AN_ACCOUNT,
    SETTINGS,
    function_environment,
    ignored_settings,
    settings_given,
    settings_words,
    without_aws_setup,
)

CALLER = {
    "AWS_PROFILE": "work",
    "AWS_ACCESS_KEY_ID": "real",
    "AWS_ENDPOINT_URL": "http://elsewhere",
    "AWS_CONFIG_FILE": "/somebody/config",
    "HTTPS_PROXY": "http://proxy:3128",
    "http_proxy": "http://proxy:3128",
    "PYTHONSTARTUP": "/somebody/startup.py",
    "HOME": "/somebody",
    "JUDGE_MAX_WORKERS": "8",
}


def made(caller: dict[str, str]) -> dict[str, str]:
    folders = (Path("/built/function"), Path("/built/layer"))
    return function_environment(
        definition="math-answer", judge_url="http://127.0.0.1:1234", path=folders, timeout_s=7, caller=caller
    )


def test_nothing_of_the_caller_gets_in_but_settings() -> None:
    bare, given = made({}), made(CALLER)
    assert {name: value for name, value in given.items() if bare.get(name) != value} == {
        "JUDGE_MAX_WORKERS": "8"
    }


def test_there_is_no_proxy_and_no_file_of_aws_settings() -> None:
    environment = made(CALLER)
    assert [name for name in environment if name.lower() in ("http_proxy", "https_proxy", "all_proxy")] == []
    assert environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert "AWS_PROFILE" not in environment


def test_the_judge_is_the_stand_in_alone() -> None:
    endpoints = {name: value for name, value in made(CALLER).items() if name.startswith("AWS_ENDPOINT_URL")}
    assert endpoints == {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://127.0.0.1:1234"}


def test_the_function_is_found_before_its_layer() -> None:
    assert made({})["PYTHONPATH"] == f"/built/function{os.pathsep}/built/layer"


def test_every_setting_of_the_function_but_its_definition_can_be_given() -> None:
    # The definition has an option of its own, and what needs an AWS account has no place here.
    of_aws = set(NEEDS_AN_ACCOUNT)
    assert {field.name.upper() for field in fields(Settings)} - {"REWARD_DEFINITION"} - of_aws == set(
        SETTINGS
    )


def test_an_empty_setting_is_not_given() -> None:
    assert settings_given({"LOG_TEXT": "", "DEADLINE_S": "5"}) == {"DEADLINE_S": "5"}


def test_the_words_about_settings_hide_the_key() -> None:
    words = settings_words({"LOG_TEXT": "1", "JUDGE_API_KEY": "sk-0123"})
    assert words == "LOG_TEXT=1 JUDGE_API_KEY=(hidden)"


def test_boto3_here_sees_neither_a_profile_nor_an_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CALLER.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    with without_aws_setup() as caller:
        # With AWS_PROFILE left, this would raise ProfileNotFound.
        client = boto3.session.Session().client(
            "lambda", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        assert client.meta.endpoint_url == "https://lambda.us-east-1.amazonaws.com"
        assert "http_proxy" not in os.environ
        assert caller["JUDGE_MAX_WORKERS"] == "8"
    assert dict(os.environ) == before


def test_a_setting_that_has_no_effect_here_is_named() -> None:
    caller = {"TRACE_SHARE": "0.5", "JUDGES_ALLOWED": "medium", "TRACE_BUCKET": "", "JUDGE_MAX_WORKERS": "8"}
    told = ["JUDGES_ALLOWED, TRACE_SHARE: ignored here, since it needs an AWS account"]
    assert list(ignored_settings(caller)) == told
    assert list(ignored_settings({"JUDGE_MAX_WORKERS": "8"})) == []


@pytest.mark.parametrize("command", ["run", "local"])
def test_the_commands_warn_of_it_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("TRACE_SHARE", "0.5")
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:1")
    done = CliRunner().invoke(main, [command, "--definition", "no-such-definition"])
    assert done.exit_code == 1
    assert "TRACE_SHARE: ignored here" in done.output
    assert "AWS_ENDPOINT_URL_BEDROCK_RUNTIME: ignored here" in done.output
    assert "use rewardctl attack --judge MODEL" in done.output
