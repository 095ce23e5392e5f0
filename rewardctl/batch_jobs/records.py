"""The input of a batch job: a record for each question that has no verdict yet, in files within the limits.

A job of the type Converse takes bodies of Converse requests (Bedrock user guide, "Format and upload your
batch inference data"). It takes no tools.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, NamedTuple

from reward_fn.event.parse import parse_rows
from reward_fn.judge.ask.modes import inquiries
from reward_fn.judge.base import Model, Question
from reward_fn.judge.cache.entry import key_of
from reward_fn.judge.models.provider import is_default
from reward_fn.judge.providers.bedrock.converse import converse_request
from reward_fn.judge.vote.panel import voters
from reward_fn.pipeline import examine
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from rewardctl.data import Line, Row, rows_in
from rewardctl.runs.batch_verdicts import ANY_VERSION
from rewardctl.runs.verdicts import RunVerdicts

LEAST_RECORDS = 100
MOST_RECORDS_A_FILE = 50_000
MOST_BYTES_A_FILE = 1_000_000_000
"""Default quotas of batch inference (Service Quotas, Amazon Bedrock: minimum number of records per batch
inference job, records per input file, size of an input file)."""


class InputFiles(NamedTuple):
    """The input of one model's job: its files, and the number of their records."""

    model: str
    files: Sequence[Path]
    records: int


def mistake(definition: Definition) -> str:
    """Why no batch job can judge by this definition, with the remedy; "" if one can."""
    if definition.judge is None:
        return f"the definition {definition.name} has no judge, so a batch job has nothing to do"
    models = {voter.models[0] for voter in voters(definition.judge)}
    for model in models:
        if not is_default(model.name):
            return f"{model.name} is not on Bedrock: leave out --batch"
        if model.structure == "tool":
            return 'Bedrock\'s batch jobs take no tools: set structure = "json_schema" or "text" in [judge]'
    return ""


def write_inputs(
    batches: Iterable[Sequence[Line]], definition: Definition, store: RunVerdicts, folder: Path
) -> list[InputFiles]:
    """Write a record for each question without a verdict; one job for each model. Raises OSError."""
    writers: dict[str, _Writer] = {}
    with ExitStack() as stack:
        for batch in batches:
            for key, question, model in _questions(batch, definition):
                if store.get(key) is not None:
                    continue
                name = model.model_id
                if name not in writers:
                    writers[name] = stack.enter_context(_Writer(folder, len(writers)))
                writers[name].add(key, question, model)
        return [InputFiles(name, writer.files, writer.records) for name, writer in writers.items()]


def _questions(batch: Sequence[Line], definition: Definition) -> Iterator[tuple[str, Question, Model]]:
    """All questions of the first voters about a batch, each with its key in the run's verdicts."""
    spec = definition.judge
    if spec is None:
        return
    values = [row.value for line in batch for row in rows_in(line) if isinstance(row, Row)]
    examined = [examine(entry, definition) for entry in parse_rows(values)]
    materials = [e.material for e in examined if isinstance(e, Examined) and e.material is not None]
    for inquiry in inquiries(materials, spec):
        for question in inquiry.questions:
            for voter in voters(spec):
                yield key_of(ANY_VERSION, question, voter.models[0], voter.vote), question, voter.models[0]


class _Writer:
    """The input files of one model. Keys that were written are left out."""

    def __init__(self, folder: Path, number: int) -> None:
        self.files: list[Path] = []
        self.records = 0
        self._folder = folder
        self._number = number
        self._seen: set[bytes] = set()
        self._file: IO[bytes] | None = None
        self._in_file = 0

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(self, *exc: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, key: str, question: Question, model: Model) -> None:
        short = bytes.fromhex(key)[:16]
        if short in self._seen:
            return
        self._seen.add(short)
        line = json.dumps({"recordId": key, "modelInput": _body(question, model)}).encode("ascii") + b"\n"
        file = self._room_for(len(line))
        file.write(line)
        self._in_file += 1
        self.records += 1

    def _room_for(self, size: int) -> IO[bytes]:
        """The open file, or the next one if this one is full."""
        full = self._in_file >= MOST_RECORDS_A_FILE
        if self._file is None or full or self._file.tell() + size > MOST_BYTES_A_FILE:
            if self._file is not None:
                self._file.close()
            path = self._folder / f"input-{self._number}-{len(self.files)}.jsonl"
            self.files.append(path)
            self._file, self._in_file = path.open("wb"), 0
        return self._file


def _body(question: Question, model: Model) -> dict[str, Any]:
    """The body of a Converse request. The model's id stands in the job."""
    request = converse_request(question, model)
    del request["modelId"]
    return request
