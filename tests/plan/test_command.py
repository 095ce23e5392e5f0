"""The command: what it prints, what it warns of with which remedy, and what it refuses."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reward_fn.judge.models.prices import load_prices
from rewardctl.cli import main
from rewardctl.commands.plan import CALLER_NAMES
from rewardctl.plan.callers import CALLERS, JobShape
from rewardctl.plan.cautions import Caution, cautions
from rewardctl.plan.plan import make_plan
from rewardctl.plan.request import PlanRequest
from tests.factory import row

TODAY = date(2026, 11, 28)


@pytest.fixture(autouse=True)
def _unchanged_prices() -> Any:
    yield
    load_prices([])


def invoked(*arguments: str) -> Any:
    return CliRunner(mix_stderr=False).invoke(main, ["plan", *arguments])


def as_json(*arguments: str) -> dict[str, Any]:
    done = invoked("--json", *arguments)
    assert done.exit_code == 0, done.stderr
    return dict(json.loads(done.stdout))


def warned(request: PlanRequest, today: date = TODAY) -> dict[str, str]:
    """The remedy of each caution."""
    return {caution.text: caution.remedy for caution in cautions(make_plan(request), today)}


def about(words: str, request: PlanRequest, today: date = TODAY) -> Caution:
    (found,) = ((text, remedy) for text, remedy in warned(request, today).items() if words in text)
    return Caution(*found)


HYPERPOD, INSTANCES = CALLERS["hyperpod"], CALLERS["instances"]


def mine(folder: Path, more: str = "", judge: str = "") -> str:
    path = folder / "mine.toml"
    path.write_text(
        f'name = "mine"\n{more}[judge]\nmodel = "medium"\n{judge}'
        '[[judge.criterion]]\nname = "Clear"\nquestion = "Is the answer clear?"\n',
        encoding="utf-8",
    )
    return str(path)


def data(folder: Path, *rows: Any) -> str:
    path = folder / "rollouts.jsonl"
    path.write_text("\n".join(json.dumps(each) for each in rows), encoding="utf-8")
    return str(path)


# What it prints


def test_the_names_of_callers_are_those_of_the_command() -> None:
    assert tuple(CALLERS) == CALLER_NAMES


def test_a_plan_is_read_at_80_columns_and_names_each_assumption_with_its_option() -> None:
    done = invoked("--caller", "instances", "--steps", "50", "--latency", "1.5")
    assert done.exit_code == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    words = " ".join(done.stdout.split())
    assert "64 prompts × 2 rollouts × 50 steps = 6,400 rollouts" in words
    assert "steps 50 given; --steps" in words
    assert "latency of a judge call 1.50 s given; --latency" in words
    assert "lambda_concurrency_limit 12 in the recipe" in words


def test_the_numbers_of_a_recipe_can_be_replaced() -> None:
    plan = as_json(
        "--batch-size", "3", "--generations", "5", "--steps", "7", "--concurrency", "11",
        "--rollouts-a-call", "2",
    )  # fmt: skip
    assert (plan["job"]["rollouts_a_step"], plan["job"]["rollouts"]) == (15, 105)
    assert (plan["job"]["concurrency"], plan["job"]["rollouts_a_call"]) == (11, 2)


def test_every_assumption_with_an_option_follows_it() -> None:
    options = {
        "--latency": "3", "--latency-spread": "0.1", "--reply-tokens": "77", "--cached-share": "0.5",
        "--other-step-s": "30", "--overhead-s": "0.5", "--workers": "8", "--chars-per-token": "2",
    }  # fmt: skip
    plain, changed = as_json(), as_json(*(part for pair in options.items() for part in pair))
    before = {each["option"]: each["value"] for each in plain["assumptions"]}
    after = {each["option"]: each["value"] for each in changed["assumptions"]}
    assert [option for option in options if after[option] == before[option]] == []
    # 77 tokens for each of the planned calls
    assert changed["judges"][0]["output_tokens"][0] == 77 * changed["judges"][0]["calls"][0]


def test_the_tiers_stand_beside_another_judge_and_no_judge_stands_twice() -> None:
    assert [judge["name"] for judge in as_json("--judge", "medium-claude")["judges"]] == [
        "medium-claude", "medium", "heavyweight",
    ]  # fmt: skip
    own = as_json()["judges"]
    assert [judge["name"] for judge in own] == ["bedrock", "heavyweight"], "its own judge is the medium tier"
    assert own[0]["calls"] == own[1]["calls"]


def test_a_panel_is_compared_with_single_judges(tmp_path: Path) -> None:
    path = tmp_path / "panel.toml"
    path.write_text(
        'name = "panel"\n[judge]\npanel = ["medium", "medium-claude"]\n'
        '[[judge.criterion]]\nname = "Clear"\nquestion = "Is the answer clear?"\n',
        encoding="utf-8",
    )
    judges = as_json("--definition", str(path), "--data", data(tmp_path, row("A.")))["judges"]
    calls = {judge["name"]: judge["calls"][0] for judge in judges}
    assert calls["bedrock"] == 2 * calls["medium"] == 2 * calls["heavyweight"]


def test_a_definition_without_a_judge_needs_no_money() -> None:
    plan = as_json("--definition", "math-answer")
    assert (plan["judges"], plan["quotas"]) == ([], [])
    assert "no calls to pay for" in invoked("--definition", "math-answer").stdout


def test_standard_output_holds_json_alone() -> None:
    json.loads(invoked("--json", "--definition", "reasoning").stdout)


# What it warns of


def test_a_batch_of_the_largest_rows_that_lambda_does_not_take(tmp_path: Path) -> None:
    rows = data(tmp_path, row("A.", prompt="long " * 40_000))
    found = about("may be too large", PlanRequest(mine(tmp_path), INSTANCES, rows))
    assert "64 × 200,1" in found.text
    # 6 MB hold 31 rows of 200 kB
    assert found.remedy == "Set the recipe's lambda_batch_size to 31 or less."
    assert not any("too large" in text for text in warned(PlanRequest(mine(tmp_path), HYPERPOD, rows)))


@pytest.mark.parametrize(
    ("latency_s", "words", "remedy"),
    [
        (700.0, "more than its 300 s", "raise Timeout"),
        (70.0, "reads for 60 s by default", "DeadlineSeconds to 59"),
    ],
)
def test_invocations_that_time_out(tmp_path: Path, latency_s: float, words: str, remedy: str) -> None:
    request = PlanRequest(
        mine(tmp_path), INSTANCES, data(tmp_path, row("A.")), latency_s=latency_s, latency_spread=0.0
    )
    assert remedy in about(words, request).remedy


def test_calls_near_their_time_out_and_a_trainer_that_mostly_waits(tmp_path: Path) -> None:
    request = PlanRequest(mine(tmp_path), HYPERPOD, data(tmp_path, row("A.")), latency_s=20.0)
    assert "JudgeTimeoutSeconds" in about("times out after 30 s", request).remedy
    assert "lambda_concurrency_limit" in about("waits for rewards in", request).remedy


def test_a_quota_that_is_too_small(tmp_path: Path) -> None:
    request = PlanRequest(
        mine(tmp_path), HYPERPOD, data(tmp_path, row("A.")), latency_s=2.0, requests_a_minute=1000
    )
    # 2,048 calls in the one step of a minute; at once, 3,000 a minute would be possible
    found = about("requests a minute", request)
    assert found.text.startswith("us.amazon.nova-2-lite-v1:0 needs 2,048 requests a minute")
    assert "lambda_concurrency_limit to 48, or ask for 2,100 requests" in found.remedy
    plan = make_plan(request)
    # a minute's worth at once, the other 1,048 at 1,000 a minute; the rest of the step refills only 1,000
    assert plan.step.limited_by == "requests"
    assert plan.step.step_s == pytest.approx(62.88)
    assert plan.quotas[0].requests == 2048


def test_a_quota_that_suffices_changes_nothing(tmp_path: Path) -> None:
    rows = data(tmp_path, row("A."))
    free = make_plan(PlanRequest(mine(tmp_path), HYPERPOD, rows))
    enough = PlanRequest(mine(tmp_path), HYPERPOD, rows, requests_a_minute=1e6, tokens_a_minute=1e9)
    assert make_plan(enough).step == free.step
    assert not any("quota" in text for text in warned(enough))


def test_a_judge_that_compares_gets_no_group_from_a_caller_that_sends_one_rollout(tmp_path: Path) -> None:
    rows = data(tmp_path, row("A."))
    group = mine(tmp_path, judge='mode = "group"\n')
    assert (
        "a caller that sends batches"
        in about("compares the rollouts of a group", PlanRequest(group, HYPERPOD, rows)).remedy
    )
    assert not any("compares" in text for text in warned(PlanRequest(group, INSTANCES, rows)))


def test_siblings_are_missing_where_rollouts_come_alone() -> None:
    words = "on_error.policy = 'siblings'"
    assert about(words, PlanRequest("reasoning", HYPERPOD))
    assert not any(words in text for text in warned(PlanRequest("reasoning", INSTANCES)))


def test_a_caller_without_an_alias_reaches_no_provisioned_environment() -> None:
    found = about("takes no alias", PlanRequest("reasoning", CALLERS["serverless"]))
    assert found.remedy == "Reserve concurrency with LatestConcurrency=8 or more instead."
    shown = invoked("--caller", "serverless", "--definition", "reasoning").stdout
    assert "LatestConcurrency 8 in the function" in " ".join(shown.split())


@pytest.mark.parametrize(("day", "stale"), [(date(2026, 11, 30), False), (date(2026, 12, 1), True)])
def test_prices_older_than_90_days_are_said_so(day: date, stale: bool) -> None:
    # compared on 1 September: 90 days before 30 November
    texts = [text for text in warned(PlanRequest("reasoning", HYPERPOD), day) if "prices of judges" in text]
    assert texts == (["The prices of judges were compared 91 days ago, on 2026-09-01."] if stale else [])


def test_a_judge_without_a_price_counts_nothing_and_is_named(tmp_path: Path) -> None:
    server = "openai:m@http://127.0.0.1:8000/v1"
    request = PlanRequest(mine(tmp_path), HYPERPOD, data(tmp_path, row("A.")), judge=server)
    assert about("no listed price", request).remedy.startswith(f"Set JUDGE_PRICES={server}=INPUT/OUTPUT")


def test_a_sample_that_never_reaches_the_judge(tmp_path: Path) -> None:
    gate = '[[gate]]\ncheck = "length"\nmax_chars = 1\nreward = 0.0\n'
    request = PlanRequest(mine(tmp_path, gate), HYPERPOD, data(tmp_path, row("Long."), row("Longer.")))
    found = about("No rollout of the sample reaches the judge", request)
    assert "the gate 'length'" in found.text
    assert make_plan(request).judges[0].calls == (0, 0)


def test_rows_that_can_not_be_read_and_rows_without_a_response(tmp_path: Path) -> None:
    unanswered = {"id": "1", "messages": [{"role": "user", "content": "Why?"}]}
    rows = data(tmp_path, row("A."), unanswered, None)
    request = PlanRequest(mine(tmp_path), HYPERPOD, rows)
    assert "--run" in about("1 of 3 rows of the sample have no response", request).remedy
    assert "rewardctl score" in about("1 of 3 rows of the sample can't be read", request).remedy
    assert "length of an answer" in invoked("--definition", mine(tmp_path), "--data", rows).stdout


# What it refuses


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--judge", "stand-in"], "costs nothing; name bedrock, a tier or a model"),
        (["--judge", "yes"], "costs nothing"),
        (["--definition", "no-such"], "name a shipped one"),
        (["--data", "no-such.jsonl"], "name a file of rollouts"),
        (["--run", "no-such"], "name a run folder"),
    ],
)
def test_what_can_not_be_planned_is_one_sentence_with_a_remedy(arguments: list[str], words: str) -> None:
    done = invoked(*arguments)
    assert done.exit_code == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_definition_of_ones_own_needs_rollouts(tmp_path: Path) -> None:
    done = invoked("--definition", mine(tmp_path))
    assert done.exit_code == 1
    assert "name a file with --data, or a scored run with --run" in " ".join(done.stderr.split())


def test_data_without_a_rollout_say_what_their_first_line_is(tmp_path: Path) -> None:
    done = invoked("--data", data(tmp_path, {"text": "x"}))
    assert done.exit_code == 1
    assert "line 1: an object with the keys text" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["--batch-size", "0"], ["--latency", "0"], ["--cached-share", "2"], ["--caller", "trl"]]
)
def test_an_impossible_number_is_refused(arguments: list[str]) -> None:
    assert invoked(*arguments).exit_code == 2


# Runs


def scored(folder: Path, definition: str) -> str:
    """A run of the stand-in."""
    run = str(folder / "run")
    event = "events/reasoning.json"
    done = CliRunner().invoke(main, ["score", event, "--definition", definition, "--run", run])
    assert done.exit_code in (0, 3), done.output
    return run


def test_a_run_of_the_stand_in_gives_rollouts_and_no_latency(tmp_path: Path) -> None:
    request = PlanRequest("reasoning", HYPERPOD, run=scored(tmp_path, "reasoning"))
    assert "--judge bedrock" in about("no calls of a language model", request).remedy
    from_run, from_event = make_plan(request), make_plan(PlanRequest("reasoning", HYPERPOD))
    assert from_run.judges[0].calls == from_event.judges[0].calls
    assert from_run.step == from_event.step


def test_a_run_of_another_definition_is_named(tmp_path: Path) -> None:
    request = PlanRequest("summarization", HYPERPOD, run=scored(tmp_path, "reasoning"))
    assert "was scored by reasoning" in about("was scored by", request).text


def test_a_shape_knows_its_invocations() -> None:
    shape = JobShape("x", 10, 3, 2, 4, 8, uses_alias=True, source="")
    assert (shape.rollouts_a_step, shape.rollouts) == (30, 60)
    assert (shape.invocations_a_step, shape.invocations_at_once) == (4, 4)
