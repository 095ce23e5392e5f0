"""The function or alias of a command, from an ARN or from the outputs of a deployed stack."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rewardctl.cloud.clients import Clients
from rewardctl.cloud.errors import CloudError, explained

ALIAS = "live"
"""The alias that template.yaml publishes."""

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12})"
    r":function:(?P<name>[A-Za-z0-9_-]{1,64})(?::(?P<qualifier>[A-Za-z0-9_-]{1,128}|\$LATEST))?"
)


@dataclass(frozen=True)
class Target:
    """A function; `qualifier` is the name of an alias or the number of a version, "" for neither."""

    partition: str
    region: str
    account: str
    name: str
    qualifier: str = ""

    @property
    def function_arn(self) -> str:
        """The ARN without the qualifier."""
        return f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def arn(self) -> str:
        """The ARN with the qualifier, if there is one."""
        return f"{self.function_arn}:{self.qualifier}" if self.qualifier else self.function_arn


def parse_target(arn: str) -> Target:
    """Parse the ARN of a Lambda function, alias or version. Raises CloudError if it is none of these."""
    match = _ARN.fullmatch(arn.strip())
    if not match:
        raise CloudError(
            f"{arn!r} is not the ARN of a Lambda function",
            remedy="Give arn:aws:lambda:REGION:ACCOUNT:function:NAME, or the same with :ALIAS; "
            "`make outputs` shows both.",
        )
    parts = match.groupdict(default="")
    return Target(**parts)


def stack_outputs(clients: Clients, stack: str) -> Mapping[str, str]:
    """The outputs of a deployed stack by name. Raises CloudError."""
    with explained(f"reading the stack {stack}"):
        stack_data = clients("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in stack_data.get("Outputs", ())}


def target_of_stack(clients: Clients, stack: str, output: str) -> Target:
    """The target of the stack's `output` FunctionArn or AliasArn. Raises CloudError."""
    outputs = stack_outputs(clients, stack)
    if output not in outputs:
        raise CloudError(
            f"the stack {stack} has no output {output}",
            remedy="Deploy it with `make deploy`, then try again.",
        )
    return parse_target(outputs[output])
