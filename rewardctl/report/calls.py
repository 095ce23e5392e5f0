"""The judge's calls of a run: their number, tokens, failures, price and latency."""

from array import array
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from reward_fn.judge.models.prices import price_of
from rewardctl.report.values import number

TOKEN_KINDS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
"""The token counts of a call, in the order of :meth:`reward_fn.judge.base.Price.of`."""


class CallCounts:
    """All judge calls of a run.

    A call that several rollouts share is listed by each of them and counts once, in parts; so the counts are
    floats until they are rounded. ``latencies_s`` holds the latency of each listed call that gave verdicts.
    """

    def __init__(self, *, priced: bool) -> None:
        self.count = self.failed = self.cost_usd = 0.0
        self.tokens: defaultdict[str, float] = defaultdict(float)
        self.failures: defaultdict[str, float] = defaultdict(float)
        self.models: set[str] = set()
        self.latencies_s = array("d")
        self._priced = priced

    def add(self, call: Mapping[str, Any], part: float) -> None:
        """Count ``part`` (0 to 1) of a call."""
        model, failure = str(call.get("model", "")), call.get("failure")
        tokens = [int(number(call.get(kind), 0.0)) for kind in TOKEN_KINDS]
        self.models.add(model)
        self.count += part
        for kind, count in zip(TOKEN_KINDS, tokens, strict=True):
            self.tokens[kind] += part * count
        if failure:
            self.failed += part
            self.failures[str(failure)] += part
        else:
            self.latencies_s.append(number(call.get("latency_s")))
        if self._priced:
            self.cost_usd += part * price_of(model).of(*tokens)
