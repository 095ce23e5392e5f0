"""A changed definition, parameter or file is a new version, so that $LATEST and the alias reward alike."""

import pytest

from rewardctl.release import release_hash
from tests.template.cloudformation import PROJECT, Tree, by_type, deployed, source


def version(template: Tree | None = None, /, **parameters: str) -> str:
    """The logical id of the version that the alias points to."""
    resources = deployed(template, **parameters)
    (name,) = by_type(resources, "AWS::Lambda::Version")
    assert resources["RewardFunctionAliaslive"]["Properties"]["FunctionVersion"] == f"<{name}.Version>"
    return name


def released(**parameters: str) -> str:
    """The same, deployed as `make deploy` does."""
    return version(**parameters, ReleaseHash=release_hash(PROJECT, parameters))


@pytest.mark.parametrize(
    "changed",
    [
        {"RewardDefinition": "math-answer"},
        {"RewardDefinition": "ssm:/rewards/mine:7", "RewardDefinitionSha256": "0" * 64},
        {"RewardDefinition": "ssm:/rewards/mine:7", "RewardDefinitionSha256": "1" * 64},
        {"JudgeModel": "heavyweight"},
        {"Timeout": "600"},
        {"ResponseEnvelope": "http"},
        {"TraceShare": "0.1", "TraceRetentionDays": "7"},
    ],
)
def test_a_changed_parameter_is_a_new_version(changed: dict[str, str]) -> None:
    assert released(**changed) != released()


def test_the_same_inputs_are_the_same_version() -> None:
    assert released(Timeout="600") == released(Timeout="600")


def test_the_versions_name_holds_the_first_ten_digits_of_the_hash() -> None:
    assert version(ReleaseHash="0123456789abcdef" * 4) == "RewardFunctionVersion0123456789"


def test_the_functions_description_changes_with_the_hash() -> None:
    # Lambda publishes no version where neither code nor configuration differs from the last one.
    described = deployed(ReleaseHash="a" * 64)["RewardFunction"]["Properties"]["Description"]
    assert described.endswith("a" * 64)


def test_without_the_hash_a_changed_definition_would_reach_latest_alone() -> None:
    # Why a rule refuses an empty one: SAM then hashes the archive's place and does not see parameters.
    assert version(RewardDefinition="math-answer") == version()
    without = source()
    del without["Resources"]["RewardFunction"]["Properties"]["AutoPublishCodeSha256"]
    assert version(without, RewardDefinition="math-answer") == version()
