"""The release's hash and the check of a deployment's parameters."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from rewardctl.release import (
    SHIPPED_SUFFIXES,
    check_parameters,
    judge_model,
    judges_allowed,
    own_check_files,
    release_hash,
    released_files,
)
from tests.template.cloudformation import PROJECT, deployed


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what makes a release, the checks of one's own in the project's folder with it."""
    monkeypatch.delenv("CHECKS_PATH", raising=False)
    for path in (*released_files(PROJECT), *(path for _, path in own_check_files(PROJECT))):
        copy = tmp_path / path.relative_to(PROJECT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return tmp_path


def test_the_hash_is_64_hex_digits_and_the_same_wherever_the_project_lies(project: Path) -> None:
    here = release_hash(PROJECT, {"Timeout": "600"})
    assert len(here) == 64
    assert set(here) <= set("0123456789abcdef")
    assert release_hash(project, {"Timeout": "600"}) == here


def test_neither_times_nor_order_nor_caches_change_it(project: Path) -> None:
    before = release_hash(project, {"A": "1", "B": "2"})
    os.utime(project / "template.yaml", (0, 0))
    cache = project / "reward_fn" / "__pycache__"
    cache.mkdir()
    (cache / "handler.py").write_text("bytecode")
    (project / "reward_fn" / "notes.md").write_text("does not ship")
    assert release_hash(project, {"B": "2", "A": "1"}) == before


@pytest.mark.parametrize(
    "name",
    [
        "reward_fn/handler.py",
        "reward_fn/rewards/contract-review.toml",
        "reward_fn/rewards/contract_review.schema.json",
        "reward_fn/judge/ask/prompts/boolean.txt",
        "layers/deps/requirements.txt",
        "layers/deps/prune.py",
        "template.yaml",
    ],
)
def test_every_kind_of_file_that_is_released_counts(project: Path, name: str) -> None:
    before = release_hash(project, {})
    with (project / name).open("a") as file:
        file.write("\n")
    assert release_hash(project, {}) != before


def test_a_renamed_an_added_and_a_moved_byte_count(project: Path) -> None:
    seen = {release_hash(project, {})}
    (project / "reward_fn" / "pipeline.py").rename(project / "reward_fn" / "pipelines.py")
    seen.add(release_hash(project, {}))
    (project / "reward_fn" / "new.py").write_text("")
    seen.add(release_hash(project, {}))
    (project / "reward_fn" / "a.py").write_text("ab")
    (project / "reward_fn" / "b.py").write_text("c")
    seen.add(release_hash(project, {}))
    (project / "reward_fn" / "a.py").write_text("a")
    (project / "reward_fn" / "b.py").write_text("bc")
    seen.add(release_hash(project, {}))
    assert len(seen) == 5


def test_parameters_count_but_not_the_hash_itself() -> None:
    assert release_hash(PROJECT, {"A": "1"}) != release_hash(PROJECT, {"A": "2"})
    assert release_hash(PROJECT, {"AB": "1"}) != release_hash(PROJECT, {"A": "B1"})
    assert release_hash(PROJECT, {"ReleaseHash": "0" * 64}) == release_hash(PROJECT, {})


def test_what_is_hashed_of_the_package_is_what_ships(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PROJECT / "layers" / "deps"))
    import build

    assert build.SHIPPED_SUFFIXES == SHIPPED_SUFFIXES
    del sys.modules["build"]


# The check


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"RewardDefinition": "math-answer", "Timeout": "900"},
        {"JudgeModel": "definition", "JudgesAllowed": "medium"},
        {"RewardDefinition": "math-answer", "JudgeModel": "definition", "JudgesAllowed": "heavyweight"},
        {"ReleaseHash": "0" * 64},
        {"AlarmTopicArn": "arn:aws:sns:us-west-2:123456789012:alarms"},
        {"RewardDefinition": "ssm:/a.b/c:1", "RewardDefinitionSha256": "0" * 64},
        {"DeadlineSeconds": "59", "JudgeTimeoutSeconds": "1", "JudgeMaxAttempts": "20", "LogText": "true"},
    ],
)
def test_what_works_has_no_mistakes(parameters: dict[str, str]) -> None:
    assert check_parameters(parameters, region="us-west-2") == []


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"Timout": "300"}, "Timout is not a parameter; did you mean Timeout?"),
        ({"Xyzzy": "1"}, "Xyzzy is not a parameter; template.yaml lists them"),
        ({"Timeout": "30"}, "Timeout='30': must be a whole number of seconds from 60 to 900"),
        ({"Timeout": "90.5"}, "Timeout='90.5': must be a whole number"),
        ({"Timeout": ""}, "Timeout='': must be a whole number"),
        ({"MemorySize": "99999999999"}, "from 512 to 10240"),
        ({"Runtime": "python3.9"}, "Runtime='python3.9': must be one of python3.11, python3.12, python3.13"),
        ({"ProvisionedConcurrency": "7"}, "ProvisionedConcurrency='7': must be one of 0, 1, 2"),
        ({"FunctionName": "sagemaker"}, "FunctionName='sagemaker': must contain \"SageMaker\""),
        ({"FunctionName": "SageMaker" * 10}, "(at most 64 long)"),
        ({"RewardDefinition": "s3://bucket/a.toml"}, "s3://bucket/key?versionId=VERSION"),
        ({"RewardDefinition": "ssm:/a:1"}, "set RewardDefinitionSha256 too"),
        # What the template's pattern takes and the function does not:
        ({"RewardDefinition": "ssm:/a//b:1", "RewardDefinitionSha256": "0" * 64}, "write ssm:/name:VERSION"),
        ({"RewardDefinition": "ssm:/a.b/:1", "RewardDefinitionSha256": "0" * 64}, "write ssm:/name:VERSION"),
        (
            {"RewardDefinition": f"ssm:{'/a' * 17}:1", "RewardDefinitionSha256": "0" * 64},
            "write ssm:/name:VERSION",
        ),
        ({"RewardDefinitionSha256": "0" * 64}, 'set it to ""'),
        (
            {"AlarmTopicArn": "arn:aws:sns:us-west-2:123456789012:alarms"},
            "is not in us-east-1, where the alarms are; use a topic of us-east-1",
        ),
        ({"TraceShare": "0.1"}, "set TraceRetentionDays"),
        ({"LatestConcurrency": "12"}, "lower the recipe's limit"),
        (
            {"RewardDefinition": "mine"},
            "is not a shipped definition; use one",
        ),
        (
            {"JudgeModel": "definition", "JudgesAllowed": "heavyweight"},
            "'contract-review' is judged by 'medium', not allowed here; add medium to JudgesAllowed",
        ),
        ({"ReleaseHash": ""}, "deploy with `make deploy`"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(parameters: dict[str, str], words: str) -> None:
    (mistake,) = check_parameters(parameters, region="us-east-1")
    assert words in mistake


def test_a_key_in_the_place_of_its_address_is_not_shown() -> None:
    (mistake,) = check_parameters({"JudgeApiKeySecret": "sk-0123456789"})
    assert mistake.startswith("JudgeApiKeySecret=(hidden): must be a secret's ARN")


def test_every_mistake_is_named_at_once() -> None:
    assert len(check_parameters({"Timeout": "1", "Runtime": "ruby", "TraceShare": "2"})) == 3
    assert len(check_parameters({"TraceShare": "1", "JudgeModel": "definition"}, region="eu-west-1")) == 3


def test_a_definition_that_is_wrong_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import reward_fn.definition.load
    import rewardctl.release

    shutil.copytree(PROJECT / "reward_fn" / "rewards", tmp_path, dirs_exist_ok=True)
    (tmp_path / "math-answer.toml").write_text('name = "math-answer"\n[[score]]\ncheck = "no_such_check"\n')
    monkeypatch.setattr(reward_fn.definition.load, "SHIPPED", tmp_path)
    monkeypatch.setattr(rewardctl.release, "SHIPPED_DEFINITIONS", tmp_path)
    (mistake,) = check_parameters({"RewardDefinition": "math-answer"})
    assert "no_such_check" in mistake


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of shipped definitions, a copy in which a definition of one's own can be put."""
    import reward_fn.definition.load
    import rewardctl.release

    shutil.copytree(PROJECT / "reward_fn" / "rewards", tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(reward_fn.definition.load, "SHIPPED", tmp_path)
    monkeypatch.setattr(rewardctl.release, "SHIPPED_DEFINITIONS", tmp_path)
    return tmp_path


OWN = """
name = "mine"
[judge]
model = "medium"
{more}
[[judge.criterion]]
name = "useful"
question = "Is the answer of use to whoever asked?"
"""


def test_a_definition_of_ones_own_among_those_that_ship_can_be_deployed(own: Path) -> None:
    (own / "mine.toml").write_text(OWN.format(more=""))
    assert check_parameters({"RewardDefinition": "mine"}, region="us-east-1") == []


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ('fallback = ["heavyweight"]', "heavyweight"),
        ('escalate = "heavyweight"', "heavyweight"),
        ('escalate = "us.amazon.nova-pro-v1:0"', "us.amazon.nova-pro-v1:0"),
    ],
)
@pytest.mark.parametrize("model", ["medium", "definition"])
def test_every_judge_that_may_be_asked_must_be_allowed(own: Path, model: str, more: str, asked: str) -> None:
    # JudgeModel replaces the first model alone: the others are asked, and IAM would deny them.
    (own / "mine.toml").write_text(OWN.format(more=more))
    given = {"RewardDefinition": "mine", "JudgeModel": model}
    if model == "definition":
        given["JudgesAllowed"] = "medium"
    (mistake,) = check_parameters(given, region="us-east-1")
    assert f"'mine' is judged by '{asked}', not allowed here; add heavyweight" in mistake
    given["JudgesAllowed"] = "medium,heavyweight,heavyweight-claude"
    assert check_parameters(given, region="us-east-1") == []


def test_every_judge_of_a_panel_must_be_allowed(own: Path) -> None:
    panel = 'panel = ["medium", "heavyweight-claude"]'
    (own / "mine.toml").write_text(OWN.format(more="").replace('model = "medium"', panel))
    given = {"RewardDefinition": "mine", "JudgeModel": "definition", "JudgesAllowed": "medium"}
    (mistake,) = check_parameters(given, region="us-east-1")
    assert "judged by 'heavyweight-claude', not allowed here; add heavyweight-claude to" in mistake
    assert check_parameters({**given, "JudgesAllowed": "medium,heavyweight-claude"}) == []


ELSEWHERE = "openai:m@https://judge.example/v1"


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, f"'mine' is judged by '{ELSEWHERE}'; add https://judge.example/v1 to JudgeUrlsAllowed"),
        ({"JudgeUrlsAllowed": "https://judge.example"}, "add https://judge.example/v1 to JudgeUrlsAllowed"),
        (
            {"JudgeUrlsAllowed": "https://Judge.example/v1", "MaxCostUsd": "1"},
            f"'{ELSEWHERE}' has no price; add {ELSEWHERE}=INPUT/OUTPUT to JudgePrices",
        ),
        ({"JudgePrices": "medium=1"}, "JudgePrices='medium=1': set MODEL=INPUT/OUTPUT"),
    ],
)
def test_a_judge_on_another_server_needs_its_url_and_under_a_cap_its_price(
    own: Path, parameters: dict[str, str], words: str
) -> None:
    (own / "mine.toml").write_text(OWN.format(more="").replace('"medium"', f'"{ELSEWHERE}"'))
    given = {"RewardDefinition": "mine", "JudgeModel": "definition", "JudgesAllowed": ELSEWHERE}
    (mistake,) = check_parameters({**given, **parameters}, region="us-east-1")
    assert words in mistake
    correct = {"JudgeUrlsAllowed": "https://judge.example/v1", "JudgePrices": f"{ELSEWHERE}=1/2"}
    assert check_parameters({**given, **correct, "MaxCostUsd": "1"}, region="us-east-1") == []


def test_a_judge_that_judge_model_replaces_need_not_be_allowed(own: Path) -> None:
    (own / "mine.toml").write_text(OWN.format(more="").replace('"medium"', '"heavyweight"'))
    assert check_parameters({"RewardDefinition": "mine", "JudgeModel": "medium"}) == []


def test_what_judge_model_and_judges_allowed_come_to_is_what_the_template_gives_the_function() -> None:
    for given in (
        {"JudgeModel": "heavyweight", "JudgesAllowed": ""},
        {"JudgeModel": "medium", "JudgesAllowed": "heavyweight,medium-claude"},
        {"JudgeModel": "definition", "JudgesAllowed": "medium"},
        {"JudgeModel": "medium", "JudgesAllowed": "openai:m@https://judge.example/v1,heavyweight"},
    ):
        variables = deployed(**given)["RewardFunction"]["Properties"]["Environment"]["Variables"]
        assert judge_model(given) == variables.get("JUDGE_MODEL", "")
        assert ",".join(judges_allowed(given)) == variables["JUDGES_ALLOWED"]


def test_the_code_of_ones_own_checks_counts_and_their_cases_do_not(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = release_hash(project, {})
    (project / "checks" / "cases").mkdir(parents=True)
    (project / "checks" / "cases" / "pass.json").write_text("{}")
    assert release_hash(project, {}) == before
    (project / "checks" / "rule.py").write_text("def check(rollout): return True")
    with_rule = release_hash(project, {})
    assert with_rule != before
    monkeypatch.setenv("CHECKS_PATH", str(project / "checks"))
    assert release_hash(project, {}) == with_rule
