"""A plan against a job in the trainer's pattern of calls: the stand-in counts what the plan promised."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.planned_job import Row, play, variants
from rewardctl.cli import main
from rewardctl.emulate.process import Emulator
from rewardctl.emulate.stats import Stats
from rewardctl.plan.callers import CALLERS, JobShape
from rewardctl.plan.money import JudgePlan
from rewardctl.plan.plan import Plan, make_plan
from rewardctl.plan.request import PlanRequest

EVENTS = {
    "contract-review": "contract_review_batch",
    "instruction-following": "instruction_following",
    "rag-faithfulness": "rag_faithfulness",
    "summarization": "summarization",
    "reasoning": "reasoning",
}
ALONE = replace(CALLERS["hyperpod"], batch_size=5, generations=8, steps=1, concurrency=8)
TOGETHER = replace(CALLERS["instances"], batch_size=10, generations=8, steps=1, rollouts_a_call=32)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(autouse=True)
def _judge_at_the_stand_in(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", emulator.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret-key")
    emulator.reset()


def data_file(folder: Path, rows: list[Row]) -> str:
    path = folder / "rollouts.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return str(path)


def simulated(emulator: Emulator, shape: JobShape, rows: list[Row], plan: Plan) -> Stats:
    """What the stand-in counted while all rollouts of the job were scored."""
    steps_s = play(shape, rows, plan.definition)
    assert len(steps_s) == shape.steps
    stats = emulator.stats()
    assert set(stats.outcomes) == {"served"}, "nothing was tried again"
    return stats


def tokens_in(stats: Stats) -> int:
    return stats.input_tokens + stats.cache_read_tokens + stats.cache_write_tokens


def holds(judge: JudgePlan, stats: Stats) -> None:
    assert judge.calls == (stats.calls, stats.calls)
    assert judge.input_tokens[0] == pytest.approx(tokens_in(stats), rel=0.1)
    assert judge.output_tokens[0] == pytest.approx(stats.output_tokens, rel=0.1)
    assert judge.output_tokens[0] < judge.output_tokens[1]


@pytest.mark.parametrize("definition", EVENTS)
@pytest.mark.parametrize("shape", [ALONE, TOGETHER], ids=["one by one", "in batches"])
def test_a_simulated_job_makes_the_planned_calls_and_reads_and_writes_the_planned_tokens(
    emulator: Emulator, tmp_path: Path, definition: str, shape: JobShape
) -> None:
    rows = variants(EVENTS[definition], shape.rollouts)
    plan = make_plan(PlanRequest(definition, shape, data_file(tmp_path, rows)))
    assert plan.sampled.work.rollouts == shape.rollouts, "all rollouts are in the sample"
    stats = simulated(emulator, shape, rows, plan)
    assert 0 < stats.calls < shape.rollouts, "some end at a gate"
    holds(plan.judges[0], stats)


def test_equal_rollouts_of_an_invocation_are_planned_as_the_one_call_that_they_share(
    emulator: Emulator, tmp_path: Path
) -> None:
    # 32 invocations hold 8 rollouts, each of them four times; only those of the same invocation share calls.
    rows = [row for row in variants("reasoning", 8) for _ in range(4)]
    shape = replace(TOGETHER, batch_size=4, rollouts_a_call=16)
    plan = make_plan(PlanRequest("reasoning", shape, data_file(tmp_path, rows)))
    stats = simulated(emulator, shape, rows, plan)
    assert plan.judges[0].calls[0] == stats.calls
    assert plan.sampled.work.judged == 4 * stats.calls


MODES = {
    "pairwise": """mode = "pairwise"\nagainst = ["reference_answer"]\n""",
    "votes": "votes = 3\n",
    "group": 'mode = "group"\n',
}


@pytest.mark.parametrize("mode", MODES)
def test_votes_both_orders_and_shared_questions_are_planned(
    emulator: Emulator, tmp_path: Path, mode: str
) -> None:
    toml = (
        f'name = "mine"\n[judge]\nmodel = "medium"\n{MODES[mode]}'
        '[[judge.criterion]]\nname = "Clear"\nquestion = "Is the answer clear?"\n'
    )
    path = tmp_path / "mine.toml"
    path.write_text(toml, encoding="utf-8")
    rows: list[Row] = [
        {
            "id": f"{prompt}-{n}",
            "messages": [
                {"role": "user", "content": f"Question {prompt}"},
                {"role": "assistant", "content": f"The answer to question {prompt} is {n}, as one can see."},
            ],
            "reference_answer": "It is 7, of course, since nothing else fits.",
        }
        for prompt in range(4)
        for n in range(4)
    ]
    shape = replace(TOGETHER, batch_size=4, generations=4, rollouts_a_call=8)
    plan = make_plan(PlanRequest(str(path), shape, data_file(tmp_path, rows)))
    stats = simulated(emulator, shape, rows, plan)
    # 16 rollouts: two orders each, three votes each, or one question for each of the four groups
    assert stats.calls == {"pairwise": 32, "votes": 48, "group": 4}[mode]
    assert plan.judges[0].calls[0] == stats.calls
    assert plan.judges[0].input_tokens[0] == pytest.approx(tokens_in(stats), rel=0.1)


def test_a_dry_run_of_some_rollouts_measures_what_the_whole_job_then_takes(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = variants("contract_review_batch", 120)
    data = data_file(tmp_path, rows[:40])
    scored = ["score", data, "--judge", "bedrock", "--run", str(tmp_path / "run"), "--max-unscored", "1"]
    done = CliRunner().invoke(main, [*scored, "--yes"])
    assert done.exit_code == 0, done.output
    emulator.reset()
    shape = replace(ALONE, batch_size=15)  # a third of the job was scored, with the same share of gates
    plan = make_plan(PlanRequest("contract-review", shape, run=str(tmp_path / "run")))
    assert plan.sampled.measured is not None
    assert plan.step.latency_s == pytest.approx(plan.sampled.measured.latency_s)
    holds(plan.judges[0], simulated(emulator, shape, rows, plan))
