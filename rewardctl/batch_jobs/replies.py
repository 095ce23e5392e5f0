"""The output of a batch job, and the verdicts that are read from it."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.judge.providers.bedrock.converse import read_reply
from reward_fn.judge.vote.reply import read_verdicts
from rewardctl.runs.batch_verdicts import BatchOfRun
from rewardctl.runs.verdicts import RunVerdicts

SHARE_OF_PRICE = 0.5
"""A batch job costs half of the price on demand (Amazon Bedrock pricing, batch)."""


def read_output(lines: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """The key and the Converse response of each record that was answered.

    A record with an error has no ``modelOutput`` (Bedrock user guide, "View the results of a batch inference
    job"); it is left out, as a line that can't be read is.
    """
    for line in lines:
        try:
            record: Any = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and isinstance(record.get("modelOutput"), dict):
            yield str(record.get("recordId")), json.dumps(record["modelOutput"]).encode("ascii")


class JobVerdicts(RunVerdicts):
    """The verdicts of a run, with the replies of a job that turn into verdicts when their question comes.

    A reply needs its question to be read, since code searches for its quotes. A reply that gives no verdicts
    is counted and dropped; its question is then asked directly.
    """

    def of_batch(self) -> BatchOfRun:
        return _JobBatch(self)

    def read(self, key: str, question: Question, model: Model) -> None:
        """Turn the reply under a key into verdicts, if there is one."""
        body = self.take_reply(key)
        if body is None:
            return
        reply = _reply(body)
        self.count(model.name, reply=reply, failed=int(reply is None), share=SHARE_OF_PRICE)
        if reply is None:
            return
        try:
            verdicts = read_verdicts(reply, question)
        except JudgeFailure:
            return
        self.put(key, json.dumps([verdicts[leaf] for leaf in question.leaves]))


class _JobBatch(BatchOfRun):
    def __init__(self, store: JobVerdicts) -> None:
        super().__init__(store)
        self._job = store

    def key(self, question: Question, model: Model, vote: int) -> str:
        """The key of a question; its reply, if there is one, becomes verdicts now."""
        key = super().key(question, model, vote)
        with suppress(sqlite3.Error):  # the question is asked then, and a full disk ends the run
            self._job.read(key, question, model)
        return key


def _reply(body: bytes) -> Reply | None:
    try:
        return read_reply(json.loads(body))
    except (JudgeFailure, ValueError, TypeError, AttributeError):
        return None
