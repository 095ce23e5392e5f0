"""What a scored run says about its judge: latencies, tokens of a call, attempts for each question."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rewardctl.judges import STAND_IN
from rewardctl.judges.registry import is_brain
from rewardctl.runs.records import Record

MAX_LATENCIES = 10_000


@dataclass(frozen=True, slots=True)
class Measured:
    """The judge calls of some records.

    ``calls`` is their number, ``failed`` those without verdicts, ``by_model`` the number of calls of each
    model. Tokens are means a call that gave verdicts: ``input_tokens`` with those read from or written to a
    prompt cache, ``cached_tokens`` those read. ``latencies_s`` are seconds of calls that gave verdicts.
    """

    calls: float
    failed: float
    by_model: dict[str, float]
    input_tokens: float
    cached_tokens: float
    output_tokens: float
    latencies_s: Sequence[float]

    @property
    def latency_s(self) -> float:
        """The mean latency in seconds; 0 without calls."""
        return sum(self.latencies_s) / len(self.latencies_s) if self.latencies_s else 0.0


def measured_in(records: Iterable[Record]) -> Measured | None:
    """The calls in these records; None if no model was called that could be measured.

    A call that several rollouts share counts once: each of its records holds a part of it. Judges without a
    language model have neither tokens nor latencies that say anything.
    """
    calls = failed = read = cached = written = 0.0
    by_model: dict[str, float] = {}
    latencies_s: list[float] = []
    for share, call in _calls(records):
        calls += share
        by_model[call["model"]] = by_model.get(call["model"], 0.0) + share
        if call["failure"]:
            failed += share
            continue
        read += share * (call["input_tokens"] + call["cache_read_tokens"] + call["cache_write_tokens"])
        cached += share * call["cache_read_tokens"]
        written += share * call["output_tokens"]
        if len(latencies_s) < MAX_LATENCIES:
            latencies_s.append(call["latency_s"])
    good = calls - failed
    if good <= 0:
        return None
    return Measured(calls, failed, by_model, read / good, cached / good, written / good, latencies_s)


def _calls(records: Iterable[Record]) -> Iterator[tuple[float, dict[str, Any]]]:
    for record in records:
        for call in record.get("calls") or ():
            if not _is_offline(str(call["model"])):
                yield 1 / max(1, call["shared_by"]), call


def _is_offline(model: str) -> bool:
    """Whether a record's model is no language model; a trained judge has the hash of its head in its name."""
    return model == STAND_IN or is_brain(model.partition("-")[0]) or model.startswith("replay:")
