"""What a service is put together from, and how it is kept for the life of an environment."""

import hashlib
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import pytest

from reward_fn import service as service_module
from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.errors import DefinitionStoreError, EventError, SettingsError
from reward_fn.judge.base import Price
from reward_fn.judge.cache.verdicts import VerdictCache
from reward_fn.judge.models.prices import load_prices, price_of
from reward_fn.pipeline import Scorer
from reward_fn.service import Service, ServiceHolder, load_service
from reward_fn.settings import Settings
from reward_fn.types.batch import Scored
from reward_fn.types.definition import Definition
from tests.factory import ROOT, row
from tests.fresh import fresh_handler
from tests.unit.fake_judge import FakeJudge
from tests.unit.rubric import criterion, definition

JUDGED, UNJUDGED = "instruction-following", "math-answer"


@dataclass
class Built:
    """What the judge, the cache and the table were built with; an entry each time."""

    judge: list[dict[str, Any]] = field(default_factory=list)
    cache: list[dict[str, Any]] = field(default_factory=list)
    tables: list[Settings] = field(default_factory=list)


class Table:
    """Stands for a table of verdicts, and notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def warm(self) -> None:
        self.told.append("warm")

    def end_invocation(self) -> None:
        self.told.append("end")


@pytest.fixture(autouse=True)
def _own_prices() -> Iterator[None]:
    """Prices are those of the process: other tests find none that were set here."""
    yield
    load_prices(())


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Built:
    seen = Built()

    def judge(**given: Any) -> FakeJudge:
        seen.judge.append(given)
        return FakeJudge()

    def cache(version: str, **given: Any) -> VerdictCache:
        seen.cache.append({"version": version, **given})
        return VerdictCache(version, **given)

    def table(settings: Settings) -> Table:
        seen.tables.append(settings)
        return Table()

    monkeypatch.setattr("reward_fn.judge.providers.bedrock.judge.BedrockJudge", judge)
    monkeypatch.setattr(service_module, "VerdictCache", cache)
    module = ModuleType("reward_fn.aws.verdict_table")
    module.open_verdict_table = table  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return seen


# What it is put together from


def test_the_judge_is_built_with_its_settings(built: Built) -> None:
    settings = Settings(
        JUDGED,
        judge_max_workers=7,
        judge_timeout_s=3.0,
        prompt_cache="lead",
        service_tier="flex",
        request_metadata=(("job", "J17"),),
        prompt_cache_ttl="1h",
    )
    service = load_service(settings)
    extras = ({"serviceTier": {"type": "flex"}, "requestMetadata": {"job": "J17"}}, True)
    assert built.judge == [{"max_workers": 7, "timeout_s": 3.0, "prompt_cache": "lead", "extras": extras}]
    assert service.scorer.judge is not None
    assert service.scorer.settings is settings


def test_a_definition_without_a_rubric_has_neither_judge_nor_cache_nor_table(built: Built) -> None:
    service = load_service(Settings(UNJUDGED, verdict_table="verdicts"))
    assert (built.judge, built.cache, built.tables) == ([], [], [])
    assert (service.scorer.judge, service.scorer.cache, service.table) == (None, None, None)


@pytest.mark.parametrize(
    ("memory", "table", "has_cache"), [(0, "", False), (0, "verdicts", True), (9, "", True), (9, "v", True)]
)
def test_there_is_a_cache_with_memory_or_a_table(
    built: Built, memory: int, table: str, has_cache: bool
) -> None:
    settings = Settings(JUDGED, verdict_memory=memory, verdict_table=table, verdict_ttl_s=77.0)
    service = load_service(settings)
    assert (service.scorer.cache is not None) is has_cache
    assert (service.table is not None) is bool(table)
    assert built.tables == [settings] * bool(table)
    version = service.scorer.definition.version
    expected = {"version": version, "max_verdicts": memory, "ttl_s": 77.0, "table": service.table}
    assert built.cache == [expected] * has_cache


@pytest.mark.parametrize(("share", "opened"), [(0.0, 0), (0.01, 1)])
def test_traces_are_opened_only_for_a_share_above_0(
    monkeypatch: pytest.MonkeyPatch, share: float, opened: int
) -> None:
    seen: list[tuple[Any, ...]] = []

    def open_traces(*given: Any) -> str:
        seen.append(given)
        return "traces"

    module = ModuleType("reward_fn.aws.traces")
    module.open_traces = open_traces  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    settings = Settings(UNJUDGED, trace_share=share, trace_bucket="bucket")
    service = load_service(settings)
    traces: Any = service.traces
    assert traces == ("traces" if opened else None)
    assert seen == [(settings, service.scorer.definition, service.telemetry.report_traces)] * opened


def test_a_definition_is_loaded_only_if_it_has_the_hash_that_is_set() -> None:
    file = ROOT / "reward_fn" / "rewards" / f"{UNJUDGED}.toml"
    actual, other = hashlib.sha256(file.read_bytes()).hexdigest(), "0" * 64
    service = load_service(Settings(UNJUDGED, reward_definition_sha256=actual))
    assert service.scorer.definition.name == UNJUDGED
    with pytest.raises(DefinitionStoreError, match=f"{UNJUDGED}: its sha256 is {actual}, but .* is {other}"):
        load_service(Settings(UNJUDGED, reward_definition_sha256=other))


def test_a_stored_definition_is_loaded_by_its_pin_with_the_judges_that_are_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    requests: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    stored = load_definition(UNJUDGED)

    def load_stored(*arguments: Any, **options: Any) -> Definition:
        requests.append((arguments, options))
        return stored

    module = ModuleType("reward_fn.aws.definition_store")
    module.load_stored = load_stored  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    settings = Settings(
        "ssm:/rewards/one:3",
        reward_definition_sha256="a" * 64,
        judge_model="heavyweight",
        judges_allowed=("medium",),
    )
    assert load_service(settings).scorer.definition is stored
    options = {"judge_model": "heavyweight", "judges_allowed": ("medium",)}
    assert requests == [(("ssm:/rewards/one:3", "a" * 64), options)]


@pytest.mark.usefixtures("built")
def test_the_prices_that_are_set_are_those_of_the_judge() -> None:
    price = Price(1e-6, 2e-6, 3e-6, 1e-6)
    service = load_service(Settings(JUDGED, judge_prices=(("medium", price),)))
    assert service.scorer.definition.judge
    assert [price_of(model) for model in service.scorer.definition.judge.models] == [price]


@pytest.mark.usefixtures("built")
def test_the_service_tier_of_the_settings_is_that_of_the_prices() -> None:
    load_service(Settings(JUDGED, judge_model="medium", service_tier="flex"))
    assert price_of("medium").input_usd == pytest.approx(0.165e-6), "half of 0.33 for a million tokens"


@pytest.mark.usefixtures("built")
def test_a_cap_on_cost_needs_the_price_of_each_model() -> None:
    unpriced = "openai:small@http://127.0.0.1:8000/v1"
    settings = Settings(JUDGED, judge_model=unpriced)
    assert load_service(settings).scorer.judge is not None
    with pytest.raises(SettingsError, match=f"MAX_COST_USD is set, but {unpriced} has no price"):
        load_service(replace(settings, max_cost_usd=1.0))


def test_a_judge_model_of_the_settings_replaces_that_of_the_definition(built: Built) -> None:
    service = load_service(Settings(JUDGED, judge_model="heavyweight"))
    assert service.scorer.definition.judge
    assert service.scorer.definition.judge.models[0] == "heavyweight"
    assert len(built.judge) == 1


def test_an_unknown_log_level_is_named_with_the_allowed_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh_handler(monkeypatch, POWERTOOLS_LOG_LEVEL="LOUD")
    with pytest.raises(SettingsError, match=r"POWERTOOLS_LOG_LEVEL: .*LOUD.*; set DEBUG, INFO, WARNING"):
        load_service(Settings(UNJUDGED))


# What is reported of a batch


class Traces:
    """Stands for the store of traces, and keeps what it is offered."""

    def __init__(self) -> None:
        self.offers: list[tuple[int, str]] = []

    def offer(self, scored: Scored, request_id: str) -> None:
        self.offers.append((len(scored.results), request_id))


def logged(text: str) -> list[dict[str, Any]]:
    """The log lines about rollouts in a function's output."""
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in lines if "aggregate_reward_score" in line]


def test_an_answered_batch_is_offered_to_the_traces_under_its_request() -> None:
    traces: Any = Traces()
    service = parts(traces=traces)
    service.answer([row("A"), row("B")], Deadline.after(10.0), "request-7")
    service.answer([row("A")], Deadline.after(10.0))
    assert traces.offers == [(2, "request-7"), (1, "")]


def test_a_fault_in_reporting_is_logged_by_its_type_and_costs_no_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Failing(Traces):
        def offer(self, scored: Scored, request_id: str) -> None:
            raise LookupError("a text of the rollout")

    traces: Any = Failing()
    with caplog.at_level(logging.WARNING):
        (result,) = parts(traces=traces).answer([row("A")], Deadline.after(10.0))
    assert result["aggregate_reward_score"] == 1.0
    logged = [(record.name, record.levelname, record.getMessage()) for record in caplog.records]
    assert logged == [("reward_fn.service", "WARNING", "telemetry failed: LookupError")]


@pytest.mark.parametrize("log_text", [False, True])
def test_texts_are_logged_only_if_the_setting_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log_text: bool
) -> None:
    fresh_handler(monkeypatch)
    service = load_service(Settings(UNJUDGED, log_text=log_text))
    service.answer([row("the response's words")], Deadline.after(10.0), "request-7")
    (line,) = logged(capsys.readouterr().out)
    assert line["request_id"] == "request-7"
    assert ("the response's words" in line.values()) is log_text


# Warming and ending


def parts(**fields: Any) -> Service:
    loaded = load_service(Settings(UNJUDGED))
    judge = FakeJudge()
    return Service(Scorer(definition(criterion("A")), judge), loaded.telemetry, **fields)


def test_warming_reaches_the_judge_and_the_table() -> None:
    table: Any = Table()
    service = parts(table=table)
    service.warm()
    assert isinstance(service.scorer.judge, FakeJudge)
    assert (service.scorer.judge.warmed, table.told) == (1, ["warm"])


def test_a_service_without_judge_and_stores_has_nothing_to_warm_or_end() -> None:
    service = load_service(Settings(UNJUDGED))
    service.warm()
    service.end_invocation()


def test_the_end_of_an_invocation_is_told_to_every_store() -> None:
    table: Any = Table()
    traces: Any = Table()
    parts(table=table, traces=traces).end_invocation()
    assert (table.told, traces.told) == (["end"], ["end"])


def test_a_scorer_without_the_judge_that_its_definition_needs_is_refused_before_any_batch() -> None:
    with pytest.raises(ValueError, match="'test' has a rubric, so it needs a judge"):
        Scorer(definition(criterion("A")))


# Keeping it


class Loading:
    """A loader that comes to one outcome after another, and counts."""

    def __init__(self, *outcomes: Service | Exception) -> None:
        self._outcomes = list(outcomes)
        self.calls = 0

    def __call__(self) -> Service:
        self.calls += 1
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def test_a_service_is_loaded_at_the_first_use_and_once() -> None:
    service = load_service(Settings(UNJUDGED))
    load = Loading(service)
    holder = ServiceHolder(load)
    assert load.calls == 0
    assert holder.get() is holder.get() is service
    assert load.calls == 1


@pytest.mark.parametrize(
    "mistake", [SettingsError("x"), DefinitionStoreError("s3://b/k", "denied", passing=False)]
)
def test_a_mistake_is_kept_and_raised_each_time(mistake: Exception) -> None:
    load = Loading(mistake)
    holder = ServiceHolder(load)
    for _ in range(3):
        with pytest.raises(type(mistake)) as caught:
            holder.get()
        assert caught.value is mistake
    assert load.calls == 1


def test_a_store_that_did_not_answer_is_tried_again() -> None:
    service = load_service(Settings(UNJUDGED))
    load = Loading(DefinitionStoreError("s3://b/k", "timed out", passing=True), service)
    holder = ServiceHolder(load)
    with pytest.raises(DefinitionStoreError):
        holder.get()
    assert holder.get() is service


def test_after_a_reset_another_service_is_served_or_loaded() -> None:
    first, second = load_service(Settings(UNJUDGED)), load_service(Settings(UNJUDGED))
    holder = ServiceHolder(Loading(first, first))
    holder.reset(second)
    assert holder.get() is second
    holder.reset()
    assert holder.get() is first


def test_an_answer_needs_a_batch() -> None:
    service = load_service(Settings(UNJUDGED))
    with pytest.raises(EventError):
        service.answer("nothing", Deadline.after(10.0))
