"""The doctor: each thing that can be wrong is found, named and given its remedy."""

import contextlib
import io
import itertools
import json
import logging
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from reward_fn.definition.load import load_definition
from reward_fn.judge.models.catalogue import TIERS
from reward_fn.types.rubric import Criterion, JudgeSpec
from rewardctl.cloud.clients import connect
from rewardctl.cloud.doctor.exam import judges
from rewardctl.cloud.doctor.limits import Job
from rewardctl.cloud.doctor.probe import Probe, find_probe, probes
from rewardctl.cloud.doctor.quota import check_quota
from rewardctl.judge_demand import ModelCalls, calls_a_rollout, calls_by_model, full_group, tokens_a_call
from tests.cloud.account import ALIAS_ARN, ARN, PROFILE, ROLE, TRAINER, Account, results
from tests.cloud.test_errors import call
from tests.conftest import ROOT
from tests.contract.converse_server import ConverseServer
from tests.contract.expect import script_of
from tests.contract.expected import read_expected
from tests.contract.invoke_server import InvokeServer, in_process
from tests.fresh import fresh_handler

MODEL = "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-2-lite-v1:0"


def examined(*arguments: str, target: str = ALIAS_ARN) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit status, and the last finding of each check by its name."""
    done = call("doctor", "--target", target, "--yes", "--json", *arguments)
    before, opening, report = done.output.partition("[\n  {")  # before it, what a handler in here logs
    assert opening, before
    return done.exit_code, {each["check"]: each for each in json.loads(opening + report)}


@pytest.fixture(autouse=True)
def _two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judged rollout takes two seconds by the doctor's clock."""
    ticks = itertools.count(0.0, 2.0)
    monkeypatch.setattr("rewardctl.cloud.doctor.exam.time", SimpleNamespace(monotonic=lambda: next(ticks)))


def test_a_sound_function_passes_every_check(account: Account) -> None:
    # 1 invocation × 8 rollouts, 2 s each: 240 calls a minute of 2,000, some 7,000 tokens each of 8 million.
    status, found = examined("--concurrency-limit", "1", "--batch-size", "8", "--principal", TRAINER)
    assert {name: each["seen"] for name, each in found.items() if each["state"] != "ok"} == {}
    assert status == 0
    assert len(found) == 17
    assert found["good beats bad"]["seen"] == "good answer 0.9, bad answer 0.2"


FAULTS: dict[str, dict[str, Any]] = {
    "time-out": {"Timeout": 59},
    "memory": {"MemorySize": 256},
    "runtime": {"Runtime": "python3.9"},
}


@pytest.mark.parametrize("check", FAULTS)
def test_a_wrong_configuration_fails(account: Account, check: str) -> None:
    account.configuration.update(FAULTS[check])
    account.alias = {**account.configuration}
    status, found = examined()
    assert status == 1
    assert found[check]["state"] == "failed"
    assert found[check]["remedy"].startswith("Deploy with ")


@pytest.mark.parametrize(("timeout_s", "state"), [(59, "failed"), (60, "ok")])
def test_a_judge_needs_sixty_seconds(account: Account, timeout_s: int, state: str) -> None:
    account.alias = {**account.configuration, "Timeout": timeout_s}
    assert examined()[1]["time-out"]["state"] == state


def test_the_alias_alone_is_different(account: Account) -> None:
    account.alias = {**account.configuration, "Environment": {"Variables": {"REWARD_DEFINITION": "other"}}}
    account.alias["CodeSha256"] = "code-0"
    status, found = examined("--definition", "contract-review")
    assert status == 1
    assert found["same rewards"]["seen"] == "$LATEST and live differ in CodeSha256, Environment"


def test_an_alias_behind_the_newest_version_is_a_warning(account: Account) -> None:
    account.alias_version = "2"
    status, found = examined("--concurrency-limit", "2")
    assert (status, found["alias"]["state"]) == (0, "warning")
    assert "version 2, and the newest is 3" in found["alias"]["seen"]


def test_the_newest_version_is_the_highest_number_not_the_last_text(account: Account) -> None:
    account.versions, account.alias_version = ["$LATEST", "9", "10"], "10"
    assert examined()[1]["alias"]["state"] == "ok"


def test_a_function_without_an_alias_fails(account: Account) -> None:
    account.alias = None
    status, found = examined(target=ARN)
    assert status == 1
    assert "no alias 'live'" in found["alias"]["seen"]


def test_reserved_concurrency_must_leave_room_for_latest(account: Account) -> None:
    account.reserved = 100
    status, found = examined()
    assert (status, found["concurrency"]["state"]) == (1, "failed")
    assert "Reserve at least 112" in found["concurrency"]["remedy"]  # 100 + 12


@pytest.mark.parametrize(("name", "state"), [("RewardFunction", "failed"), ("sagemaker-reward", "failed")])
def test_the_name_must_be_spelled_as_awss_policies_do(account: Account, name: str, state: str) -> None:
    status, found = examined(target=ARN.replace("SageMakerReward", name))
    assert (status, found["name"]["state"]) == (1, state)


@pytest.mark.parametrize(
    ("target", "said"),
    [(ARN, "it calls $LATEST"), (ALIAS_ARN, "not by the SageMaker SDKs"), (f"{ARN}:3", "version 3")],
)
def test_it_says_who_takes_the_arn(account: Account, target: str, said: str) -> None:
    assert said in examined(target=target)[1]["ARN form"]["seen"]


def test_a_trainer_who_may_not_invoke_is_named(account: Account) -> None:
    account.forbidden = {ALIAS_ARN}
    status, found = examined("--principal", TRAINER)
    assert status == 1
    assert f"{TRAINER} may not invoke" in found["may invoke"]["seen"]
    assert account.asked("SimulatePrincipalPolicy")[0]["PolicySourceArn"] == TRAINER


def test_without_the_trainers_role_it_can_not_be_told_whether_it_may_invoke(account: Account) -> None:
    status, found = examined()
    assert (status, found["may invoke"]["state"]) == (0, "can't tell")
    assert "--principal" in found["may invoke"]["remedy"]
    # Whoever asks may invoke it, or the rollouts would have failed: that says nothing of the trainer.
    assert {each["PolicySourceArn"] for each in account.asked("SimulatePrincipalPolicy")} == {ROLE}


def test_the_role_needs_the_model_in_every_region_of_its_profile(account: Account) -> None:
    account.forbidden = {MODEL}
    status, found = examined()
    assert status == 1
    assert found["may call the judge"]["seen"] == f"the role may not call {MODEL}"
    asked = [each for each in account.asked("SimulatePrincipalPolicy") if each["PolicySourceArn"] == ROLE]
    assert len(asked) == 3  # the profile and the model in its two regions
    assert asked[0]["ContextEntries"][0]["ContextKeyValues"][0].endswith(f"inference-profile/{PROFILE}")


@pytest.mark.parametrize(
    ("operation", "check"),
    [
        ("SimulatePrincipalPolicy", "may invoke"),
        ("SimulatePrincipalPolicy", "may call the judge"),
        ("GetInferenceProfile", "may call the judge"),
        ("ListServiceQuotas", "quota"),
        ("GetFunctionConcurrency", "concurrency"),
        ("GetFunctionConfiguration", "configuration"),
    ],
)
def test_what_may_not_be_asked_can_not_be_told_and_fails_nothing(
    account: Account, operation: str, check: str
) -> None:
    account.errors[operation] = ("AccessDeniedException", "denied")
    status, found = examined("--principal", TRAINER)
    assert (status, found[check]["state"]) == (0, "can't tell")
    assert operation in found[check]["remedy"]


REQUESTS = "Cross-region model inference requests per minute for Amazon Nova 2 Lite"
TOKENS = "Cross-region model inference tokens per minute for Amazon Nova 2 Lite"


@pytest.mark.parametrize(("quota", "state"), [(23_039.0, "warning"), (23_040.0, "ok")])
def test_a_quota_a_minute_is_held_against_the_calls_a_minute(
    account: Account, quota: float, state: str
) -> None:
    account.quotas = [(REQUESTS, quota)]
    found = examined()[1]["quota"]
    # 12 invocations × 64 rollouts are in flight; each place is free again after 2 s, 30 times a minute.
    assert "a job may need 23,040 a minute (768 calls in flight, 2.0 s each, as measured)" in found["seen"]
    assert found["state"] == state


def test_where_no_call_was_measured_it_says_that_it_assumes(account: Account) -> None:
    account.quotas = [(REQUESTS, 1.0)]
    done = call("doctor", "--target", ALIAS_ARN, answer="n\n")
    assert "2.0 s each, assumed" in " ".join(done.output.split())


@pytest.mark.parametrize(
    ("took_s", "said"), [(0.49, "2.0 s each, assumed"), (0.5, "0.5 s each, as measured")]
)
def test_an_answer_out_of_the_functions_memory_is_no_measurement(
    account: Account, monkeypatch: pytest.MonkeyPatch, took_s: float, said: str
) -> None:
    ticks = itertools.count(0.0, took_s)
    monkeypatch.setattr("rewardctl.cloud.doctor.exam.time", SimpleNamespace(monotonic=lambda: next(ticks)))
    account.quotas = [(REQUESTS, 1.0)]
    assert said in examined()[1]["quota"]["seen"]


def test_a_function_makes_no_more_calls_at_once_than_its_workers(account: Account) -> None:
    account.configuration["Environment"]["Variables"]["JUDGE_MAX_WORKERS"] = "10"
    account.quotas = [(REQUESTS, 120.0)]
    assert "120 calls in flight" in examined()[1]["quota"]["seen"]  # 12 × min(64, 10)


def test_a_model_without_a_quota_can_not_be_told(account: Account) -> None:
    account.quotas = []
    found = examined()[1]["quota"]
    assert found["state"] == "can't tell"
    assert "23,040 calls a minute" in found["remedy"]


# What a definition's own judge asks for


def spec_of(**changes: Any) -> JudgeSpec:
    judge = load_definition("summarization").judge
    assert judge is not None
    return replace(judge, **changes)


@pytest.mark.parametrize(
    ("changes", "calls"),
    [
        ({}, 1),
        ({"mode": "pairwise"}, 2),  # both orders
        ({"votes": 3}, 3),
        ({"panel": ("medium", "medium-claude")}, 2),
        ({"panel": ("medium", "medium-claude"), "votes": 3}, 6),
        ({"escalate": "heavyweight"}, 2),
        ({"mode": "pairwise", "votes": 3, "escalate": "heavyweight"}, 8),  # 2 × (3 + 1)
    ],
)
def test_calls_a_rollout_follow_from_the_definition(changes: dict[str, Any], calls: int) -> None:
    assert calls_a_rollout(spec_of(**changes)) == calls


@pytest.mark.parametrize(("criteria", "size"), [(1, 8), (9, 8), (10, 7), (39, 2)])
def test_a_group_shares_a_question_as_far_as_a_reply_holds_its_verdicts(criteria: int, size: int) -> None:
    # 80 verdicts fit; an item has one for each criterion and one for its place: 80 // 11 = 7, 80 // 40 = 2.
    asked = tuple(Criterion(f"c{i}", "Is it?") for i in range(criteria))
    spec = spec_of(mode="group", criteria=asked)
    assert full_group(spec) == size
    assert calls_a_rollout(spec, together=size) == 1 / size
    assert full_group(spec_of()) == 1


def test_two_rows_of_a_comparison_with_votes_and_escalation_cost_sixteen_calls() -> None:
    probe = find_probe("summarization", None)
    assert probe.definition is not None
    judge = spec_of(mode="pairwise", votes=3, escalate="heavyweight")
    assert replace(probe, definition=replace(probe.definition, judge=judge)).price == "at most 16 judge calls"
    assert probe.price == "2 judge calls"
    assert replace(probe, definition=None).price == "at least 2 judge calls"


def test_a_token_quota_is_held_against_what_a_question_really_reserves(account: Account) -> None:
    account.quotas = [(TOKENS, 1.0)]
    probe = find_probe("contract-review", None)
    (needed,) = re.findall(r"may need ([\d,]+) a minute", examined()[1]["quota"]["seen"])
    assert probe.definition is not None
    assert int(needed.replace(",", "")) == 23_040 * tokens_a_call(probe.rows, probe.definition.judge)


def test_the_tokens_of_a_call_are_its_text_and_all_of_its_max_tokens() -> None:
    def rows(length: int) -> list[dict[str, Any]]:
        turns = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A" * length}]
        return [{"id": "a", "messages": turns}]

    spec = spec_of(max_tokens=1000)
    # 3,600 characters less are 900 tokens less, to within the rounding.
    assert tokens_a_call(rows(4000), spec) - tokens_a_call(rows(400), spec) in (900, 901)
    assert tokens_a_call(rows(9), spec_of(max_tokens=3000)) - tokens_a_call(rows(9), spec) == 2000
    group = spec_of(mode="group", max_tokens=1000)
    assert tokens_a_call(rows(4000), group) > 8 * 1000  # eight answers side by side, of 1,000 tokens each


def quotas_of(account: Account, spec: JudgeSpec, workers: int) -> dict[str, str]:
    """What the doctor says about the requests a minute of each model, by the name of its quota."""
    names = ("Nova 2 Lite", "Claude Haiku 4.5", "Nova Pro")
    account.quotas = [(f"Cross-region model inference requests per minute for {name}", 1.0) for name in names]
    probe = find_probe("summarization", None)
    assert probe.definition is not None
    probe = replace(probe, definition=replace(probe.definition, judge=spec))
    found = check_quota(connect(), calls_by_model(spec), probe, Job(2, 10), workers, 1.0)
    return {each.seen.partition(":")[0].partition(" for ")[2]: each.seen for each in found}


def test_a_quota_is_held_against_the_calls_of_its_own_model(account: Account) -> None:
    # 2 invocations × min(10 rollouts × 3 votes of 2 models, 30 workers) = 60 calls; half for each model.
    # With the escalation a rollout has 7 calls: 2 × min(70, 30) = 60 calls; a seventh is 9, rounded up.
    spec = spec_of(panel=("medium", "medium-claude"), votes=3, escalate="heavyweight")
    said = quotas_of(account, spec, workers=30)
    assert "may need 1,800 a minute (30 calls in flight, 1.0 s each, as measured)" in said["Nova 2 Lite"]
    assert "may need 1,800 a minute (30 calls in flight" in said["Claude Haiku 4.5"]
    assert "may need 540 a minute (9 calls in flight" in said["Nova Pro"]
    assert said["Nova Pro"].endswith("as measured; only if voters differ or are unsure)")


def test_a_fallback_must_bear_the_calls_of_the_model_that_it_replaces(account: Account) -> None:
    # 2 invocations × min(10 rollouts × 2 votes, 64 workers) = 40 calls, of the one model or of the other.
    said = quotas_of(account, spec_of(models=("medium", "medium-claude"), votes=2), workers=64)
    assert "(40 calls in flight, 1.0 s each, as measured)" in said["Nova 2 Lite"]
    assert said["Claude Haiku 4.5"].endswith(
        "(40 calls in flight, 1.0 s each, as measured; only if another model fails)"
    )


def test_the_role_must_be_allowed_every_model_that_may_be_asked(account: Account) -> None:
    account.quotas = []
    judge = spec_of(models=("medium", "medium-claude"), escalate="heavyweight")
    served = replace(load_definition("summarization"), judge=judge)
    deployed = SimpleNamespace(environment={})
    asked = judges(cast("Any", deployed), Probe([], [], served))
    models = [each.model for each in asked]
    assert models == [TIERS["medium"], TIERS["medium-claude"], TIERS["heavyweight"]]


def test_a_judge_that_is_not_on_bedrock_can_not_be_told_and_fails_nothing(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = "openai:m@https://judge.example/v1"
    calls = [ModelCalls(TIERS["medium"], 1, "voter"), ModelCalls(elsewhere, 1, "fallback")]
    monkeypatch.setattr("rewardctl.cloud.doctor.exam.judges", lambda *_: calls)
    _, found = examined("--concurrency-limit", "1", "--batch-size", "8")
    for check in ("may call the judge", "quota"):
        assert (found[check]["state"], found[check]["seen"]) == (
            "can't tell",
            f"{elsewhere} is not on Bedrock",
        )
    assert not any(elsewhere in str(each) for each in account.asked("SimulatePrincipalPolicy"))


def test_a_batch_beyond_six_megabytes_fails_with_the_size_that_fits(account: Account) -> None:
    rows = json.loads((ROOT / "events" / "contract_review_batch.json").read_text())
    largest = max(len(json.dumps(row, ensure_ascii=False).encode()) for row in rows)
    fits = 6_291_456 // largest
    status, found = examined("--batch-size", str(fits + 1))
    assert (status, found["payload"]["state"]) == (1, "failed")
    assert f"lambda_batch_size to {fits} or less" in found["payload"]["remedy"]
    assert examined("--batch-size", str(fits))[1]["payload"]["state"] == "ok"


@pytest.mark.parametrize("flag", ["judge_error", "imputed", "rejected"])
def test_a_flagged_rollout_is_no_proof_of_anything(account: Account, flag: str) -> None:
    account.function = lambda payload: results(payload, (0.9, 0.2), **{flag: 1.0})
    status, found = examined()
    assert status == 1
    assert found["model access"]["state"] == "failed"
    assert found["good beats bad"]["state"] == "can't tell"


def logged(*lines: dict[str, Any]) -> str:
    """A log's end as Lambda returns it: the first line cut, Lambda's report behind the function's lines."""
    cut, last = 'r", "cause": "of an earlier call; no"}', "REPORT RequestId: r Duration: 1 ms"
    return "\n".join([cut, *(json.dumps(line) for line in lines), last, ""])


ROLLOUT = {
    "level": "INFO",
    "message": "rollout",
    "reasons": ["denied: AccessDeniedException: no access; request it in the Bedrock console"],
}
WARNING = {"level": "WARNING", "message": "judge m", "cause": "ValidationException: w; do that"}
ERROR = {"level": "ERROR", "message": "all 2 judge calls failed", "cause": "ValidationException: e; do this"}


@pytest.mark.parametrize(
    ("lines", "cause", "remedy"),
    [
        ((ROLLOUT, WARNING, ERROR), "ValidationException: e", "Do this."),
        ((ROLLOUT, WARNING), "ValidationException: w", "Do that."),
        ((ROLLOUT,), "denied: AccessDeniedException: no access", "Request it in the Bedrock console."),
    ],
)
def test_a_judge_that_fails_is_told_with_the_services_cause_and_the_remedy(
    account: Account, lines: tuple[dict[str, Any], ...], cause: str, remedy: str
) -> None:
    account.function = lambda payload: results(payload, judge_error=1.0, imputed=1.0)
    account.log = lambda _: logged(*lines)
    found = examined()[1]["model access"]
    assert found["seen"] == f"the judge gave no verdict; rewards were imputed: {cause}"
    assert found["remedy"] == remedy
    assert [each.get("LogType") for each in account.asked("Invoke")] == [None, "Tail"]


@pytest.mark.parametrize(
    "log", ["", "REPORT Duration: 1 ms", "{no json", '{"reasons": 5, "cause": null}', "[]"]
)
def test_without_a_line_that_names_a_cause_the_log_is_named(account: Account, log: str) -> None:
    account.function = lambda payload: results(payload, judge_error=1.0)
    account.log = lambda _: log
    found = examined()[1]["model access"]
    assert found["seen"] == "the judge gave no verdict; rewards were imputed"
    assert found["remedy"].startswith("The function's log has cause and remedy.")


def test_rows_that_lack_something_are_told_by_their_own_reason(account: Account) -> None:
    account.function = lambda payload: results(payload, imputed=1.0)
    reason = "no_source: no text under reference_answer"
    account.log = lambda _: logged({"level": "INFO", "reasons": [reason]})
    found = examined()[1]["model access"]
    assert found["seen"].endswith(f"flagged imputed: {reason}")
    assert "--event FILE" in found["remedy"]


def test_what_the_real_function_logs_is_what_the_doctor_reads(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = "anthropic.claude-haiku-4-5-20251001-v1:0"
    account.configuration["Environment"]["Variables"]["JUDGE_MODEL"] = model
    message = f"Invocation of model ID {model} with on-demand throughput isn\u2019t supported."
    account.errors["Converse"] = ("ValidationException", message)
    logs: list[str] = []

    def function(payload: bytes) -> bytes:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            for each in logging.getLogger("reward-fn").handlers:
                cast("logging.StreamHandler[Any]", each).setStream(out)
            body = in_process(payload)
        logs.append(out.getvalue()[-4096:])
        return body

    fresh_handler(monkeypatch, REWARD_DEFINITION="contract-review", JUDGE_MODEL=model)
    account.function, account.log = function, lambda number: logs[number]
    found = examined()[1]["model access"]
    assert f"ValidationException: Invocation of model ID {model} with on-demand" in found["seen"]
    assert found["remedy"] == f"This model needs an inference profile: use us.{model}."


@pytest.mark.parametrize("rewards", [(0.5, 0.5), (0.2, 0.9)])
def test_a_good_answer_that_does_not_win_fails(account: Account, rewards: tuple[float, float]) -> None:
    account.function = lambda payload: results(payload, rewards)
    status, found = examined()
    assert (status, found["good beats bad"]["state"]) == (1, "failed")


def spoiled(payload: bytes, **changes: Any) -> bytes:
    rows = json.loads(results(payload))
    rows[0].update(changes)
    return json.dumps(rows).encode()


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda payload: spoiled(payload, id="other"), "id 'other' instead of"),
        (lambda payload: spoiled(payload, aggregate_reward_score=1.5), "is not from 0.0 to 1.0"),
        (lambda payload: spoiled(payload, aggregate_reward_score=float("nan")), "it contains NaN"),
        (lambda payload: json.dumps(json.loads(results(payload))[:1]).encode(), "1 results for 2 rows"),
        (lambda payload: json.dumps(json.loads(results(payload))[::-1]).encode(), "instead of"),
        (lambda _: b'{"errorType": "DefinitionError", "errorMessage": "no such check"}', "no such check"),
        (lambda _: b"2026 Task timed out after 60.00 seconds", "Task timed out"),
    ],
    ids=["another id", "out of range", "NaN", "one lost", "out of order", "an error", "a time-out"],
)
def test_an_answer_that_would_spoil_a_training_run_fails(account: Account, function: Any, said: str) -> None:
    account.function = function
    status, found = examined()
    assert status == 1
    assert found["judged rollout"]["state"] == "failed"
    assert found["pre-flight"]["state"] == "failed"
    assert said in found["judged rollout"]["seen"]


def test_the_pre_flight_sends_rows_without_an_answer(account: Account) -> None:
    examined()
    first, second = (json.loads(each["Payload"]) for each in account.asked("Invoke"))
    assert {turn["role"] for row in first for turn in row["messages"]} == {"system", "user"}
    assert all(row["messages"][-1]["role"] == "assistant" for row in second)


def test_it_asks_before_the_judge_is_paid(account: Account) -> None:
    done = call("doctor", "--target", ALIAS_ARN, answer="n\n")
    assert done.exit_code == 0, done.output
    assert "cost 2 judge calls" in done.output
    assert "not tried, as you chose" in done.output
    assert account.invocations == 1  # the pre-flight alone


def test_a_definition_without_a_judge_costs_nothing_and_asks_nothing(account: Account) -> None:
    account.configuration["Environment"]["Variables"]["REWARD_DEFINITION"] = "math-answer"
    done = call("doctor", "--target", ALIAS_ARN)
    assert "judge calls" not in done.output
    assert account.invocations == 2


def test_a_definition_that_is_not_shipped_needs_an_event(account: Account, tmp_path: Path) -> None:
    pinned = "s3://bucket/key?versionId=V"
    account.configuration["Environment"]["Variables"]["REWARD_DEFINITION"] = pinned
    done = call("doctor", "--target", ALIAS_ARN, "--yes")
    assert done.exit_code == 1
    assert "--event FILE" in done.output
    event = tmp_path / "own.json"
    turns = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
    event.write_text(json.dumps([{"id": "good", "messages": turns}, {"id": "bad", "messages": turns}]))
    account.function = lambda payload: results(payload, (7.0, -3.0))  # a range that only its file knows
    status, found = examined("--event", str(event))
    assert found["good beats bad"]["state"] == "ok"
    assert found["judged rollout"]["state"] == "ok"
    assert status == 0


@pytest.mark.parametrize("text", ["[]", '[{"id": "one"}]', '{"id": "one"}', "no json"])
def test_an_event_that_holds_no_two_rows_is_refused(account: Account, tmp_path: Path, text: str) -> None:
    event = tmp_path / "own.json"
    event.write_text(text)
    done = call("doctor", "--target", ALIAS_ARN, "--event", str(event), "--yes")
    assert done.exit_code == 1
    assert str(event) in done.output
    assert account.invocations == 0


def test_the_table_shows_state_check_and_remedy(account: Account) -> None:
    account.configuration["Timeout"] = 30
    account.alias = {**account.configuration}
    done = call("doctor", "--target", ALIAS_ARN, "--yes")
    assert done.exit_code == 1
    line = next(line for line in done.output.splitlines() if "time-out" in line)
    assert line.startswith("failed")
    assert "→ Deploy with Timeout=300." in done.output
    assert "1 failed" in done.output


# The probes

SHIPPED = sorted(path.stem for path in (ROOT / "reward_fn" / "rewards").glob("*.toml"))


def test_every_shipped_definition_has_its_probe() -> None:
    assert set(SHIPPED) <= set(probes())


@pytest.mark.parametrize("name", SHIPPED)
def test_a_probes_good_answer_wins_unflagged_by_the_events_expected_results(name: str) -> None:
    probe = probes()[name]
    expected = read_expected(ROOT / "events" / f"{probe['event']}.json")
    assert expected.definition == name
    rows = {row["id"]: row for row in expected.results or ()}
    good, bad = rows[probe["good"]], rows[probe["bad"]]
    assert good["aggregate_reward_score"] > bad["aggregate_reward_score"]
    for row in (good, bad):
        flags = {each["name"]: each["value"] for each in row["metrics_list"]}
        assert not any(flags[flag] for flag in ("imputed", "judge_error", "rejected"))
        if load_definition(name).judge:
            assert not flags["gate_failed"], "the bad answer must get as far as the judge"
            assert "rubric" in flags


@pytest.mark.parametrize("name", SHIPPED)
def test_a_probe_has_no_assistant_turn_left_for_the_pre_flight(name: str) -> None:
    found = find_probe(name, None)
    assert len(found.rows) == len(found.unanswered) == 2
    assert all(turn["role"] != "assistant" for row in found.unanswered for turn in row["messages"])


# The whole, on loopback


@pytest.mark.parametrize("definition", ["contract-review", "math-answer"])
def test_on_loopback_the_real_handler_passes(monkeypatch: pytest.MonkeyPatch, definition: str) -> None:
    event = ROOT / "events" / f"{probes()[definition]['event']}.json"
    script = script_of(event, read_expected(event).verdicts)
    with ConverseServer(script) as judge, InvokeServer() as server:
        fresh_handler(monkeypatch, REWARD_DEFINITION=definition, AWS_ENDPOINT_URL_BEDROCK_RUNTIME=judge.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        status, found = examined("--definition", definition)
        calls = len(judge.requests)
    assert {name for name, each in found.items() if each["state"] == "failed"} == set()
    assert found["good beats bad"]["state"] == found["pre-flight"]["state"] == "ok"
    assert found["alias"]["state"] == "can't tell"
    assert status == 0
    assert server.names == [ALIAS_ARN] * 2
    assert calls == (2 if definition == "contract-review" else 0)


def test_on_loopback_no_credentials_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    with InvokeServer(results) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        status, found = examined("--definition", "math-answer")
    assert (status, found["good beats bad"]["state"]) == (0, "ok")


def test_on_loopback_a_judge_out_of_reach_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with InvokeServer() as server:
        fresh_handler(
            monkeypatch,
            REWARD_DEFINITION="contract-review",
            AWS_ENDPOINT_URL_BEDROCK_RUNTIME="http://127.0.0.1:9",  # the discard port: nobody listens
            JUDGE_MAX_ATTEMPTS="1",
        )
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        status, found = examined("--definition", "contract-review")
    assert (status, found["model access"]["state"]) == (1, "failed")
