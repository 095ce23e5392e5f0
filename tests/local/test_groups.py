"""Groups side by side in the output of a run, and why something is unscored."""

import io
import json
from pathlib import Path
from typing import Any

from rich.console import Console

from rewardctl.local.groups import (
    About,
    about_in_log,
    about_in_records,
    group_lines,
    order_by_group,
    reason_lines,
)
from rewardctl.local.report import show_results


def result(name: str, reward: float) -> dict[str, Any]:
    return {"id": name, "aggregate_reward_score": reward, "metrics_list": []}


def test_the_rollouts_of_a_group_stand_side_by_side_in_the_order_of_their_first_members() -> None:
    assert order_by_group([About("b"), About("a"), About("b"), About(""), About("a")]) == [0, 2, 1, 4, 3]


def test_rows_without_a_group_are_not_a_group() -> None:
    assert list(group_lines([result("x", 1.0), result("y", 0.0)], [About(), About()])) == []


def test_a_group_shows_its_mean_and_deviation_and_says_where_nothing_is_learned() -> None:
    results = [result("a", 1.0), result("b", 0.0), result("c", 0.5), result("d", 0.5)]
    abouts = [About("g"), About("g"), About("h"), About("h")]
    # (1 + 0) / 2 = 0.5, and each is 0.5 away from it.
    assert list(group_lines(results, abouts)) == [
        "group of a: 2 rollouts, mean 0.500, deviation 0.500",
        "group of c: 2 rollouts, mean 0.500, no deviation: no advantage, nothing is learned",
    ]


def test_what_is_unscored_is_named_with_its_reason() -> None:
    abouts = [About("g", ("throttled: ThrottlingException",)), About("g")]
    assert list(reason_lines([result("a", 0.5), result("b", 1.0)], abouts)) == [
        "unscored: a: throttled: ThrottlingException"
    ]


def test_the_log_of_the_last_invocation_counts_and_other_lines_do_not(tmp_path: Path) -> None:
    def line(group: str, *reasons: str) -> str:
        return json.dumps({"message": "rollout", "group": group, "reasons": reasons})

    log = tmp_path / "log"
    log.write_text(
        "\n".join(["START", line("old"), '{"message": "other"}', line("g"), line("h", "denied: x")])
    )
    assert about_in_log(log, 2) == [About("g"), About("h", ("denied: x",))]
    assert about_in_log(log, 4) == []
    assert about_in_log(tmp_path / "none", 1) == []


def test_records_say_the_same() -> None:
    record = {"group": None, "reasons": [{"reason": "no_response", "detail": ""}]}
    assert about_in_records([record]) == [About("", ("no_response",))]


def test_a_blank_line_parts_the_groups_of_the_table() -> None:
    out = io.StringIO()
    results = [result("a1", 1.0), result("b1", 0.0), result("a2", 0.5), result("b2", 0.5)]
    abouts = [About("a"), About("b"), About("a"), About("b")]
    show_results(results, abouts, Console(file=out, width=100))
    ids = [line.split()[0] if line.strip() else "" for line in out.getvalue().splitlines()]
    assert ids[1:6] == ["a1", "a2", "", "b1", "b2"]
