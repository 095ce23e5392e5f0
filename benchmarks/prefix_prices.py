"""The price of a group of eight with ``lead``, on a model that charges for writing its prompt cache."""

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.environment import lambda_environment
from benchmarks.judged import check_all_judged
from benchmarks.material import GROUP_SIZE, Row
from benchmarks.results import Goal, Table
from benchmarks.timing import Tick
from benchmarks.token_cases import EVENTS
from reward_fn.judge.models.catalogue import TIERS
from reward_fn.judge.models.prices import price_of
from rewardctl.emulate import Emulator, EmulatorSettings
from rewardctl.emulate.stats import Stats

TIER = "medium-claude"
LATENCY_S = 0.2
LONG_CHARS = 24_000
"""The length of the shared prefix, above the 4,096 tokens that Claude Haiku 4.5 needs for its cache."""


def measure_prefixes(tick: Tick) -> tuple[Table, list[Goal], dict[str, Any]]:
    """Measure two groups with and without ``lead``; the answers of the first have one to eight comments."""
    groups = {"contract-review, 1 to 8 comments": _contracts(), "instruction-following": _instructions()}
    rows, goals, data = [], [], {}
    for name, group in groups.items():
        stats = {}
        for cache in ("off", "lead"):
            tick(f"{name}: prompt cache {cache}")
            stats[cache] = _judged(name.partition(",")[0], group, cache)
            rows.append(_row(f"{name}: {cache}", stats[cache]))
        goals.append(_goal(name, stats["lead"]))
        data[name] = {
            cache: (usage.cache_read_tokens, usage.cache_write_tokens) for cache, usage in stats.items()
        }
    columns = ("group", "tokens read from the cache", "written to it", "other input", "output", "USD")
    title = f"A group of {GROUP_SIZE} on {TIERS[TIER]}, 4 characters a token"
    return Table(title, columns, rows), goals, data


def _goal(name: str, stats: Stats) -> Goal:
    """The goal: all calls except the first read the prefix that the first one wrote."""
    others = GROUP_SIZE - 1
    reads = stats.cache_read_tokens / stats.cache_write_tokens if stats.cache_write_tokens else 0.0
    what = f"Prompt cache, a group of {GROUP_SIZE} with lead, {name}: prefixes read for one written"
    return Goal(what, f"{others}", reads, others, f"{reads:.2f}", at_most=False)


def _judged(definition: str, group: Sequence[Row], cache: str) -> Stats:
    with (
        Emulator(EmulatorSettings(latency_s=LATENCY_S)) as emulator,
        lambda_environment(emulator.url, REWARD_DEFINITION=definition, PROMPT_CACHE=cache, JUDGE_MODEL=TIER),
    ):
        check_all_judged(group)
        return emulator.stats()


def _row(name: str, stats: Stats) -> tuple[str, ...]:
    price = price_of(TIERS[TIER])
    read, written = stats.cache_read_tokens, stats.cache_write_tokens
    usd = price.of(stats.input_tokens, stats.output_tokens, read, written)
    counts = (read, written, stats.input_tokens, stats.output_tokens)
    return (name, *(f"{tokens:,}" for tokens in counts), f"{usd:.4f}")


def _contracts() -> list[Row]:
    """Eight answers to one long contract, with one to eight comments."""
    row = _first("contract_review_batch.json")
    comments = json.loads(row["messages"][-1]["content"])["comments"]
    text = row["reference_answer"]["target_document"]
    row["reference_answer"]["target_document"] = text + "\n\n" + _repeated(text)
    return [
        _variant(row, n, json.dumps({"comments": comments[:n]}, ensure_ascii=False))
        for n in range(1, GROUP_SIZE + 1)
    ]


def _instructions() -> list[Row]:
    """Eight answers to one long prompt."""
    row = _first("instruction_following.json")
    answer = row["messages"][-1]["content"]
    row["messages"][-2]["content"] += "\n\n" + _repeated("The lamp stands on the table by the window.")
    return [_variant(row, n, f"{answer}\n\nThat is all, {n}.") for n in range(GROUP_SIZE)]


def _first(name: str) -> Row:
    rows: list[Row] = json.loads((EVENTS / name).read_text(encoding="utf-8"))
    return copy.deepcopy(rows[0])


def _repeated(text: str) -> str:
    """Numbered copies that make the prefix long enough for the cache."""
    copies = LONG_CHARS // len(text) + 1
    return "\n\n".join(f"Annex {n}.\n{text}" for n in range(1, copies + 1))


def _variant(row: Mapping[str, Any], number: int, answer: str) -> Row:
    variant = copy.deepcopy(dict(row))
    variant["id"] = f"{row['id']}-{number}"
    variant["messages"][-1]["content"] = answer
    return variant
