"""The template's rules: each refuses what can't work before anything is created, and lets the rest pass."""

from typing import Any

import pytest

from rewardctl.template import broken_rules, defaults, load_template
from tests.template.cloudformation import source

TEMPLATE = load_template()
SOUND = {**defaults(TEMPLATE), "ReleaseHash": "0" * 64, "AWS::Region": "us-east-1"}
PIN = "0" * 64

REFUSED: dict[str, list[dict[str, str]]] = {
    "JudgesAreInTheUnitedStates": [{"AWS::Region": "eu-west-1"}, {"AWS::Region": "us-west-1"}],
    "AReleaseHasItsHash": [{"ReleaseHash": ""}],
    "AChoiceOfTheDefinitionIsBounded": [{"JudgeModel": "definition"}],
    "LatestConcurrencyCoversTheRecipe": [
        {"LatestConcurrency": latest, "RecipeConcurrencyLimit": limit}
        for latest in ("12", "25", "50", "100", "200", "400")
        for limit in ("12", "25", "50", "100", "200", "400")
        if int(latest) < int(limit)
    ],
    "TracesExpire": [{"TraceShare": "0.05"}],
    "NoRetentionWithoutTraces": [{"TraceRetentionDays": "30"}],
    "AlarmsGoToOnePlace": [
        {"AlarmEmail": "a@example.com", "AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:alarms"}
    ],
}
PASSED: list[dict[str, str]] = [
    {},
    {"AWS::Region": "us-east-2"},
    {"AWS::Region": "us-west-2"},
    {"RewardDefinition": "math-answer"},
    {"RewardDefinition": "s3://bucket/a.toml?versionId=12345678", "RewardDefinitionSha256": PIN},
    {"RewardDefinition": "ssm:/rewards/mine:7", "RewardDefinitionSha256": PIN},
    {"JudgeModel": "definition", "JudgesAllowed": "medium"},
    {"TraceShare": "0.05", "TraceRetentionDays": "30"},
    {"AlarmEmail": "a@example.com"},
    {"AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:alarms"},
    *(
        {"LatestConcurrency": latest, "RecipeConcurrencyLimit": limit}
        for latest in ("0", "12", "25", "50", "100", "200", "400")
        for limit in ("12", "25", "50", "100", "200", "400")
        if latest == "0" or int(latest) >= int(limit)
    ),
]
CASES = [(rule, case) for rule, cases in REFUSED.items() for case in cases]


def refusals(parameters: dict[str, str], template: dict[str, Any] = TEMPLATE) -> list[str]:
    return list(broken_rules(template, {**SOUND, **parameters}))


@pytest.mark.parametrize(("rule", "parameters"), CASES)
def test_what_can_not_work_is_refused_by_its_rule_alone(rule: str, parameters: dict[str, str]) -> None:
    (message,) = refusals(parameters)
    descriptions = [each["AssertDescription"] for each in TEMPLATE["Rules"][rule]["Assertions"]]
    assert message in [" ".join(text.split()) for text in descriptions]


@pytest.mark.parametrize(("rule", "parameters"), CASES)
def test_without_its_rule_it_would_pass(rule: str, parameters: dict[str, str]) -> None:
    others = {name: each for name, each in TEMPLATE["Rules"].items() if name != rule}
    assert refusals(parameters, {**TEMPLATE, "Rules": others}) == []


@pytest.mark.parametrize("parameters", PASSED)
def test_what_works_passes(parameters: dict[str, str]) -> None:
    assert refusals(parameters) == []


def test_every_rule_has_a_case_that_it_refuses() -> None:
    assert REFUSED.keys() == TEMPLATE["Rules"].keys()


def test_every_refusal_names_a_parameter_and_the_remedy() -> None:
    names = {*TEMPLATE["Parameters"], "deploy in one of them"}
    for rule in TEMPLATE["Rules"].values():
        for assertion in rule["Assertions"]:
            text = " ".join(assertion["AssertDescription"].split())
            assert any(name in text for name in names)
            _, dash, remedy = text.partition(" - ")
            assert dash
            assert remedy.startswith(("deploy", "set", "list", "raise")), text


def test_a_definition_of_ones_own_passes_the_rules_though_no_name_of_it_is_in_them() -> None:
    assert refusals({"RewardDefinition": "of-my-own"}) == []
    assert "contract-review" not in str(TEMPLATE["Rules"])


def test_a_rule_about_a_region_that_is_not_known_is_left_out() -> None:
    values = {name: value for name, value in SOUND.items() if name != "AWS::Region"}
    assert list(broken_rules(TEMPLATE, values)) == []


def test_the_template_is_read_as_sam_reads_it() -> None:
    read = load_template()
    assert read["Rules"] == source()["Rules"]
    assert read["Resources"] == source()["Resources"]
    assert read["Conditions"] == source()["Conditions"]
