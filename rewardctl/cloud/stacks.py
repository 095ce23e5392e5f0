"""The environments of samconfig.toml: the stack's name and the parameters of each."""

import re
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rewardctl.cloud.clients import Clients, connect
from rewardctl.cloud.errors import CloudError
from rewardctl.cloud.target import Target, parse_target, target_of_stack
from rewardctl.local.paths import PROJECT

STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")


@dataclass(frozen=True)
class Environment:
    """One section of samconfig.toml; `region` is None if the section has none."""

    name: str
    stack: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    region: str | None = None


def read_environment(name: str, project: Path = PROJECT) -> Environment:
    """Read a section of samconfig.toml. Raises CloudError if it is missing or has no valid stack name."""
    place = project / "samconfig.toml"
    try:
        config = tomllib.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CloudError(f"{place.name} can't be read: {error}", remedy="Correct the file.") from error
    sections = [key for key, value in config.items() if isinstance(value, dict)]
    if name not in sections:
        raise CloudError(
            f"{place.name} has no environment {name!r}", remedy=f"Give ENVIRONMENT={' or '.join(sections)}."
        )
    section = config[name]
    given: dict[str, Any] = {
        **section.get("global", {}).get("parameters", {}),
        **section.get("deploy", {}).get("parameters", {}),
    }
    stack = str(given.get("stack_name", ""))
    if not STACK_NAME.fullmatch(stack):
        raise CloudError(
            f"[{name}.global.parameters] stack_name = {stack!r} is not a valid name",
            remedy="Use a letter, then letters, digits and hyphens, at most 128 characters.",
        )
    return Environment(name, stack, overrides(given.get("parameter_overrides", "")), given.get("region"))


def clients_and_target(
    arn: str | None, environment: str, output: str, *, profile: str | None, region: str | None
) -> tuple[Clients, Target]:
    """Return clients and the target: the function of `arn`, or of the `output` of the environment's stack.

    An ARN's own region is the default for `region`. Raises CloudError.
    """
    if arn:
        target = parse_target(arn)
        return connect(profile, region or target.region), target
    section = read_environment(environment)
    clients = connect(profile, region or section.region)
    return clients, target_of_stack(clients, section.stack, output)


def overrides(given: Any) -> dict[str, str]:
    """Read parameter_overrides of samconfig.toml: "A=1 B=2", ["A=1", "B=2"] or a table.

    Raises CloudError if a part is not NAME=VALUE.
    """
    if isinstance(given, dict):
        return {str(name): str(value) for name, value in given.items()}
    pairs = shlex.split(given) if isinstance(given, str) else [str(each) for each in given]
    return assignments(pairs)


def assignments(pairs: Sequence[str]) -> dict[str, str]:
    """Convert NAME=VALUE pairs to a dict. Raises CloudError."""
    values = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z0-9]{1,255}", name):
            raise CloudError(f"{pair!r} is not NAME=VALUE", remedy="Give a template parameter as Name=value.")
        values[name] = value
    return values


def as_arguments(parameters: Mapping[str, str]) -> list[str]:
    """The parameters as arguments for sam's --parameter-overrides, with quoted values."""
    return [f"{name}={_quoted(value)}" for name, value in sorted(parameters.items())]


def _quoted(value: str) -> str:
    """Quote a value that sam's parser would otherwise split."""
    if re.fullmatch(r"[^\s\"\\]+", value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
