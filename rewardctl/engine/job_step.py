"""The step of a run in which Bedrock's batch jobs judge."""

from collections.abc import Iterable, Sequence

from rich.console import Console

from reward_fn.types.definition import Definition
from rewardctl.batch_jobs import step
from rewardctl.batch_jobs.job import Place
from rewardctl.cloud.clients import connect
from rewardctl.data import Line
from rewardctl.engine.request import RunRequest, Stopped
from rewardctl.runs.folder import RunFolder


def judge_by_jobs(
    run: RunFolder,
    request: RunRequest,
    batches: Iterable[Sequence[Line]],
    definition: Definition,
    console: Console,
) -> None:
    """Have batch jobs answer what they can; the rest is asked directly. Raises CloudError and Stopped."""

    def say(line: str) -> None:
        console.print(line, style="dim", markup=False)

    clients = connect(request.profile, request.region)
    place = Place(request.batch, request.batch_role)
    try:
        step.judge_by_jobs(run, batches, definition, place, clients, say)
    except KeyboardInterrupt as error:
        words = "Stopped. A batch job that was made goes on, and the same command waits for it."
        raise Stopped(words, 130) from error
