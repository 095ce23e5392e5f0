"""Names that results, log lines and metrics use; no check or criterion may have one of them."""

import logging

RUBRIC = "rubric"
"""The rubric's entry in ``metrics_list``."""

FLAGS = (
    "gate_failed",
    "judge_error",
    "judge_coverage",
    "judge_agreement",
    "escalated",
    "order_flips",
    "provoked",
    "unsupported_quotes",
    "imputed",
    "rejected",
    "no_response",
)
"""The flags that ``aggregate`` adds to ``metrics_list``, in this order."""

CLOUDWATCH = frozenset(
    {
        "Rollouts",
        "Reward",
        "RewardLevel",
        "Imputed",
        "RowsUnread",
        "RowsUnreadShare",
        "Escalated",
        "UnsupportedQuotes",
        "GateFailed",
        "Unscored",
    }
    | {"Groups", "ZeroVarianceGroups", "ZeroVarianceShare", "JudgeDenied"}
    | {"ComponentDeviation", "ComponentAdvantageShare"}
    | {"HollowAnswers", "InjectionMarks", "NearDuplicateShare", "GroupDuplicateShare"}
    | {"RewardLengthCorrelation", "Canaries", "CanaryReward"}
    | {"JudgeCalls", "JudgeFailures", "JudgeCallsFailed", "JudgeRetries", "JudgeShared", "JudgeAbandoned"}
    | {"JudgeCachedTokens", "JudgeCacheWriteTokens", "JudgeAnswers", "JudgeAgreement", "EscalatedShare"}
    | {"VerdictCacheHits", "VerdictCacheMisses", "VerdictCacheErrors"}
    | {"JudgeCostUsd", "JudgeQuotaExhausted", "CircuitOpened"}
    | {"JudgeInputTokens", "JudgeOutputTokens", "JudgeLatency", "TraceBatches", "TraceBatchesDropped"}
)
"""The metrics that ``telemetry`` sends to CloudWatch."""

_RESULT = {"id", "aggregate_reward_score", "metrics_list", "index"}
_LOG_LINE = {"gate", "group", "details", "reasons", "definition", "definition_version", "request_id", "error"}
_LOG_LINE |= {"definition_source", "definition_sha256"}
_TEXT = {"prompt", "response"}
_LOGGER = {"level", "location", "message", "timestamp", "service", "cold_start", "xray_trace_id", "asctime"}
_LOGGER |= {"taskName", "exception", "exception_name", "exception_notes", "stack_trace"}

RESERVED = frozenset(
    {RUBRIC, *FLAGS, *CLOUDWATCH, *_RESULT, *_LOG_LINE, *_TEXT, *_LOGGER}
    | vars(logging.makeLogRecord({})).keys()
)
