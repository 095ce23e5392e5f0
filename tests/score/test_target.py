"""Scoring through a function: the emulated one gives the results of this process; a deployed one may fail."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.response import to_wire
from rewardctl.engine import functions, target
from rewardctl.judges.stand_in import StandInJudge
from rewardctl.runs import read_records
from tests.ctrl_c import heed_ctrl_c
from tests.factory import ROOT, row
from tests.loopback import LoopbackServer, QuietHandler
from tests.score.held_judge import HANG_S
from tests.score.running import score, verdicts, write_rows

ARN = "arn:aws:lambda:us-east-1:123456789012:function:SageMakerRewardFunction:live"
MATH = ("--definition", "math-answer")
Answer = tuple[int, dict[str, str], Any]
"""Status, headers and JSON body of an answer of Lambda."""


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class LambdaStub(LoopbackServer):
    """Lambda's Invoke; ``answer_to`` decides by the rows and the number of the call, from 1."""

    def __init__(self, answer_to: Callable[[list[Any], int], Answer]) -> None:
        super().__init__(_Handler)
        self.answer_to = answer_to
        self.sizes: list[int] = []
        self.lock = threading.Lock()


class _Handler(QuietHandler):
    def answer(self, body: bytes) -> None:
        server = cast(LambdaStub, self.server)
        rows = json.loads(body)
        with server.lock:
            server.sizes.append(len(rows))
            number = len(server.sizes)
        status, headers, value = server.answer_to(rows, number)
        content = json.dumps(value).encode()
        self.head(status, len(content), headers)
        self.wfile.write(content)


def results_of(rows: list[Any]) -> Any:
    return results_by("math-answer", rows)


def results_by(name: str, rows: list[Any]) -> Any:
    """What the function returns for the rows; a rubric is judged by the stand-in."""
    definition = load_definition(name)
    judge = StandInJudge() if definition.judge else None
    scored = score_batch(rows, Scorer(definition, judge), Deadline.after(60))
    return to_wire(scored.results, scored.entries, definition)


def served(rows: list[Any], _number: int = 0) -> Answer:
    return 200, {}, results_of(rows)


THROTTLED: Answer = (
    429,
    {"X-Amzn-ErrorType": "TooManyRequestsException"},
    {"message": "Rate Exceeded.", "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"},
)


@contextmanager
def deployed(
    monkeypatch: pytest.MonkeyPatch, answer_to: Callable[[list[Any], int], Answer]
) -> Iterator[LambdaStub]:
    with LambdaStub(answer_to) as stub:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", stub.url)
        monkeypatch.setattr(functions, "FIRST_WAIT_S", 0.001)
        yield stub


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows: list[Any] = [
        row(f"\\boxed{{{n % 2}}}", id=f"r-{n}", prompt=f"Q {n // 4}", reference_answer={"ground_truth": "1"})
        for n in range(200)
    ]
    rows[3] = {"id": "gap", "messages": [{"role": "user", "content": "q"}]}
    rows[70] = 7
    rows[71] = {**row("\\boxed{1}", reference_answer={"ground_truth": "1"}), "id": None}
    return write_rows(tmp_path / "data.jsonl", rows)


SAME = ("line", "id", "group", "reward", "imputed", "metrics", "row", "definition_sha256")


def same(run: str) -> list[dict[str, Any]]:
    """What a function tells of each row."""
    return [{name: record[name] for name in SAME} for record in read_records(run)]


@pytest.mark.slow
def test_the_emulated_function_gives_the_results_of_this_process(data: Path) -> None:
    here = score(data, *MATH, "--run", "here", "--json")
    there = score(data, *MATH, "--run", "there", "--target", "emulated", "--json")
    assert (here.code, there.code) == (0, 0)
    assert same("there") == same("here")
    for name in ("rows", "scored", "mean_reward", "unscored_share"):
        assert here.json[name] == there.json[name]


@pytest.mark.slow
def test_the_emulated_function_judges_as_this_process() -> None:
    data = ROOT / "events" / "contract_review_batch.json"
    assert score(data, "--run", "here").code == score(data, "--run", "there", "--target", "emulated").code
    left, right = (
        [(r["id"], r["reward"], r["metrics"]) for r in verdicts(Path(n))] for n in ("here", "there")
    )
    assert left == right


def test_a_deployed_function_gives_the_results_of_this_process(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score(data, *MATH, "--run", "here")
    with deployed(monkeypatch, served) as stub:
        ran = score(data, *MATH, "--run", "there", "--target", ARN, "--json")
        assert sorted(stub.sizes) == [8, 64, 64, 64]
    assert ran.code == 0
    assert same("there") == same("here")
    assert ran.json["unscored"] == {"no_response": 1, "rejected": 1}
    assert ran.json["judge"] == ""


def test_throttled_invocations_are_repeated_and_rows_keep_their_order(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: Counter[str] = Counter()

    def throttle_twice(rows: list[Any], _number: int) -> Answer:
        tries[json.dumps(rows)] += 1
        return THROTTLED if tries[json.dumps(rows)] <= 2 else served(rows)

    with deployed(monkeypatch, throttle_twice):
        ran = score(data, *MATH, "--run", "run", "--target", ARN, "--concurrency", "4")
    assert ran.code == 0
    assert [record["line"] for record in read_records("run")] == list(range(1, 201))
    assert set(tries.values()) == {3}


def test_a_function_that_throttles_for_ever_is_named_with_the_remedy(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with deployed(monkeypatch, lambda _rows, _number: THROTTLED) as stub:
        ran = score(data, *MATH, "--run", "run", "--target", ARN, "--concurrency", "1", "--limit", "5")
        assert len(stub.sizes) == functions.MOST_ATTEMPTS
    assert ran.code == 1
    assert "TooManyRequestsException" in ran.err
    assert "throttles" in ran.err


def test_a_run_through_a_function_names_its_own_models_as_the_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    data = ROOT / "events" / "reasoning.json"
    with deployed(monkeypatch, lambda rows, _: (200, {}, results_by("reasoning", rows))):
        ran = score(data, "--definition", "reasoning", "--run", "run", "--target", ARN, "--json")
    info = json.loads(Path("run/run.json").read_text())
    assert (info["judge"], info["target"]) == ("bedrock", ARN)
    assert info["models"] == ["us.amazon.nova-2-lite-v1:0"]
    assert ran.json["judge"] == ""
    assert "stand-in" not in ran.err


def few(rows: list[Any], number: int) -> Answer:
    return 200, {}, results_of(rows)[:-1]


def failing(rows: list[Any], number: int) -> Answer:
    error = {"errorMessage": "the setting is wrong", "errorType": "SettingsError", "stackTrace": []}
    return 200, {"X-Amz-Function-Error": "Unhandled"}, error


def foreign_ids(rows: list[Any], number: int) -> Answer:
    return 200, {}, [{**result, "id": "other"} for result in results_of(rows)]


def not_results(rows: list[Any], number: int) -> Answer:
    return 200, {}, {"message": "hello"}


def text_rewards(rows: list[Any], number: int) -> Answer:
    return 200, {}, [{**result, "aggregate_reward_score": "1"} for result in results_of(rows)]


def denied(rows: list[Any], number: int) -> Answer:
    return 403, {"X-Amzn-ErrorType": "AccessDeniedException"}, {"Message": "not authorized"}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (few, "63 results for 64 rows"),
        (failing, "the setting is wrong"),
        (foreign_ids, "id 'other' instead of 'r-128'"),
        (not_results, "not a list of results"),
        (text_rewards, "is not a finite float"),
        (denied, "Your credentials lack the permission"),
    ],
)
def test_a_function_that_fails_ends_the_run_in_words_and_what_came_is_kept(
    data: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[[list[Any], int], Answer], words: str
) -> None:
    """The third of four invocations fails; after the repair the same command goes on."""

    def third_fails(rows: list[Any], number: int) -> Answer:
        return fault(rows, number) if number == 3 else served(rows)

    command = (data, *MATH, "--run", "run", "--target", ARN, "--concurrency", "1")
    with deployed(monkeypatch, third_fails):
        ran = score(*command)
    assert ran.code == 1
    assert words in ran.err
    assert len(list(read_records("run"))) == 128
    with deployed(monkeypatch, served) as stub:
        assert score(*command).code == 0
        assert sorted(stub.sizes) == [8, 64]
    score(data, *MATH, "--run", "here")
    assert same("run") == same("here")


def test_a_batch_that_is_too_large_for_lambda_is_sent_in_halves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target, "MAX_EVENT_BYTES", 20_000)
    rows = [row("x" * 3_000 + "\\boxed{1}", id=n, reference_answer="1") for n in range(20)]
    with deployed(monkeypatch, served) as stub:
        ran = score(write_rows(tmp_path / "data.jsonl", rows), *MATH, "--run", "run", "--target", ARN)
        assert sorted(stub.sizes) == [5, 5, 5, 5]
    assert ran.code == 0
    assert [record["id"] for record in read_records("run")] == list(range(20))


@pytest.mark.slow
def test_ctrl_c_ends_a_run_through_a_function_without_waiting_for_it(data: Path, tmp_path: Path) -> None:
    """The function holds its third invocation for ever."""
    held = threading.Event()

    def hold_third(rows: list[Any], number: int) -> Answer:
        if number >= 3:
            held.set()
            stub.stopping.wait()
        return served(rows)

    with LambdaStub(hold_third) as stub:
        command = [
            sys.executable,
            "-m",
            "rewardctl",
            "score",
            str(data),
            *MATH,
            "--run",
            str(tmp_path / "run"),
        ]
        process = subprocess.Popen(
            [*command, "--target", ARN, "--concurrency", "1"],
            cwd=ROOT,
            env={**os.environ, "AWS_ENDPOINT_URL_LAMBDA": stub.url},
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=heed_ctrl_c,
        )
        assert held.wait(HANG_S)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=HANG_S)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "the same command goes on" in err
