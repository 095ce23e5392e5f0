"""The function as Lambda describes it, read once for several checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rewardctl.cloud.clients import Clients
from rewardctl.cloud.errors import CloudError, explained
from rewardctl.cloud.target import ALIAS, Target

COMPARED = (
    "CodeSha256",
    "Environment",
    "Layers",
    "MemorySize",
    "Timeout",
    "Runtime",
    "Architectures",
    "Role",
)


@dataclass(frozen=True)
class Deployed:
    """Lambda's configurations of the target, of $LATEST and of the alias.

    `alias` is None if the alias does not exist. `alias_version` and `newest_version` are numbers, or "".
    """

    configuration: Mapping[str, Any]
    latest: Mapping[str, Any]
    alias: Mapping[str, Any] | None
    alias_name: str
    alias_version: str
    newest_version: str

    @property
    def environment(self) -> Mapping[str, str]:
        """The target's environment variables."""
        variables: Mapping[str, str] = self.configuration.get("Environment", {}).get("Variables", {})
        return variables

    def differences(self) -> list[str]:
        """The keys in which $LATEST and the alias differ."""
        if self.alias is None:
            return []
        return [key for key in COMPARED if _plain(self.latest.get(key)) != _plain(self.alias.get(key))]


def read_deployed(clients: Clients, target: Target) -> Deployed:
    """Read the function. Raises CloudError."""
    functions = clients("lambda")
    with explained("reading the function"):
        configuration = functions.get_function_configuration(FunctionName=target.arn)
        latest = functions.get_function_configuration(FunctionName=target.function_arn)
        pages = functions.get_paginator("list_versions_by_function").paginate(
            FunctionName=target.function_arn
        )
        numbers = [
            int(each["Version"]) for page in pages for each in page["Versions"] if each["Version"].isdigit()
        ]
    named = target.qualifier and not target.qualifier.isdigit() and target.qualifier != "$LATEST"
    name = target.qualifier if named else ALIAS
    alias, version = _alias(functions, target, name)
    return Deployed(configuration, latest, alias, name, version, str(max(numbers, default="")))


def _alias(functions: Any, target: Target, name: str) -> tuple[Mapping[str, Any] | None, str]:
    try:
        with explained("reading the alias"):
            alias = functions.get_alias(FunctionName=target.function_arn, Name=name)
            return functions.get_function_configuration(
                FunctionName=target.function_arn, Qualifier=name
            ), str(alias["FunctionVersion"])
    except CloudError as error:
        if error.is_absent:
            return None, ""
        raise


def _plain(value: Any) -> Any:
    """Remove the parts that differ between calls."""
    if isinstance(value, list):
        return [each.get("Arn", each) if isinstance(each, dict) else each for each in value]
    return value.get("Variables", value) if isinstance(value, dict) else value
