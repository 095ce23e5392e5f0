"""The service of one environment: settings, definition, judge and stores, put together once and kept."""

import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.definition.pin import check_hash, is_stored
from reward_fn.errors import (
    DefinitionNotFoundError,
    DefinitionStoreError,
    RewardFunctionError,
    SettingsError,
)
from reward_fn.judge.base import Judge
from reward_fn.judge.cache.verdicts import VerdictCache
from reward_fn.judge.models.prices import Terms, load_prices
from reward_fn.judge.vote.panel import models_of
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.telemetry import Telemetry
from reward_fn.response import ENVELOPES, to_wire
from reward_fn.score.too_few import require_enough_judged
from reward_fn.settings import Settings, read_settings
from reward_fn.types.batch import Scored
from reward_fn.types.definition import Definition
from reward_fn.types.rubric import JudgeSpec

if TYPE_CHECKING:
    from reward_fn.aws.traces import Traces
    from reward_fn.aws.verdict_table import VerdictTable


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that stays the same from one invocation to the next."""

    scorer: Scorer
    telemetry: Telemetry
    traces: "Traces | None" = None
    table: "VerdictTable | None" = None

    def answer(self, event: Any, deadline: Deadline, request_id: str = "") -> Any:
        """The results of a batch, in the form that its caller reads; they are reported too.

        Raises EventError if the event holds no batch, and TooFewJudgedError if more rollouts could not be
        judged than the definition allows: Lambda reports an error, and no caller takes it for results.
        """
        definition = self.scorer.definition
        scored = score_batch(event, self.scorer, deadline)
        results = to_wire(scored.results, scored.entries, definition)
        in_form = scored.answer_form or ENVELOPES[self.scorer.settings.response_envelope]
        answer = in_form(results)
        self._report(scored, request_id)
        require_enough_judged(scored, definition)
        return answer

    def _report(self, scored: Scored, request_id: str) -> None:
        try:
            self.telemetry.report(scored, self.scorer.definition, request_id)
            if self.traces is not None:
                self.traces.offer(scored, request_id)
        except Exception as error:  # noqa: BLE001 - a batch that is scored and paid for must be answered
            logging.getLogger(__name__).warning("telemetry failed: %s", type(error).__name__)

    def end_invocation(self) -> None:
        """Tell the stores that the answer is out, so that they may write."""
        if self.traces is not None:
            self.traces.end_invocation()
        if self.table is not None:
            self.table.end_invocation()

    def warm(self) -> None:
        """Do now what the first judge call and the first write would load lazily."""
        if self.scorer.judge is not None:
            self.scorer.judge.warm()
        if self.table is not None:
            self.table.warm()


class ServiceHolder:
    """Loads the service when it is first needed, and keeps it, or the mistake that prevents it.

    A store that did not answer is tried again at the next invocation: a pinned definition has one content, so
    nothing can change during a job. Every other mistake is final.
    """

    def __init__(self, load: "Callable[[], Service] | None" = None) -> None:
        self._load = load or load_service
        self._loaded: Service | RewardFunctionError | None = None

    def get(self) -> Service:
        """The service. Raises the mistake in settings or definition, the same one each time."""
        loaded = self._loaded
        if loaded is None or (isinstance(loaded, DefinitionStoreError) and loaded.passing):
            try:
                loaded = self._load()
            except RewardFunctionError as error:
                loaded = error
            self._loaded = loaded
        if isinstance(loaded, RewardFunctionError):
            raise loaded.with_traceback(None)
        return loaded

    def reset(self, service: Service | None = None) -> None:
        """Forget what was loaded, and serve ``service`` from now on; None loads anew at the next use."""
        self._loaded = service

    def initialise(self) -> None:
        """Lambda's initialisation phase: load, and warm up. A mistake is kept for :meth:`get` to raise."""
        try:
            self.get().warm()
            gc.freeze()  # a full collection over all that is loaded would cost every third batch 25 ms
        except RewardFunctionError:
            return
        finally:
            gc.enable()  # reward_fn/__init__.py turns it off while modules are imported


def load_service(settings: Settings | None = None) -> Service:
    """Load everything that invocations share; ``settings`` are read from the environment if None.

    boto3 is imported only for a judge or a store. Raises SettingsError, DefinitionError, DefinitionStoreError
    and PriceListError, each with the remedy.
    """
    settings = settings or read_settings()
    definition = _definition(settings)
    telemetry = _telemetry(settings)
    telemetry.warn_of(definition)
    judge = _judge(settings, definition.judge) if definition.judge is not None else None
    traces: Traces | None = None
    if settings.trace_share:
        from reward_fn.aws.traces import open_traces

        traces = open_traces(settings, definition, telemetry.report_traces)
    table = _table(settings) if judge is not None else None
    cache = _cache(settings, definition, table) if judge is not None else None
    return Service(Scorer(definition, judge, settings, cache), telemetry, traces, table)


def _definition(settings: Settings) -> Definition:
    """The shipped or stored definition; if a hash is set, its file must match it."""
    name, sha256 = settings.reward_definition, settings.reward_definition_sha256
    if is_stored(name):
        from reward_fn.aws.definition_store import load_stored

        return load_stored(
            name, sha256, judge_model=settings.judge_model, judges_allowed=settings.judges_allowed
        )
    try:
        definition = load_definition(name, judge_model=settings.judge_model)
    except DefinitionNotFoundError as error:
        raise SettingsError(f"REWARD_DEFINITION={name!r} {error.mistakes[0]}") from error
    if sha256:
        check_hash(definition.sha256, sha256, name)
    return definition


def _telemetry(settings: Settings) -> Telemetry:
    try:
        return Telemetry(log_text=settings.log_text)
    except ValueError as error:  # from powertools, if it does not know the log level
        raise SettingsError(f"POWERTOOLS_LOG_LEVEL: {error}; set DEBUG, INFO, WARNING or ERROR") from error


def _judge(settings: Settings, spec: JudgeSpec) -> Judge:
    from reward_fn.judge.judges import Judges

    models = models_of(spec)
    terms = Terms(settings.service_tier, settings.prompt_cache_ttl)
    load_prices(models, settings.judge_prices, max_cost_usd=settings.max_cost_usd, terms=terms)
    return Judges(settings, models)


def _table(settings: Settings) -> "VerdictTable | None":
    if not settings.verdict_table:
        return None
    from reward_fn.aws.verdict_table import open_verdict_table

    return open_verdict_table(settings)


def _cache(settings: Settings, definition: Definition, table: "VerdictTable | None") -> VerdictCache | None:
    """The cache of verdicts in memory, before the table if there is one; None with neither of them."""
    if not settings.verdict_memory and table is None:
        return None
    return VerdictCache(
        definition.version,
        max_verdicts=settings.verdict_memory,
        ttl_s=settings.verdict_ttl_s,
        table=table,
    )
