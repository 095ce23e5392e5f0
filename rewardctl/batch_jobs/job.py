"""Bedrock's batch jobs: input to S3, one job for each model, wait, output from S3."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from rewardctl.batch_jobs.records import LEAST_RECORDS, InputFiles
from rewardctl.cloud.clients import Clients
from rewardctl.cloud.errors import CloudError, explained

POLL_S = 30.0
ENDED = ("Completed", "PartiallyCompleted", "Failed", "Stopped", "Expired")
WITH_OUTPUT = ("Completed", "PartiallyCompleted", "Expired")
"""A job that has expired leaves the records that it finished."""


class JobFailedError(CloudError):
    """A batch job ended without output. A new one may be made."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job of one model: ``output`` is the prefix of its results, ``fetched`` whether they were read."""

    arn: str
    model: str
    records: int
    output: str
    fetched: bool = False

    def as_json(self) -> dict[str, Any]:
        """The job as ``run.json`` keeps it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Place:
    """Where jobs read and write, and as whom: ``uri`` is a prefix in S3, ``role`` the service role's ARN."""

    uri: str
    role: str

    @property
    def bucket(self) -> str:
        """The bucket of the prefix."""
        return urlsplit(self.uri).netloc

    def key(self, *parts: str) -> str:
        """A key below the prefix."""
        return "/".join(filter(None, (urlsplit(self.uri).path.strip("/"), *parts)))


def submit(clients: Clients, place: Place, inputs: InputFiles, name: str) -> Job:
    """Upload the input and create the job. Raises CloudError, also for fewer records than Bedrock takes."""
    if inputs.records < LEAST_RECORDS:
        raise CloudError(
            f"a batch job needs {LEAST_RECORDS} records, and {inputs.model} would get {inputs.records}",
            remedy="Leave out --batch.",
        )
    for file in inputs.files:
        with explained(f"uploading {file.name}"):
            clients("s3").upload_file(str(file), place.bucket, place.key(name, "input", file.name))
    output = f"s3://{place.bucket}/{place.key(name, 'output')}/"
    with explained("creating the batch job"):
        answer = clients("bedrock").create_model_invocation_job(
            jobName=name,
            clientRequestToken=name,
            roleArn=place.role,
            modelId=inputs.model,
            modelInvocationType="Converse",
            inputDataConfig={
                "s3InputDataConfig": {"s3Uri": f"s3://{place.bucket}/{place.key(name, 'input')}/"}
            },
            outputDataConfig={"s3OutputDataConfig": {"s3Uri": output}},
        )
    return Job(str(answer["jobArn"]), inputs.model, inputs.records, output)


def wait(clients: Clients, job: Job, say: Callable[[str], None]) -> None:
    """Return when the job has left output. Raises CloudError if it ended without."""
    last = ""
    while True:
        with explained("reading the batch job"):
            answer = clients("bedrock").get_model_invocation_job(jobIdentifier=job.arn)
        status = str(answer["status"])
        words = f"{job.model}: {status}, {answer.get('processedRecordCount', 0):,} of {job.records:,} records"
        if words != last:
            say(words)
            last = words
        if status in ENDED:
            if status not in WITH_OUTPUT:
                raise JobFailedError(
                    f"the batch job {job.arn} ended as {status}: {answer.get('message', 'no message')}",
                    remedy="Mend the cause and give the same command again: it makes a new job.",
                )
            return
        time.sleep(POLL_S)


def output_lines(clients: Clients, job: Job) -> Iterator[bytes]:
    """The lines of all output files of a job. Raises CloudError."""
    parts = urlsplit(job.output)
    with explained("reading the results of the batch job"):
        pages = (
            clients("s3")
            .get_paginator("list_objects_v2")
            .paginate(Bucket=parts.netloc, Prefix=parts.path.lstrip("/"))
        )
        keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
        for key in keys:
            if key.endswith(".jsonl.out"):
                body = clients("s3").get_object(Bucket=parts.netloc, Key=key)["Body"]
                yield from body.iter_lines()


def jobs_in(saved: Sequence[dict[str, Any]]) -> list[Job]:
    """The jobs that ``run.json`` keeps."""
    return [Job(**each) for each in saved]
