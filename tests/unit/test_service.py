"""What a service is put together from, and how it is kept for the life of an environment."""

import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from reward_fn import service as service_module
from reward_fn.deadline import Deadline
from reward_fn.errors import DefinitionStoreError, EventError, SettingsError
from reward_fn.judge.cache.verdicts import VerdictCache
from reward_fn.pipeline import Scorer
from reward_fn.service import Service, ServiceHolder, load_service
from reward_fn.settings import Settings
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
    settings = Settings(JUDGED, judge_max_workers=7, judge_timeout_s=3.0, prompt_cache="lead")
    service = load_service(settings)
    assert built.judge == [{"max_workers": 7, "timeout_s": 3.0, "prompt_cache": "lead"}]
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


def test_a_hash_that_the_definition_does_not_have_is_refused() -> None:
    with pytest.raises(DefinitionStoreError, match=UNJUDGED):
        load_service(Settings(UNJUDGED, reward_definition_sha256="0" * 64))


def test_a_judge_model_of_the_settings_replaces_that_of_the_definition(built: Built) -> None:
    service = load_service(Settings(JUDGED, judge_model="heavyweight"))
    assert service.scorer.definition.judge
    assert service.scorer.definition.judge.models[0] == "heavyweight"
    assert len(built.judge) == 1


def test_an_unknown_log_level_is_named_with_the_allowed_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh_handler(monkeypatch, POWERTOOLS_LOG_LEVEL="LOUD")
    with pytest.raises(SettingsError, match=r"POWERTOOLS_LOG_LEVEL: .*LOUD.*; set DEBUG, INFO, WARNING"):
        load_service(Settings(UNJUDGED))


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
