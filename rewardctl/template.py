"""Check parameters against template.yaml's bounds and rules, as CloudFormation does.

CloudFormation stops at the first mistake, after the upload; this check reports all mistakes before it.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).resolve().parent.parent / "template.yaml"
_NO_PREFIX = ("Ref", "Condition")

Template = Mapping[str, Any]
Values = Mapping[str, str]


def load_template(path: Path = TEMPLATE) -> dict[str, Any]:
    """Load the template with short forms expanded: ``!Equals [a, b]`` is ``{"Fn::Equals": [a, b]}``."""
    import yaml

    class Loader(yaml.SafeLoader):
        """YAML with a tag for each CloudFormation function."""

    def function(loader: Any, tag: str, node: Any) -> dict[str, Any]:
        if isinstance(node, yaml.ScalarNode):
            value: Any = loader.construct_scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = loader.construct_sequence(node, deep=True)
        else:
            value = loader.construct_mapping(node, deep=True)
        if tag == "GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {tag if tag in _NO_PREFIX else f"Fn::{tag}": value}

    Loader.add_multi_constructor("!", function)
    loaded: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506 - a SafeLoader
    return loaded


def defaults(template: Template) -> dict[str, str]:
    """Each parameter's default as text."""
    return {name: str(parameter.get("Default", "")) for name, parameter in template["Parameters"].items()}


MAY_BE_SECRET = ("JudgeApiKeySecret", "JudgeUrlsAllowed")
"""Parameters in which people may write an API key, or a URL with a password: a wrong value is not shown."""


def out_of_bounds(template: Template, values: Values) -> Iterator[str]:
    """One line for each value that its parameter does not allow, and for each unknown parameter."""
    parameters = template["Parameters"]
    for name, value in values.items():
        if name not in parameters:
            near = difflib.get_close_matches(name, parameters, n=1)
            meant = f"did you mean {near[0]}?" if near else "template.yaml lists them"
            yield f"{name} is not a parameter; {meant}"
        elif (remedy := _wrong(parameters[name], value)) is not None:
            shown = "(hidden)" if name in MAY_BE_SECRET else repr(value[:80])
            yield f"{name}={shown}: {remedy}"


def _wrong(parameter: Mapping[str, Any], value: str) -> str | None:
    """The allowed values if ``value`` is not allowed, else None."""
    if (allowed := parameter.get("AllowedValues")) is not None:
        texts = [str(each) for each in allowed]
        return None if value in texts else f"must be one of {', '.join(texts)}"
    if parameter["Type"] == "Number":
        low, high = parameter["MinValue"], parameter["MaxValue"]
        whole = re.fullmatch(r"\d{1,9}", value) is not None
        return None if whole and low <= int(value) <= high else str(parameter["ConstraintDescription"])
    fits = len(value) <= parameter["MaxLength"] and re.fullmatch(parameter["AllowedPattern"], value)
    return None if fits else f"{parameter['ConstraintDescription']} (at most {parameter['MaxLength']} long)"


def broken_rules(template: Template, values: Values) -> Iterator[str]:
    """The description of each failed assertion.

    ``values`` are all parameters, and ``AWS::Region`` if it is known. Rules about other values are skipped.
    """
    for rule in template["Rules"].values():
        if _refs(rule) <= values.keys() and holds(rule.get("RuleCondition", {"Fn::And": []}), values):
            for assertion in rule["Assertions"]:
                if not holds(assertion["Assert"], values):
                    yield " ".join(assertion["AssertDescription"].split())


def holds(expression: Mapping[str, Any], values: Values) -> bool:
    """Evaluate a condition over parameters. Raises ValueError for a function that rules can't use."""
    ((function, arguments),) = expression.items()
    if function == "Fn::And":
        return all(holds(each, values) for each in arguments)
    if function == "Fn::Or":
        return any(holds(each, values) for each in arguments)
    if function == "Fn::Not":
        return not holds(arguments[0], values)
    left, right = arguments
    if function == "Fn::Contains":
        return _text(right, values) in [_text(each, values) for each in left]
    if function == "Fn::Equals":
        return _text(left, values) == _text(right, values)
    raise ValueError(f"template.yaml: a rule uses {function}, which is not allowed in rules")


def _text(value: Any, values: Values) -> str:
    return values[value["Ref"]] if isinstance(value, Mapping) else str(value)


def _refs(value: Any) -> set[str]:
    """The names of all ``Ref`` in nested lists and mappings."""
    if isinstance(value, Mapping):
        own = {str(value["Ref"])} if "Ref" in value else set()
        return own.union(*(_refs(each) for each in value.values()))
    return set().union(*(_refs(each) for each in value)) if isinstance(value, list) else set()
