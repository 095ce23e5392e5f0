"""The step of a run that judges by batch jobs: make them once, wait, and keep their replies.

``run.json`` names each job as soon as it exists, so an interrupted command waits for it and makes no other.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from reward_fn.types.definition import Definition
from rewardctl.batch_jobs.job import Job, JobFailedError, Place, jobs_in, output_lines, submit, wait
from rewardctl.batch_jobs.records import mistake, write_inputs
from rewardctl.batch_jobs.replies import read_output
from rewardctl.cloud.clients import Clients
from rewardctl.cloud.errors import CloudError
from rewardctl.data import Line
from rewardctl.runs.folder import RunFolder
from rewardctl.runs.verdicts import RunVerdicts

REPLIES_AT_ONCE = 500


def judge_by_jobs(
    run: RunFolder,
    batches: Iterable[Sequence[Line]],
    definition: Definition,
    place: Place,
    clients: Clients,
    say: Callable[[str], None],
) -> None:
    """Have the questions of all batches answered by batch jobs; the run's verdicts hold the replies.

    Raises CloudError if the definition or a job can't be used.
    """
    if words := mistake(definition):
        raise CloudError(words)
    with RunVerdicts(run.verdicts_path) as store:
        jobs = jobs_in(run.about.get("jobs", ()))
        if not jobs:
            jobs = _make(run, batches, definition, place, clients, store, say)
        for number, job in enumerate(jobs):
            if job.fetched:
                continue
            try:
                wait(clients, job, say)
            except JobFailedError:
                _save(run, [each for each in jobs if each.arn != job.arn])
                raise
            _keep(store, clients, job)
            jobs[number] = replace(job, fetched=True)
            _save(run, jobs)


def _make(
    run: RunFolder,
    batches: Iterable[Sequence[Line]],
    definition: Definition,
    place: Place,
    clients: Clients,
    store: RunVerdicts,
    say: Callable[[str], None],
) -> list[Job]:
    """Write the input files, and make a job for each model."""
    jobs: list[Job] = []
    with TemporaryDirectory(dir=run.path, prefix="input-") as folder:
        for inputs in write_inputs(batches, definition, store, Path(folder)):
            made = int(run.about.get("jobs_made", 0))
            jobs.append(submit(clients, place, inputs, f"{_name(run)}-{made}"))
            run.save(jobs_made=made + 1)
            _save(run, jobs)
            say(f"batch job {jobs[-1].arn}: {inputs.records:,} records for {inputs.model}")
    return jobs


def _name(run: RunFolder) -> str:
    """A name for jobs of this run. Bedrock makes no second job for a name that was used as a token before, so
    a crash right after a job was made does not make another."""
    text = f"{run.path.resolve()} {run.about.get('started_at')}"
    return f"reward-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _save(run: RunFolder, jobs: Sequence[Job]) -> None:
    run.save(jobs=[job.as_json() for job in jobs])


def _keep(store: RunVerdicts, clients: Clients, job: Job) -> None:
    """Keep the replies of a job that has ended."""
    part: list[tuple[str, bytes]] = []
    for reply in read_output(output_lines(clients, job)):
        part.append(reply)
        if len(part) == REPLIES_AT_ONCE:
            store.keep_replies(part)
            part = []
    store.keep_replies(part)
