"""Score batches through a function: the emulated one of this machine, or one that is deployed.

The function gives results, not how it came to them: records from a target have no checks, verdicts and calls.
Its traces hold these, if TRACE_SHARE is set.
"""

import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reward_fn.event.parse import parse_rows
from reward_fn.report.trace import FORMAT, json_line
from reward_fn.types.definition import Definition
from reward_fn.types.rollout import Rollout
from rewardctl.data import Line, Problem, Row, rows_in
from rewardctl.engine.batch import Outcome, hashes_of
from rewardctl.local.inputs import MAX_EVENT_BYTES
from rewardctl.local.outcome import fail, results_of
from rewardctl.runs.state import MAX_PROBLEMS, Progress

EMULATED = "emulated"
Invoke = Callable[[bytes], bytes]
"""Sends an event to the function and returns its answer. Raises LocalError and CloudError."""

MOST_ATTEMPTS = 8
LONGEST_WAIT_S = 30.0


def score_at_target(
    batches: Iterable[Sequence[Line]], invoke: Invoke, definition: Definition, concurrency: int
) -> Iterator[Outcome]:
    """The outcome of each batch, in order, with ``concurrency`` invocations at once."""
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="invoke")
    waiting: deque[Future[Outcome]] = deque()
    try:
        for batch in batches:
            waiting.append(pool.submit(_score, batch, invoke, definition))
            if len(waiting) >= 2 * concurrency:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def emulated(definition: str, log: Path, say: Callable[[str], None]) -> Iterator[Invoke]:
    """The function as deployed, under this machine's runtime emulator, with the stand-in as its judge."""
    from rewardctl.local.environment import without_aws_setup
    from rewardctl.local.processes import stop_on_termination
    from rewardctl.local.session import Plan, hosted, stand_in, work_folder

    plan = Plan(definition, log)
    with (
        stop_on_termination(),
        without_aws_setup() as caller,
        work_folder() as folder,
        stand_in() as judge,
        hosted(plan, folder, judge.url, caller, say) as host,
    ):
        yield host.invoke


@contextmanager
def deployed(arn: str, profile: str | None, region: str | None) -> Iterator[Invoke]:
    """A function, alias or version in AWS. Throttling is waited out, with exponential back-off.

    Raises CloudError.
    """
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

    from rewardctl.cloud.clients import connect
    from rewardctl.cloud.errors import explained
    from rewardctl.cloud.target import parse_target

    target = parse_target(arn)
    client = connect(profile, region or target.region)("lambda")
    retrying = Retrying(
        retry=retry_if_exception(_is_throttling),
        stop=stop_after_attempt(MOST_ATTEMPTS),
        wait=wait_random_exponential(max=LONGEST_WAIT_S),
        reraise=True,
    )

    def invoke(payload: bytes) -> bytes:
        with explained(f"invoking {target.name}"):
            answer = retrying(client.invoke, FunctionName=target.arn, Payload=payload)
            content: bytes = answer["Payload"].read()
        return content

    yield invoke


def _is_throttling(error: BaseException) -> bool:
    """Whether Lambda ran nothing, so that the invocation may be repeated."""
    response = getattr(error, "response", {})
    return bool(response.get("Error", {}).get("Code") == "TooManyRequestsException")


def _score(lines: Sequence[Line], invoke: Invoke, definition: Definition) -> Outcome:
    start_s = time.perf_counter()
    read = [found for line in lines for found in rows_in(line)]
    rows = [found for found in read if isinstance(found, Row)]
    problems = [found for found in read if isinstance(found, Problem)]
    results = _invoked([row.value for row in rows], invoke)
    entries = parse_rows([row.value for row in rows])
    pairs = list(zip(rows, results, strict=True))
    records = [_record(row, result, definition) for row, result in pairs]
    for record, entry in zip(records, entries, strict=True):
        record["group"] = entry.group if isinstance(entry, Rollout) else None
    imputed = [_problem(row, result) for row, result in pairs if _values(result).get("imputed")]
    every = sorted([*problems, *imputed])
    encoded = b"".join(json_line(record) + b"\n" for record in records)
    return Outcome(
        encoded,
        Progress(
            batches=1,
            bytes=len(encoded),
            last_line=lines[-1].number,
            rows=len(rows) + len(problems),
            scored=len(rows) - len(imputed),
            wall_s=time.perf_counter() - start_s,
            reward_sum=sum(r["aggregate_reward_score"] for _, r in pairs if not _values(r).get("imputed")),
            unscored=dict(Counter(problem.reason for problem in every)),
            problems=tuple(problem._asdict() for problem in every[:MAX_PROBLEMS]),
        ),
        ids=hashes_of(rows),
    )


def _invoked(rows: Sequence[Any], invoke: Invoke) -> list[dict[str, Any]]:
    """One result for each row; an event that is too large for Lambda is sent in halves."""
    if not rows:
        return []
    payload = json.dumps(rows).encode("ascii")
    if len(payload) > MAX_EVENT_BYTES and len(rows) > 1:
        half = len(rows) // 2
        return [*_invoked(rows[:half], invoke), *_invoked(rows[half:], invoke)]
    results = results_of(invoke(payload))
    if len(results) != len(rows):
        fail("Runtime.InvalidResult", f"the function returned {len(results)} results for {len(rows)} rows")
    return results


def _record(row: Row, result: Mapping[str, Any], definition: Definition) -> dict[str, Any]:
    """A record with what a result tells."""
    return {
        "line": row.line,
        "trace": FORMAT,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request_id": "",
        "definition": definition.name,
        "definition_version": definition.version,
        "definition_source": definition.source,
        "definition_sha256": definition.sha256,
        "id": result["id"],
        "index": 0,
        "group": None,
        "reward": result["aggregate_reward_score"],
        "gate": "",
        "imputed": bool(_values(result).get("imputed")),
        "metrics": result["metrics_list"],
        "checks": {},
        "verdicts": [],
        "votes": [],
        "reasons": [],
        "calls": [],
        "row": row.value if isinstance(row.value, dict) else None,
    }


def _problem(row: Row, result: Mapping[str, Any]) -> Problem:
    """The reason for a missing reward, as far as the flags of a result tell it."""
    values = _values(result)
    flag = next((name for name in ("no_response", "rejected", "judge_error") if values.get(name)), "imputed")
    return Problem(row.line, flag, "the function's log names the cause")


def _values(result: Mapping[str, Any]) -> dict[str, float]:
    return {metric["name"]: metric["value"] for metric in result["metrics_list"]}
