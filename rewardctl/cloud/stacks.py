"""samconfig.toml's environments: the stack's name and the parameters that each sets."""

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
    """One section of samconfig.toml: its name, the stack's, and the parameters that it sets."""

    name: str
    stack: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    region: str | None = None


def read_environment(name: str, project: Path = PROJECT) -> Environment:
    """Raises CloudError where samconfig.toml has no such section, or the section names no usable stack."""
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
            f"[{name}.global.parameters] stack_name = {stack!r} can't name a stack",
            remedy="A letter first, then letters, digits and hyphens, 128 characters at most.",
        )
    return Environment(name, stack, overrides(given.get("parameter_overrides", "")), given.get("region"))


def chosen(
    arn: str | None, environment: str, output: str, *, profile: str | None, region: str | None
) -> tuple[Clients, Target]:
    """Clients and the target: `arn`, in its own region, else the `output` of the environment's stack.

    Raises CloudError.
    """
    if arn:
        target = parse_target(arn)
        return connect(profile, region or target.region), target
    wanted = read_environment(environment)
    clients = connect(profile, region or wanted.region)
    return clients, target_of_stack(clients, wanted.stack, output)


def overrides(given: Any) -> dict[str, str]:
    """samconfig's parameter_overrides in any of its forms: "A=1 B=2", ["A=1", "B=2"] or a table.

    Raises CloudError where a part is no NAME=VALUE.
    """
    if isinstance(given, dict):
        return {str(name): str(value) for name, value in given.items()}
    pairs = shlex.split(given) if isinstance(given, str) else [str(each) for each in given]
    return assignments(pairs)


def assignments(pairs: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE pairs as a dict. Raises CloudError."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z0-9]{1,255}", name):
            raise CloudError(f"{pair!r} is no NAME=VALUE", remedy="Give a template parameter as Name=value.")
        found[name] = value
    return found


def as_arguments(parameters: Mapping[str, str]) -> list[str]:
    """The parameters as sam takes them after --parameter-overrides, each one argument, quoted inside."""
    return [f"{name}={_quoted(value)}" for name, value in sorted(parameters.items())]


def _quoted(value: str) -> str:
    """Quoted where sam's own parser would otherwise end the value early."""
    if re.fullmatch(r"[^\s\"\\]+", value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
