"""The table of results: columns from what is there, flags in words, and no value lost on a narrow screen."""

import io
from typing import Any

import pytest
from rich.console import Console

from rewardctl.local.table import column_names, flags_text, header_of, id_text, number_text, print_results


def result(reward: float, identity: Any = "r-1", **metrics: tuple[float, str]) -> dict[str, Any]:
    """A result whose metrics are given as name=(value, type)."""
    entries = [{"name": name, "value": value, "type": kind} for name, (value, kind) in metrics.items()]
    return {"id": identity, "aggregate_reward_score": reward, "metrics_list": entries}


GOOD = result(
    0.75, "good", json_schema=(1.0, "Metric"), quotes_source=(0.5, "Reward"), Coverage=(1.0, "Metric"),
    gate_failed=(0.0, "Metric"), judge_coverage=(1.0, "Metric"),
)  # fmt: skip
GATED = result(
    0.0, "gated", json_schema=(0.0, "Metric"), gate_failed=(1.0, "Metric"), imputed=(1.0, "Metric")
)


def printed(results: list[dict[str, Any]], *, width: int = 200, terminal: bool = False) -> str:
    out = io.StringIO()
    print_results(results, Console(file=out, width=width, force_terminal=terminal, color_system=None))
    return out.getvalue()


def test_every_check_and_criterion_has_a_column_rewards_first() -> None:
    assert column_names([GOOD, GATED]) == ["quotes_source", "json_schema", "Coverage"]


def test_a_rollouts_values_stand_in_its_row() -> None:
    rows = [line.split() for line in printed([GOOD, GATED]).splitlines()]
    assert ["good", "0.75", "0.5", "1", "1"] in rows
    # The gate ended it: no quote was looked for and no criterion asked.
    assert ["gated", "0", "·", "0", "·", "gate_failed,", "imputed"] in rows


def test_rows_keep_the_order_of_the_results() -> None:
    text = printed([result(0.1, "b"), result(0.2, "a"), result(0.3, "b")])
    assert [line.split()[:2] for line in text.splitlines()[-3:]] == [["b", "0.1"], ["a", "0.2"], ["b", "0.3"]]


def test_no_results_give_a_header_alone() -> None:
    assert printed([]).split() == ["id", "reward", "flags"]


@pytest.mark.parametrize("terminal", [False, True])
def test_nothing_is_cut_off_where_there_is_little_room(terminal: bool) -> None:
    metrics = {f"Criterion_Number{index}": (index / 100, "Metric") for index in range(1, 21)}
    text = printed([result(0.5, "narrow", **metrics)], width=60, terminal=terminal)
    assert "…" not in text
    shown = [word for line in text.splitlines() if line.startswith("narrow") for word in line.split()]
    assert [word for word in shown if word != "narrow"] == [
        "0.5",
        *(f"{index / 100:g}" for index in range(1, 21)),
    ]


def test_on_a_narrow_terminal_every_part_fits_and_names_the_rollouts() -> None:
    metrics = {f"Criterion_Number{index}": (index / 100, "Metric") for index in range(1, 21)}
    lines = printed([result(0.5, "narrow", **metrics)], width=60, terminal=True).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 60
    assert sum(line.startswith("narrow") for line in lines) > 1


def test_elsewhere_one_table_is_as_wide_as_it_must_be() -> None:
    metrics = {f"Criterion_Number{index}": (index / 100, "Metric") for index in range(1, 21)}
    lines = printed([result(0.5, "narrow", **metrics)], width=60).splitlines()
    assert sum(line.startswith("narrow") for line in lines) == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"gate_failed": 0.0, "judge_coverage": 1.0}, ""),
        ({"gate_failed": 1.0}, "gate_failed"),
        ({"judge_coverage": 2 / 3, "judge_error": 1.0}, "judge_error, judge_coverage 0.667"),
        ({"judge_coverage": 0.0}, "judge_coverage 0"),
        ({"judge_coverage": 1.0, "judge_agreement": 1.0, "escalated": 1.0}, "escalated"),
        ({"judge_agreement": 0.5}, "judge_agreement 0.5"),
        ({"unsupported_quotes": 2.0}, "unsupported_quotes 2"),
    ],
)
def test_flags_are_named_where_they_are_set(values: dict[str, float], words: str) -> None:
    assert flags_text(values) == words


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (0.0, "0"), (2 / 3, "0.667"), (-0.1, "-0.1"), (100, "100"), (None, "·")]
)
def test_numbers_carry_no_idle_zeros(value: float | None, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("TargetDocument_Grounding", "Target\nDocument\nGrounding"),
        ("json_schema", "json\nschema"),
        ("rubric", "rubric"),
        ("PII_free", "PII\nfree"),
    ],
)
def test_long_names_are_broken_at_their_words(name: str, header: str) -> None:
    assert header_of(name) == header


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (17, "17"),
        (None, "None"),
        ("a\nb", "a b"),
        ("x" * 20 + "y" * 20, "x" * 15 + "…" + "y" * 15),
    ],
)
def test_an_id_of_any_type_takes_one_line(value: Any, text: str) -> None:
    assert id_text(value) == text
