"""A change set: what a deployment will do, before it does it."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile

from rewardctl.cloud.clients import Clients
from rewardctl.cloud.errors import CloudError, explained

POLL_S = 5.0
WITHIN_S = 3600.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Change:
    """One resource: Add, Modify, Remove or Import; its logical id and type; whether it is replaced: True,
    False, Conditional, or "" where nothing is."""

    action: str
    resource: str
    kind: str
    replacement: str


def read_changes(clients: Clients, change_set: str) -> list[Change]:
    """All changes of a change set, by its ARN. Raises CloudError."""
    with explained("reading the change set"):
        pages = (
            clients("cloudformation").get_paginator("describe_change_set").paginate(ChangeSetName=change_set)
        )
        found = [each["ResourceChange"] for page in pages for each in page.get("Changes", ())]
    return [
        Change(each["Action"], each["LogicalResourceId"], each["ResourceType"], each.get("Replacement", ""))
        for each in found
    ]


def discard(clients: Clients, change_set: str, stack: str) -> None:
    """Deletes a change set, and the empty shell of a stack that was made for it. Raises CloudError."""
    cloudformation = clients("cloudformation")
    with explained("deleting the change set"):
        cloudformation.delete_change_set(ChangeSetName=change_set)
    if stack_status(clients, stack) == "REVIEW_IN_PROGRESS":
        with explained("deleting the stack that was never made"):
            cloudformation.delete_stack(StackName=stack)


def execute(
    clients: Clients,
    change_set: str,
    stack: str,
    say: Say,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Executes a change set and waits for its end, saying the stack's state now and then.

    Raises CloudError with CloudFormation's reasons where it fails, or takes longer than an hour.
    """
    token = str(uuid.uuid4())
    with explained("executing the change set"):
        clients("cloudformation").execute_change_set(ChangeSetName=change_set, ClientRequestToken=token)
    start_s = clock()
    while True:
        sleep(POLL_S)
        status, waited_s = stack_status(clients, stack), clock() - start_s
        if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"):
            return
        if not status.endswith("_IN_PROGRESS"):
            reasons = "; ".join(failures(clients, stack, token)) or "no reason given"
            raise CloudError(
                f"the stack {stack} ended as {status}: {reasons}",
                remedy="Correct that and deploy again; delete a stack that is ROLLBACK_COMPLETE first.",
            )
        if waited_s > WITHIN_S:
            raise CloudError(
                f"the stack {stack} is still {status} after {waited_s:.0f} s",
                remedy="Look at its events in the CloudFormation console.",
            )
        say(f"  {waited_s:.0f} s: {status}")


def stack_status(clients: Clients, stack: str) -> str:
    """The stack's status; "" where there is none. Raises CloudError."""
    try:
        with explained(f"reading the stack {stack}"):
            stacks = clients("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except CloudError as error:
        if error.code == "ValidationError" and "does not exist" in error.message:
            return ""
        raise
    return str(stacks[0]["StackStatus"])


def failures(clients: Clients, stack: str, token: str) -> list[str]:
    """What failed in the deployment that was executed with `token`, oldest first. Raises CloudError."""
    with explained("reading the stack's events"):
        pages = clients("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack)
        newest_first = (each for page in pages for each in page["StackEvents"])
        # A stack's events go back to its creation; each has the token of the operation that it belongs to.
        own = list(takewhile(lambda each: each.get("ClientRequestToken") == token, newest_first))
    return [
        f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason', '')}"
        for each in reversed(own)
        if each["ResourceStatus"].endswith("_FAILED")
    ]
