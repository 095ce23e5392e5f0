"""The function that Lambda calls: envelopes, deadlines, mistakes that are kept, and the initialisation."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reward_fn import handler
from reward_fn.deadline import DEFAULT_BUDGET_S, Clock, Deadline
from reward_fn.errors import (
    EventError,
    JudgeFailure,
    PriceListError,
    SettingsError,
    TooFewJudgedError,
)
from reward_fn.judge.base import Model, Question
from reward_fn.judge.models import facts, prices
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.vote.panel import models_of
from reward_fn.pipeline import Scorer
from reward_fn.report.telemetry import Telemetry
from reward_fn.response import ENVELOPES
from reward_fn.service import load_service
from reward_fn.settings import read_settings
from reward_fn.types.unscored import Reason
from tests import factory
from tests.factory import ROOT, row
from tests.fresh import fresh_handler
from tests.unit.fake_judge import FakeJudge, Step, all_yes

BATCH = [row("A: 5", id="right", reference_answer="5"), row("A: 6", id="wrong", reference_answer="5")]
BROKEN = {"REWARD_DEFINITION": "no-such-definition"}
LAMBDA = {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1"}


class Context:
    """What Lambda hands to a handler, as far as anybody looks."""

    aws_request_id = "request-7"

    def __init__(self, remaining_ms: float = 60_000) -> None:
        self._remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> float:
        return self._remaining_ms


@pytest.fixture(autouse=True)
def _math(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("JUDGE_", "DEADLINE_", "LOG_TEXT", "REWARD_", "RESPONSE_")):
            monkeypatch.delenv(name)
    fresh_handler(monkeypatch, REWARD_DEFINITION="math-answer")


def python(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "REWARD_"))}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**clean, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# Contexts


@pytest.mark.parametrize("context", [{}, None, Context(), object()])
def test_any_context_will_do(context: Any) -> None:
    answer = handler.lambda_handler(BATCH, context)
    assert [(each["id"], each["aggregate_reward_score"]) for each in answer] == [
        ("right", 1.0),
        ("wrong", 0.0),
    ]


def test_the_request_id_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    handler.lambda_handler(BATCH, Context())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["request_id"] for line in lines if "aggregate_reward_score" in line] == ["request-7"] * 2


def test_the_answer_is_json_for_an_empty_batch_too() -> None:
    assert handler.lambda_handler([], {}) == []


def test_what_was_loaded_is_kept_for_the_next_invocation(monkeypatch: pytest.MonkeyPatch) -> None:
    handler.lambda_handler(BATCH, {})
    monkeypatch.setenv("REWARD_DEFINITION", "no-such-definition")
    assert len(handler.lambda_handler(BATCH, {})) == 2


# Envelopes


@pytest.mark.parametrize("event", [BATCH, {"body": json.dumps(BATCH)}, []])
def test_the_answer_comes_in_the_envelope_that_is_set(monkeypatch: pytest.MonkeyPatch, event: Any) -> None:
    results = handler.lambda_handler(event, {})
    http = {"statusCode": 200, "headers": {"Content-Type": "application/json"}}
    for envelope, body in (("http", json.dumps(results)), ("http_list", results)):
        fresh_handler(monkeypatch, RESPONSE_ENVELOPE=envelope)
        assert handler.lambda_handler(event, {}) == {**http, "body": body}


@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize("event", ["nothing", {"rows": BATCH}, {"body": "["}])
def test_an_event_without_a_batch_raises_in_every_envelope(
    monkeypatch: pytest.MonkeyPatch, event: Any, envelope: str
) -> None:
    fresh_handler(monkeypatch, RESPONSE_ENVELOPE=envelope)
    with pytest.raises(EventError):
        handler.lambda_handler(event, {})


def test_logs_are_the_same_in_every_envelope(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logged = []
    for envelope in ENVELOPES:
        fresh_handler(monkeypatch, RESPONSE_ENVELOPE=envelope)
        handler.lambda_handler(BATCH, {})
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        logged.append([(line["id"], line["aggregate_reward_score"]) for line in lines if "id" in line])
    assert logged == [[("right", 1.0), ("wrong", 0.0)]] * 3


# Deadlines


@pytest.mark.parametrize(
    ("context", "environ", "budget_s"),
    [
        ({}, {}, DEFAULT_BUDGET_S),
        ({}, {"DEADLINE_S": "7"}, 7.0),
        (Context(60_000), {"DEADLINE_MARGIN_S": "5"}, 55.0),
        (Context(60_000), {"DEADLINE_S": "20"}, 20.0),
    ],
)
def test_the_deadline_follows_from_lambdas_clock_and_the_settings(
    monkeypatch: pytest.MonkeyPatch, context: Any, environ: dict[str, str], budget_s: float
) -> None:
    budgets_s: list[float] = []

    class Noting(Deadline):
        @classmethod
        def after(cls, budget_s: float, clock: Clock = time.monotonic) -> Deadline:
            budgets_s.append(budget_s)
            return Deadline.after(budget_s, clock)

    fresh_handler(monkeypatch, **environ)
    monkeypatch.setattr(handler, "Deadline", Noting)
    assert len(handler.lambda_handler(BATCH, context)) == 2
    assert budgets_s == [budget_s]


# Mistakes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JUDGE_MAX_WORKERS", "0"),
        ("JUDGE_MAX_WORKERS", "257"),
        ("JUDGE_MAX_WORKERS", "many"),
        ("JUDGE_MAX_WORKERS", "2.5"),
        ("JUDGE_MAX_ATTEMPTS", "21"),
        ("JUDGE_TIMEOUT_S", "0.5"),
        ("DEADLINE_S", "-1"),
        ("DEADLINE_S", "nan"),
        ("DEADLINE_S", "inf"),
        ("DEADLINE_MARGIN_S", "0"),
        ("LOG_TEXT", "yes please"),
        ("RESPONSE_ENVELOPE", "xml"),
    ],
)
def test_a_wrong_setting_is_told_with_its_name_and_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    fresh_handler(monkeypatch, **{name: value})
    for _ in range(2):
        with pytest.raises(SettingsError) as caught:
            handler.lambda_handler(BATCH, {})
        assert name in str(caught.value)
        assert repr(value) in str(caught.value)


def test_all_wrong_settings_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh_handler(monkeypatch, JUDGE_MAX_WORKERS="0", LOG_TEXT="perhaps")
    with pytest.raises(SettingsError, match=r"JUDGE_MAX_WORKERS='0'.*LOG_TEXT='perhaps'"):
        handler.lambda_handler(BATCH, {})


def test_a_wrong_definition_is_told_at_each_invocation(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh_handler(monkeypatch, **BROKEN)
    told = []
    for _ in range(3):
        with pytest.raises(SettingsError, match="REWARD_DEFINITION='no-such-definition'") as caught:
            handler.lambda_handler(BATCH, {})
        told.append((str(caught.value), len(caught.traceback)))
    assert len(set(told[1:])) == 1, "the traceback does not grow"


def test_an_event_without_a_batch_is_told_and_the_next_one_is_answered() -> None:
    with pytest.raises(EventError):
        handler.lambda_handler("nothing", {})
    assert len(handler.lambda_handler(BATCH, {})) == 2


def test_a_fault_in_telemetry_does_not_cost_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    # The judge's calls are paid for; an exception here would make the trainer ask, and pay, three times more.
    def broken(*_: Any) -> None:
        raise OSError("standard output is gone")

    monkeypatch.setattr(Telemetry, "report", broken)
    assert len(handler.lambda_handler(BATCH, {})) == 2


# Imports


def test_importing_does_nothing_however_wrong_the_environment_is() -> None:
    names = "{'boto3', 'botocore.session'}"
    code = f"import sys, reward_fn.handler; print(sorted({names} & set(sys.modules)))"
    done = python(code, **BROKEN, JUDGE_MAX_WORKERS="0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


@pytest.mark.parametrize(
    "module", ["reward_fn", "reward_fn.pipeline", "reward_fn.definition.load", "reward_fn.types"]
)
def test_the_core_needs_no_aws_library(module: str) -> None:
    names = "{'boto3', 'botocore', 'aws_lambda_powertools'}"
    done = python(f"import sys, {module}; print(sorted({names} & set(sys.modules)))")
    assert (done.returncode, done.stdout) == (0, "[]\n")


def test_on_lambda_a_mistake_is_kept_and_raised_at_each_invocation() -> None:
    code = """
import os, reward_fn.handler as h
from reward_fn.errors import RewardFunctionError
os.environ["REWARD_DEFINITION"] = "math-answer"  # too late
for _ in range(2):
    try:
        h.lambda_handler([], {})
    except RewardFunctionError as error:
        print(type(error).__name__, "no-such-definition" in str(error))
"""
    done = python(code, **LAMBDA, **BROKEN)
    assert (done.returncode, done.stdout, done.stderr) == (0, "SettingsError True\n" * 2, "")


def test_on_lambda_everything_is_loaded_at_import() -> None:
    code = """
import os, sys, reward_fn.handler as h
os.environ["REWARD_DEFINITION"] = "no-such-definition"  # too late
print(h.holder.get().scorer.definition.name, "boto3" in sys.modules)
"""
    done = python(code, **LAMBDA, REWARD_DEFINITION="math-answer")
    assert (done.returncode, done.stdout) == (0, "math-answer False\n"), done.stderr


def test_on_lambda_the_judges_client_is_warmed_without_the_network() -> None:
    code = """
import socket
def refuse(*arguments, **named):
    raise AssertionError("a connection at import")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from reward_fn.judge.providers.bedrock import judge
read = judge.read_reply
judge.read_reply = lambda response: (print("a whole call"), read(response))[1]
import reward_fn.handler as h
scorer = h.holder.get().scorer
print(scorer.definition.name, type(scorer.judge).__name__)
"""
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    done = python(code, **LAMBDA, **keys, AWS_DEFAULT_REGION="us-east-1", REWARD_DEFINITION="contract-review")
    assert (done.returncode, done.stdout) == (
        0,
        "a whole call\ncontract-review Judges\n",
    ), done.stderr


def test_on_lambda_what_is_loaded_is_kept_out_of_collections() -> None:
    code = "import gc, reward_fn.handler; print(gc.get_freeze_count() > 1000)"
    done = python(code, **LAMBDA, REWARD_DEFINITION="math-answer")
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


@pytest.mark.parametrize("definition", ["math-answer", "no-such-definition"])
def test_on_lambda_garbage_is_collected_again_once_the_handler_is_loaded(definition: str) -> None:
    code = "import reward_fn, gc; off = gc.isenabled(); import reward_fn.handler; print(off, gc.isenabled())"
    done = python(code, **LAMBDA, REWARD_DEFINITION=definition)
    assert (done.returncode, done.stdout) == (0, "False True\n"), done.stderr


def test_elsewhere_importing_the_package_leaves_the_garbage_collector_alone() -> None:
    done = python("import gc, reward_fn.handler; print(gc.isenabled())")
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


# On purpose


def test_too_many_unjudged_rollouts_fail_the_invocation_where_that_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toml = (
        '[judge]\nmodel = "medium"\n[[judge.criterion]]\nname = "Sound"\nquestion = "Is the answer sound?"\n'
    )
    batch = [row(f"answer {i}", id=i) for i in range(4)]

    def fails_for(*lost: int) -> Any:
        def answer(question: Question, model: Model) -> Step:
            broken = any(f"answer {i}" in question.variable for i in lost)
            return JudgeFailure(Reason.DENIED, "no access") if broken else all_yes(question, model)

        return FakeJudge(answer)

    def served(judge: Any, fail_above: str) -> Any:
        definition = factory.definition(tmp_path, f'name = "x"\n{toml}[on_error]\n{fail_above}')
        service = load_service(read_settings({"REWARD_DEFINITION": "math-answer"}))
        handler.holder.reset(replace(service, scorer=Scorer(definition, judge)))
        return handler.lambda_handler(batch, Context())

    assert len(served(fails_for(0, 1), "fail_above = 0.5")) == 4  # a half is not above a half
    assert len(served(fails_for(0, 1, 2, 3), 'policy = "neutral"')) == 4  # off by default
    capsys.readouterr()
    with pytest.raises(TooFewJudgedError, match=r"75% of the rollouts could not be judged, .* allows 50%"):
        served(fails_for(0, 1, 2), "fail_above = 0.5")
    assert '"imputed":1.0' in capsys.readouterr().out  # reported all the same


@pytest.fixture
def forgotten_prices(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What was read of the price list is forgotten, before the test and after it; an account is made up."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    forget_prices()
    yield
    monkeypatch.undo()
    forget_prices()


def forget_prices() -> None:
    facts._file.cache_clear()
    facts.facts_of.cache_clear()
    facts.highest_price.cache_clear()
    prices.price_of.cache_clear()


@pytest.mark.usefixtures("forgotten_prices")
@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[[model]\n", "TOMLDecodeError: "),
        ('[[model]]\nid = "amazon.nova-pro"\ninput_usd = 1\n', "KeyError: 'output_usd'"),
        ('[[model]]\nid = "m"\ninput_usd = "1"\noutput_usd = 1\n', "TypeError: "),
    ],
)
def test_a_broken_price_list_is_found_when_the_service_is_loaded(
    text: str, mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in the middle of a call it would lose what the call was paid for."""
    (tmp_path / "models.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(facts, "files", lambda _: tmp_path)
    fresh_handler(monkeypatch, REWARD_DEFINITION="contract-review")
    with pytest.raises(
        PriceListError, match=rf"judge/models/models\.toml: {mistake}.*; correct the file and deploy again"
    ):
        handler.lambda_handler([], {})


@pytest.mark.usefixtures("forgotten_prices")
def test_the_models_of_a_definition_are_priced_when_the_service_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = load_service(read_settings({"REWARD_DEFINITION": "contract-review"}))
    assert service.scorer.definition.judge is not None
    monkeypatch.setattr(facts, "_file", lambda: pytest.fail("the list is read again"))
    for model in models_of(service.scorer.definition.judge):
        assert prices.price_of(profile(model).name).output_usd > 0
