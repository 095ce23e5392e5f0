"""Costs of the deterministic checks: together on one answer, and each on texts of growing length."""

import gc
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks.environment import forget_batches
from benchmarks.material import good_batch, rollouts_of
from benchmarks.results import Goal, Section, Table
from benchmarks.size import Size
from benchmarks.timing import Spread, Tick, timed
from reward_fn import checks
from reward_fn.definition.load import SHIPPED
from reward_fn.types.check import Check
from reward_fn.types.rollout import Message, Rollout

LIMIT_MS = 0.5
LINEAR_LIMIT = 2.0
ANSWER_CHARS = 4000
ANSWERS = 40
LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
READING = "reading the JSON"
COUNTED = ("json_schema", "length", "language", "repetition", "safety", "format")
NOT_COUNTED = ("unicode_noise",)

_PARAMETERS: Mapping[str, Mapping[str, object]] = {
    "json_schema": {"schema": "contract_review.schema.json"},
    "length": {"max_chars": 6000},
    "format": {"must_match": [r"\A\s*\{"], "must_not_match": ["(?i)as an ai language model"]},
}


def measure_costs(size: Size, tick: Tick) -> Section:
    """Measure the answer first, then the lengths."""
    built = {name: _built(name) for name in (*COUNTED, *NOT_COUNTED)}
    gc.freeze()  # as the handler does after loading
    try:
        answer, series = _on_an_answer(built, size.stage_rounds, tick)
    finally:
        gc.unfreeze()
    by_length = {name: _by_length(check, name, tick) for name, check in built.items()}
    totals = [sum(series[name][i] for name in (READING, *COUNTED)) for i in range(size.stage_rounds)]
    total = Spread.of(totals)
    worst = max(costs[-1] / costs[1] for costs in by_length.values())
    return Section(
        title="Checks",
        how=(
            f"An answer in JSON of {len(answer.response):,} characters, comments on contracts, goes through "
            "six checks with their usual parameters; reading the JSON, which they share, is counted once. "
            "The prompt's language is cached, as it is for a group.",
            "The same checks on prose of 1 kB to 1 MB. Cost grows with the text, or more slowly if a check "
            "reads only a part. The goal compares the cost of a kilobyte at 1 MB and at 10 kB, for the worst "
            "check.",
        ),
        goals=(
            Goal(
                "CPU of six checks on a JSON answer of 4 kB",
                f"≤ {LIMIT_MS} ms",
                total.median * 1000,
                LIMIT_MS,
                f"{total.text(3, 1000)} ms",
            ),
            Goal("CPU a kB at 1 MB / at 10 kB", f"≤ {LINEAR_LIMIT:.1f}", worst, LINEAR_LIMIT, f"{worst:.2f}"),
        ),
        tables=(_shares(series, total), _lengths(by_length)),
        data={"answer_cpu_s": series, "cpu_s_a_kb": by_length},
    )


def _built(name: str) -> Check:
    return checks.load(name).build(_PARAMETERS.get(name, {}), SHIPPED)


def _on_an_answer(
    built: Mapping[str, Check], rounds: int, tick: Tick
) -> tuple[Rollout, dict[str, list[float]]]:
    """CPU seconds for an answer, by check and round."""
    answer = _answer()
    series: dict[str, list[float]] = {name: [] for name in (READING, *built)}
    for check in built.values():
        check(answer)
    for number in range(rounds):
        tick(f"an answer of 4 kB, round {number + 1} of {rounds}")
        copies = [replace(answer) for _ in range(ANSWERS)]
        series[READING].append(timed(lambda copies=copies: [c.parsed for c in copies]).cpu_s / ANSWERS)  # type: ignore[misc]
        for name, check in built.items():
            cost = timed(lambda check=check, copies=copies: [check(c) for c in copies])  # type: ignore[misc]
            series[name].append(cost.cpu_s / ANSWERS)
    return answer, series


def _answer() -> Rollout:
    """A rollout whose answer holds comments of the good answers, ``ANSWER_CHARS`` characters together."""
    rollouts = rollouts_of(good_batch(16))
    comments = [comment for rollout in rollouts for comment in rollout.parsed.value["comments"]]
    chosen: list[object] = []
    while len(json.dumps({"comments": chosen})) < ANSWER_CHARS:
        chosen.append(comments[len(chosen)])
    response = json.dumps({"comments": chosen}, ensure_ascii=False)
    turn = Message("user", "Review the contract and say what is wrong with it, clause by clause.")
    return replace(rollouts[0], response=response, messages=(turn,))


def _by_length(check: Check, name: str, tick: Tick) -> list[float]:
    """CPU seconds for a kilobyte, at each of ``LENGTHS``."""
    documents = [str(r.reference_answer["target_document"]) for r in rollouts_of(good_batch(4))]
    prose = "\n\n".join(documents)
    costs = []
    for length in LENGTHS:
        tick(f"{name} on {length:,} characters")
        text = (prose * (length // len(prose) + 1))[:length]
        rollout = replace(_answer(), response=text)
        runs = max(3, 100_000 // length)
        best = min(
            timed(lambda: [check(replace(rollout)) for _ in range(runs)]).cpu_s  # noqa: B023 - called at once
            for _ in range(3)
        )
        costs.append(best / runs / (length / 1000))
        forget_batches()
    return costs


def _shares(series: Mapping[str, list[float]], total: Spread) -> Table:
    rows = []
    for name in (READING, *COUNTED):
        cost = Spread.of(series[name])
        rows.append((name, cost.text(1, 1e6), f"{cost.median / total.median:.1%}"))
    rows.append(("all six", total.text(1, 1e6), "100.0%"))
    rows += [(f"{name} (not counted)", Spread.of(series[name]).text(1, 1e6), "") for name in NOT_COUNTED]
    return Table("On a JSON answer of 4 kB", ("check", "CPU, µs", "share"), rows)


def _lengths(by_length: Mapping[str, list[float]]) -> Table:
    rows = [(name, *(f"{cost * 1e6:,.1f}" for cost in costs)) for name, costs in by_length.items()]
    return Table(
        "On prose, best of three: CPU a kB, µs",
        ("check", *(f"{length // 1000:,} kB" for length in LENGTHS)),
        rows,
    )


def definition_text(names: tuple[str, ...]) -> str:
    """A definition whose scores are these checks."""
    entries = "".join(f'\n[[score]]\ncheck = "{name}"\n{_toml(name)}' for name in names)
    return f'name = "measured"\n{entries}'


def _toml(name: str) -> str:
    parameters = dict(_PARAMETERS.get(name, {}))
    if name == "json_schema":
        parameters["schema"] = str(Path(SHIPPED) / "contract_review.schema.json")
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in parameters.items())
