"""The Lambda shell: context into a deadline, settings and definition kept, telemetry flushed. No logic.

On Lambda the initialisation phase loads all that an invocation needs, so that the first one is as fast as
the others; a mistake found there is kept and raised, clearly, at each invocation. Elsewhere importing this
module does nothing.
"""

import gc
import logging
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.definition.pin import check_hash, is_stored
from reward_fn.errors import (
    DefinitionNotFoundError,
    DefinitionStoreError,
    RewardFunctionError,
    SettingsError,
    TooFewJudgedError,
)
from reward_fn.judge.base import Judge
from reward_fn.judge.cache.verdicts import VerdictCache
from reward_fn.judge.judges import Judges
from reward_fn.judge.limit.gates import Gates
from reward_fn.judge.models.prices import load_prices
from reward_fn.judge.vote.panel import models_of
from reward_fn.pipeline import score_batch
from reward_fn.report.telemetry import Telemetry
from reward_fn.response import ENVELOPES, to_wire
from reward_fn.score.aggregate import unscored_share
from reward_fn.settings import DEFAULT_BUDGET_S, Settings, read_settings
from reward_fn.types.definition import Definition

if TYPE_CHECKING:
    from reward_fn.aws.traces import Traces
    from reward_fn.aws.verdict_table import VerdictTable


@dataclass(frozen=True, slots=True)
class Service:
    """What stays the same from one invocation to the next."""

    settings: Settings
    definition: Definition
    judge: Judge | None
    telemetry: Telemetry
    traces: "Traces | None" = None
    cache: VerdictCache | None = None
    table: "VerdictTable | None" = None
    gates: Gates = field(default_factory=Gates)


_kept: Service | RewardFunctionError | None = None


def lambda_handler(event: Any, context: Any) -> Any:
    """Answer a batch of rollouts: the list of results, same ids, same order, in the envelope that is set.

    ``context`` is Lambda's, or anything without a clock (AWS's verifier passes ``{}``). Raises
    SettingsError, DefinitionError, DefinitionStoreError or EventError where there is no batch that could be
    answered, and TooFewJudgedError where the definition wants that, in whichever envelope: Lambda reports the
    error, and no caller can take it for results.
    """
    service = _service()
    try:
        return _answer(event, context, service)
    finally:
        if service.traces is not None:
            service.traces.end_invocation()
        if service.table is not None:
            service.table.end_invocation()


def _answer(event: Any, context: Any, service: Service) -> Any:
    scored = score_batch(
        event,
        definition=service.definition,
        judge=service.judge,
        settings=service.settings,
        deadline=Deadline.after(_budget_s(context, service.settings)),
        cache=service.cache,
        gates=service.gates,
    )
    results = to_wire(scored.results, scored.entries, service.definition)
    in_form = scored.answer or ENVELOPES[service.settings.response_envelope]
    answer = in_form(results)
    request_id = str(getattr(context, "aws_request_id", ""))
    try:
        service.telemetry.report(scored, service.definition, request_id)
        if service.traces is not None:
            service.traces.offer(scored, request_id)
    except Exception as error:  # noqa: BLE001 - the batch is answered; what can't be logged must not lose it
        logging.getLogger(__name__).warning("telemetry failed: %s", type(error).__name__)
    share = unscored_share(scored.examined, scored.results)
    if share > service.definition.fail_above:
        raise TooFewJudgedError(share, service.definition.fail_above)
    return answer


def load_service(settings: Settings) -> Service:
    """All that invocations share; boto3 is imported only where there is a judge.

    Raises SettingsError where an environment variable names something that there is not, DefinitionError,
    DefinitionStoreError, and PriceListError.
    """
    try:
        definition = _definition(settings)
        telemetry = Telemetry(log_text=settings.log_text)
    except DefinitionNotFoundError as error:
        raise SettingsError(
            f"REWARD_DEFINITION={settings.reward_definition!r} {error.mistakes[0]}"
        ) from error
    except ValueError as error:  # powertools, on a log level that it does not know
        raise SettingsError(f"POWERTOOLS_LOG_LEVEL: {error}; set DEBUG, INFO, WARNING or ERROR") from error
    telemetry.warn_of(definition)
    judge: Judge | None = None
    if definition.judge is not None:
        models = models_of(definition.judge)
        load_prices(models, settings.judge_prices, max_cost_usd=settings.max_cost_usd)
        judge = Judges(settings, models)
    traces: Traces | None = None
    if settings.trace_share:
        from reward_fn.aws.traces import open_traces

        traces = open_traces(settings, definition, telemetry.report_traces)
    cache, table = _cache(settings, definition) if judge is not None else (None, None)
    return Service(settings, definition, judge, telemetry, traces, cache, table)


def _cache(settings: Settings, definition: Definition) -> "tuple[VerdictCache | None, VerdictTable | None]":
    """What is kept of verdicts, and where; nothing with neither memory nor table."""
    table: VerdictTable | None = None
    if settings.verdict_table:
        from reward_fn.aws.verdict_table import open_verdict_table

        table = open_verdict_table(settings)
    if not settings.verdict_memory and table is None:
        return None, None
    memory, ttl_s = settings.verdict_memory, settings.verdict_ttl_s
    return VerdictCache(definition.version, max_verdicts=memory, ttl_s=ttl_s, table=table), table


def _definition(settings: Settings) -> Definition:
    """The shipped or stored definition; where a hash is set, its file must have it."""
    name, sha256 = settings.reward_definition, settings.reward_definition_sha256
    if is_stored(name):
        from reward_fn.aws.definition_store import load_stored

        return load_stored(
            name, sha256, judge_model=settings.judge_model, judges_allowed=settings.judges_allowed
        )
    definition = load_definition(name, judge_model=settings.judge_model)
    if sha256:
        check_hash(definition.sha256, sha256, name)
    return definition


def _service() -> Service:
    """What was loaded, for the life of the environment. A store that did not answer is asked again: a pin
    has one content, so nothing can change under a job; every other mistake stays what it is."""
    global _kept
    if _kept is None or (isinstance(_kept, DefinitionStoreError) and _kept.passing):
        try:
            _kept = load_service(read_settings())
        except RewardFunctionError as error:
            _kept = error
    if isinstance(_kept, RewardFunctionError):
        raise _kept.with_traceback(None)
    return _kept


def _budget_s(context: Any, settings: Settings) -> float:
    """Seconds for this batch: Lambda's clock less a margin, no more than DEADLINE_S where that is set."""
    clock = getattr(context, "get_remaining_time_in_millis", None)
    if clock is None:
        return settings.deadline_s or DEFAULT_BUDGET_S
    remaining_s = float(clock()) / 1000
    budget_s = remaining_s - min(settings.deadline_margin_s, remaining_s / 2)
    return min(budget_s, settings.deadline_s or budget_s)


def _initialise() -> None:
    """Lambda's initialisation phase: load, and run one judge call up to the wire and back."""
    try:
        service = _service()
        if service.judge is not None and service.definition.judge is not None:
            service.judge.warm()
        if service.table is not None:
            service.table.warm()
        gc.freeze()  # what is loaded stays: a full collection over it would cost every third batch 25 ms
    except RewardFunctionError:
        return  # kept, and raised at each invocation
    finally:
        gc.enable()


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _initialise()
