"""The template as CloudFormation would deploy it: SAM's transform, then conditions and functions worked out.

``deployed(Runtime="python3.12")`` gives the resources of a stack with these parameters. A reference to a
resource becomes ``<Name>``, one to its attribute ``<Name.Attribute>``, so that tests compare plain values.
"""

import copy
import json
import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

PROJECT = Path(__file__).resolve().parents[2]
PSEUDO = {
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::StackName": "stack",
    "AWS::URLSuffix": "amazonaws.com",
}
NO_VALUE = object()
Tree = dict[str, Any]


@cache
def _text() -> str:
    return json.dumps(yaml_parse((PROJECT / "template.yaml").read_text()))


def source() -> Tree:
    """The template as written, a fresh copy at each call."""
    return dict(json.loads(_text()))


def transformed(template: Tree | None = None, /, **parameters: str) -> Tree:
    """What SAM hands to CloudFormation; the places of the archives are made up."""
    given = copy.deepcopy(template) if template else source()
    given["Resources"]["RewardFunction"]["Properties"]["CodeUri"] = "s3://bucket/function.zip"
    given["Resources"]["DependenciesLayer"]["Properties"]["ContentUri"] = "s3://bucket/layer.zip"
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # SAM asks for the partition
    return dict(Translator({}, Parser()).translate(given, parameters))


def deployed(template: Tree | None = None, /, **parameters: str) -> Tree:
    """The resources of a stack by logical id, worked out; those whose condition is false are left out."""
    return Stack(transformed(template, **parameters), parameters).resources()


class Stack:
    """One transformed template with its parameters."""

    def __init__(self, template: Tree, parameters: Mapping[str, str]) -> None:
        self._template = template
        defaults = {name: str(each["Default"]) for name, each in template["Parameters"].items()}
        self._values = {**PSEUDO, **defaults, **parameters}

    def resources(self) -> Tree:
        active = {
            name: each
            for name, each in self._template["Resources"].items()
            if "Condition" not in each or self.condition(each["Condition"])
        }
        return {name: self.value(each) for name, each in active.items()}

    def outputs(self) -> Tree:
        return {
            name: self.value(each["Value"])
            for name, each in self._template["Outputs"].items()
            if "Condition" not in each or self.condition(each["Condition"])
        }

    def settled(self) -> Tree:
        """The template with its conditions settled and every other function left as it is."""
        resources = {
            name: {key: part for key, part in each.items() if key != "Condition"}
            for name, each in self._template["Resources"].items()
            if "Condition" not in each or self.condition(each["Condition"])
        }
        outputs = {
            name: each
            for name, each in self._template["Outputs"].items()
            if "Condition" not in each or self.condition(each["Condition"])
        }
        return {**self._template, "Resources": self._without_ifs(resources), "Outputs": outputs}

    def _without_ifs(self, value: Any) -> Any:
        if isinstance(value, list):
            return [each for each in map(self._without_ifs, value) if each is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if value == {"Ref": "AWS::NoValue"}:
            return NO_VALUE
        if value.keys() == {"Fn::If"}:
            name, yes, no = value["Fn::If"]
            return self._without_ifs(yes if self.condition(name) else no)
        kept = {key: self._without_ifs(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each is not NO_VALUE}

    def condition(self, name: str) -> bool:
        return self._holds(self._template["Conditions"][name])

    def _holds(self, expression: Any) -> bool:
        ((function, arguments),) = expression.items()
        if function == "Condition":
            return self.condition(arguments)
        if function == "Fn::Not":
            return not self._holds(arguments[0])
        if function in ("Fn::And", "Fn::Or"):
            return (all if function == "Fn::And" else any)(self._holds(each) for each in arguments)
        assert function == "Fn::Equals", function
        left, right = (str(self.value(each)) for each in arguments)
        return left == right

    def value(self, value: Any) -> Any:
        """Nested lists and mappings with every function worked out and AWS::NoValue taken away."""
        if isinstance(value, list):
            return [each for each in map(self.value, value) if each is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (name := next(iter(value))) in FUNCTIONS:
            return FUNCTIONS[name](self, value[name])
        worked_out = {name: self.value(each) for name, each in value.items()}
        return {name: each for name, each in worked_out.items() if each is not NO_VALUE}

    def ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._values:
            return self._values[name]
        assert name.split(".")[0] in self._template["Resources"], name
        return f"<{name}>"

    def if_(self, arguments: list[Any]) -> Any:
        return self.value(arguments[1 if self.condition(arguments[0]) else 2])

    def sub(self, argument: Any) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})
        local = {name: str(self.value(each)) for name, each in own.items()}
        return re.sub(
            r"\$\{([A-Za-z0-9:.]+)\}", lambda match: str(local.get(match[1]) or self.ref(match[1])), text
        )

    def find_in_map(self, keys: list[Any]) -> Any:
        name, first, second = (str(self.value(each)) for each in keys)
        return self._template["Mappings"][name][first][second]


FUNCTIONS: dict[str, Callable[[Stack, Any], Any]] = {
    "Ref": Stack.ref,
    "Fn::GetAtt": lambda _, argument: f"<{'.'.join(argument) if isinstance(argument, list) else argument}>",
    "Fn::If": Stack.if_,
    "Fn::Sub": Stack.sub,
    "Fn::FindInMap": Stack.find_in_map,
    "Fn::Join": lambda stack, argument: argument[0].join(stack.value(argument[1])),
    "Fn::Split": lambda stack, argument: stack.value(argument[1]).split(argument[0]),
    "Fn::Select": lambda stack, argument: stack.value(argument[1])[int(argument[0])],
}


def by_type(resources: Tree, kind: str) -> Tree:
    """The resources of one type."""
    return {name: each for name, each in resources.items() if each["Type"] == kind}
