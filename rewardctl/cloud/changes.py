"""CloudFormation change sets: read, discard or execute the planned changes of a deployment."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile

from reward_fn.deadline import Clock
from rewardctl.cloud.clients import Clients
from rewardctl.cloud.errors import CloudError, explained

POLL_S = 5.0
WITHIN_S = 3600.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Change:
    """The change of one resource: `action` is Add, Modify, Remove or Import, `resource` the logical id.

    `replacement` is True, False or Conditional, or "" if the action can't replace anything.
    """

    action: str
    resource: str
    kind: str
    replacement: str


def read_changes(clients: Clients, change_set: str) -> list[Change]:
    """Return all changes of the change set with this ARN. Raises CloudError."""
    with explained("reading the change set"):
        pages = (
            clients("cloudformation").get_paginator("describe_change_set").paginate(ChangeSetName=change_set)
        )
        changes = [each["ResourceChange"] for page in pages for each in page.get("Changes", ())]
    return [
        Change(each["Action"], each["LogicalResourceId"], each["ResourceType"], each.get("Replacement", ""))
        for each in changes
    ]


def discard(clients: Clients, change_set: str, stack: str) -> None:
    """Delete a change set, and the stack if it was only made for it. Raises CloudError."""
    cloudformation = clients("cloudformation")
    with explained("deleting the change set"):
        cloudformation.delete_change_set(ChangeSetName=change_set)
    if stack_status(clients, stack) == "REVIEW_IN_PROGRESS":
        with explained("deleting the empty stack"):
            cloudformation.delete_stack(StackName=stack)


def execute(
    clients: Clients,
    change_set: str,
    stack: str,
    say: Say,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Clock = time.monotonic,
) -> None:
    """Execute a change set and wait for its end; `say` gets the stack's status at intervals.

    Raises CloudError with CloudFormation's reasons if it fails or takes longer than an hour.
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
                remedy="Correct the cause and deploy again; delete a ROLLBACK_COMPLETE stack first.",
            )
        if waited_s > WITHIN_S:
            raise CloudError(
                f"the stack {stack} is still {status} after {waited_s:.0f} s",
                remedy="Look at its events in the CloudFormation console.",
            )
        say(f"  {waited_s:.0f} s: {status}")


def stack_status(clients: Clients, stack: str) -> str:
    """The stack's status, "" if it does not exist. Raises CloudError."""
    try:
        with explained(f"reading the stack {stack}"):
            stacks = clients("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except CloudError as error:
        if error.code == "ValidationError" and "does not exist" in error.message:
            return ""
        raise
    return str(stacks[0]["StackStatus"])


def failures(clients: Clients, stack: str, token: str) -> list[str]:
    """Failures of the deployment that was executed with `token`, oldest first. Raises CloudError."""
    with explained("reading the stack's events"):
        pages = clients("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack)
        newest_first = (each for page in pages for each in page["StackEvents"])
        # The events go back to the stack's creation; each has the token of its operation.
        events = list(takewhile(lambda each: each.get("ClientRequestToken") == token, newest_first))
    return [
        f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason', '')}"
        for each in reversed(events)
        if each["ResourceStatus"].endswith("_FAILED")
    ]
