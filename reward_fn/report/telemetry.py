"""Output for operators: one JSON log line per rollout, and CloudWatch metrics in the embedded format.

The fields of the lines are in :mod:`reward_fn.report.log_lines`, the metrics in
:mod:`reward_fn.report.metrics`. This module writes both, through powertools.
"""

import json
import logging
import os

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics

from reward_fn.report.judge_health import Line, health_lines
from reward_fn.report.log_lines import definition_fields, rollout_fields, text_fields
from reward_fn.report.metrics import Record, metrics_of, trace_metrics
from reward_fn.types.batch import Scored
from reward_fn.types.definition import Definition

NAMESPACE = "SageMakerRewardFunction"


class Telemetry:
    """Logs and metrics of one environment.

    ``log_text`` is LOG_TEXT: with it the lines also hold the text of prompts and responses. The name of the
    Lambda function is read once, here.
    """

    def __init__(self, *, log_text: bool, logger: Logger | None = None) -> None:
        self._log_text = log_text
        self._logger = logger or _logger()
        self._function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")

    def report(self, scored: Scored, definition: Definition, request_id: str) -> None:
        """Write the metrics and the lines of an answered batch; called once an invocation.

        The lines about the judge come last, because ``make doctor`` reads them and Lambda returns only the
        last 4 kB of an invocation's log (Invoke API, ``LogType``).
        """
        for record in metrics_of(scored, definition):
            flush_metrics(record, function=self._function)
        for result, entry in zip(scored.results, scored.entries, strict=True):
            fields = rollout_fields(result, definition, request_id)
            if self._log_text:
                fields |= text_fields(entry)
            self._logger.info("rollout", extra=fields)
        for line in health_lines(scored.usage):
            self._write(line, definition, request_id)

    def warn_of(self, definition: Definition) -> None:
        """Log the linter's warnings about a definition; called once, when it is loaded."""
        for warning in definition.warnings:
            fields = {**definition_fields(definition), "code": warning.code, "place": warning.place}
            self._logger.warning(warning.message, extra=fields)

    def report_traces(self, definition: Definition, *, dropped: str = "") -> None:
        """Count a batch of traces. ``dropped`` is why it was not written, "" if it was written."""
        if dropped:
            self._logger.warning(f"traces dropped: {dropped}", extra=definition_fields(definition))
        flush_metrics(trace_metrics(definition, dropped=bool(dropped)))

    def _write(self, line: Line, definition: Definition, request_id: str) -> None:
        fields = {**line.fields, **definition_fields(definition), "request_id": request_id}
        write = self._logger.error if line.level == logging.ERROR else self._logger.warning
        write(line.message, extra=fields)


def _logger() -> Logger:
    """powertools' logger with one JSON encoder for all lines; the place in the code is left out."""
    encoder = json.JSONEncoder(separators=(",", ":"), default=str)
    return Logger(service="reward-fn", location=None, json_serializer=encoder.encode, json_deserializer=str)


def flush_metrics(record: Record, *, function: str = "") -> None:
    """Print a record, in several parts if a metric has more than the format's 100 values.

    With ``function`` the same values also stand under that function's name in place of the definition's:
    alarms and dashboard know the function, not which definition it will load.
    """
    metrics = EphemeralMetrics(namespace=NAMESPACE)
    for name, value in record.dimensions.items():
        metrics.add_dimension(name, value)
    if function:
        others = {name: value for name, value in record.dimensions.items() if name != "definition"}
        metrics.add_dimensions(function_name=function, **others)
    for datum in record.data:
        metrics.add_metric(datum.metric, datum.unit, datum.value)
    if metrics.metric_set:  # powertools prints by itself at 100 values
        metrics.flush_metrics()
