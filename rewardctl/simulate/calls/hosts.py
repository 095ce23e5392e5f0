"""Several environments of the function on this machine, each in a process, as Lambda would start them."""

import queue
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rewardctl.engine.functions import Invoke


@contextmanager
def environments(definition: str, count: int, logs: Path, say: Callable[[str], None]) -> Iterator[Invoke]:
    """Start ``count`` environments with the stand-in as their judge; an invocation takes a free one.

    An invocation waits while all are busy, where Lambda would start another. Raises LocalError, CloudError.
    """
    from rewardctl.cloud.errors import explained
    from rewardctl.local.environment import without_aws_setup
    from rewardctl.local.processes import stop_on_termination
    from rewardctl.local.session import Plan, hosted, stand_in, work_folder

    free: queue.Queue[Invoke] = queue.Queue()
    with ExitStack() as stack:
        stack.enter_context(stop_on_termination())
        caller = stack.enter_context(without_aws_setup())
        judge = stack.enter_context(stand_in())
        for number in range(count):
            folder = stack.enter_context(work_folder())
            plan = Plan(definition, logs / f"simulate-{number}.log")
            free.put(stack.enter_context(hosted(plan, folder, judge.url, caller, say)).invoke)

        def invoke(event: bytes) -> bytes:
            host = free.get()
            try:
                with explained("invoking the emulated function"):
                    return host(event)
            finally:
                free.put(host)

        yield invoke
