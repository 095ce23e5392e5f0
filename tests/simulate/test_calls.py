"""A trainer's calls: the pattern, retries, figures, and a run against the emulated function."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rewardctl.cli import main
from rewardctl.local.errors import HostError
from rewardctl.simulate.calls.drive import Call, Step, call, run_step
from rewardctl.simulate.calls.figures import figures_of
from rewardctl.simulate.calls.pattern import PATTERNS, Pattern, events, preflight
from tests.conftest import ROOT

EVENT = str(ROOT / "events" / "nova_training_math.json")


def row(name: str) -> dict[str, Any]:
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "A: 4"}]
    return {"id": name, "messages": messages}


def result(name: str, reward: float, *, imputed: bool = False) -> dict[str, Any]:
    metric = {"name": "imputed", "value": float(imputed), "type": "Metric"}
    return {"id": name, "aggregate_reward_score": reward, "metrics_list": [metric]}


def answer(event: bytes) -> bytes:
    return json.dumps([result(row["id"], 1.0) for row in json.loads(event)]).encode()


def test_a_step_is_cut_into_invocations_and_rows_start_again() -> None:
    steps = list(events([row("a"), row("b"), row("c")], Pattern(rows=2, concurrency=1), batch=4, steps=2))
    names = [["".join(row["id"] for row in json.loads(event)) for event in step] for step in steps]
    assert names == [["ab", "ca"], ["bc", "ab"]]


def test_the_patterns_are_those_of_the_trainers() -> None:
    assert PATTERNS == {"instances": (64, 12), "hyperpod": (1, 100)}


def test_the_pre_flight_has_three_rows_without_response_and_id() -> None:
    rows = json.loads(preflight([row(name) for name in "abcd"]))
    assert rows == [{"messages": [{"role": "user", "content": "?"}]}] * 3


def test_a_failed_call_is_made_again_three_times_with_longer_waits() -> None:
    waits: list[float] = []

    def broken(event: bytes) -> bytes:
        raise HostError("no function")

    failed = call(b"[]", broken, waits.append)
    assert (failed.attempts, failed.results, failed.error) == (4, None, "no function")
    assert waits == [0.5, 1.0, 2.0]


def test_a_call_that_succeeds_later_counts_its_attempts() -> None:
    answers = iter([b'{"errorType": "X", "errorMessage": "busy"}', b"[]"])
    assert call(b"[]", lambda _: next(answers), lambda _: None).attempts == 2


def test_a_step_keeps_the_order_of_its_events() -> None:
    of_step = next(iter(events([row(name) for name in "abcdef"], Pattern(2, 3), batch=6, steps=1)))
    step = run_step(of_step, answer, concurrency=3)
    assert [r["id"] for made in step.calls for r in made.results or ()] == list("abcdef")


def test_figures_are_those_of_a_count_by_hand() -> None:
    # Two groups of two: g has rewards 1 and 1, h has 0 and 0.5; one of four is imputed. Waits: 2 s and 4 s.
    first = Step(2.0, [Call(2.0, 1, [result("a", 1.0), result("b", 1.0)])])
    second = Step(4.0, [Call(4.0, 3, [result("c", 0.0), result("d", 0.5, imputed=True)])])
    figures = figures_of([first, second], [["g", "g"], ["h", "h"]], train_s=7.0)
    assert (figures.reward, figures.unscored, figures.flat_groups) == (0.625, 0.25, 0.5)
    assert (figures.step_s, figures.longest_step_s, figures.call_p50_s) == (3.0, 4.0, 3.0)
    assert (figures.retries, figures.failed) == (2, 0)
    assert figures.idle_share == pytest.approx(0.3)


def test_groups_of_one_have_no_variance_to_speak_of() -> None:
    step = Step(1.0, [Call(1.0, 1, [result("a", 1.0)])])
    assert figures_of([step], [["g"]], train_s=1.0).flat_groups is None


def test_data_without_rows_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "rows.jsonl"
    empty.write_text("", encoding="utf-8")
    done = CliRunner().invoke(main, ["simulate", str(empty), "--engine", "calls"])
    assert done.exit_code == 1
    assert "rows.jsonl is empty; it must hold rollouts" in done.output


def test_an_unknown_definition_is_refused_before_anything_starts() -> None:
    done = CliRunner().invoke(main, ["simulate", EVENT, "--engine", "calls", "--definition", "nothing"])
    assert done.exit_code == 1
    assert "there is no definition 'nothing'" in done.output


@pytest.mark.slow
def test_the_emulated_function_is_called_in_two_environments() -> None:
    options = [
        "--definition",
        "math-answer",
        "--batch",
        "70",
        "--steps",
        "2",
        "--environments",
        "2",
        "--json",
    ]
    done = CliRunner().invoke(main, ["simulate", EVENT, "--engine", "calls", *options])
    assert done.exit_code == 0, done.output
    outcome = json.loads(done.output[done.output.index("{") :])
    assert (outcome["invocations"], outcome["rollouts"], outcome["failed"]) == (4, 140, 0)
    assert outcome["preflight"] == "passed"
    assert outcome["call_p50_s"] <= outcome["call_p95_s"] <= outcome["call_max_s"]
