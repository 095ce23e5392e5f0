"""The figures of a run, derived by hand."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reward_fn.types.definition import Definition
from rewardctl.report.figures import ComponentFigures, Figures
from tests import factory
from tests.report.records import figures, groups, record, scored
from tests.unit.fake_judge import FakeJudge, replied

TOML = """
name = "made-up"
range = [0.0, 1.0]

[[gate]]
check = "hollow_answer"
reward = 0.0

[[score]]
name = "exact"
check = "required_content"
phrases = ["right"]
weight = 3.0

[[score]]
name = "polite"
check = "required_content"
phrases = ["please"]
weight = 1.0

[[penalty]]
name = "shout"
check = "forbidden_content"
phrases = ["SHOUT"]
weight = 0.2
"""


@pytest.fixture
def definition(tmp_path: Path) -> Definition:
    return factory.definition(tmp_path, TOML)


def by_name(run: Figures) -> Mapping[str, ComponentFigures]:
    return {part.name: part for part in run.components}


def answers(*texts: str, prompt: str = "Q") -> list[dict[str, Any]]:
    return [factory.row(text, prompt=prompt, id=f"{prompt}-{i}") for i, text in enumerate(texts)]


def test_shares_of_the_advantage_by_hand(definition: Definition) -> None:
    """Rewards 1, .75, .25, 0: exact carries .9 and polite .1, and the penalty that nobody gets nothing.

    Centred rewards .5, .25, -.25, -.5 with squares of .625 in all; exact contributes .75 or 0, off its mean
    by .375: .375 * 1.5 / .625 = .9. polite contributes .25 or 0, off by .125: .125 * .5 / .625 = .1.
    """
    texts = ("right, please", "right indeed", "wrong, please", "wrong indeed")
    run = figures(scored(answers(*texts), definition), definition)
    parts = by_name(run)
    assert [parts[name].share for name in ("exact", "polite", "shout")] == [
        pytest.approx(0.9),
        pytest.approx(0.1),
        0.0,
    ]
    assert parts["exact"].mean == 0.5
    assert parts["exact"].within_sd == pytest.approx(math.sqrt(1 / 3))
    assert (parts["exact"].role, parts["exact"].weight, run.shares_missing) == ("score", 3.0, "")


def test_a_constant_component_has_no_share_even_if_a_gate_fails_some(definition: Definition) -> None:
    """All that come to the scores earn 1; only the gate tells rollouts apart, so it carries everything."""
    run = figures(scored(answers("right, please", "right, please", "", ""), definition), definition)
    parts = by_name(run)
    assert parts["hollow_answer"].share == pytest.approx(1.0)
    assert parts["exact"].share == 0.0
    assert [(gate.name, gate.tried, gate.failed, gate.pass_rate) for gate in run.gates] == [
        ("hollow_answer", 4, 2, 0.5)
    ]


def test_the_shares_add_up_to_one(definition: Definition) -> None:
    words = ("right", "please", "SHOUT", "", "indeed")
    texts = [f"{a} {b}" for a in words for b in words]
    rows = answers(*texts[:12], prompt="Q") + answers(*texts[12:], prompt="P")
    run = figures(scored(rows, definition), definition)
    assert sum(part.share or 0.0 for part in run.components) == pytest.approx(1.0)


def test_criteria_divide_the_share_of_the_rubric(tmp_path: Path) -> None:
    judged = factory.definition(
        tmp_path,
        """
        name = "judged"
        range = [0.0, 1.0]
        [judge]
        model = "medium"
        [[judge.criterion]]
        name = "Right"
        question = "Is the answer right?"
        weight = 3.0
        [[judge.criterion]]
        name = "Polite"
        question = "Is the answer polite?"
        weight = 1.0
        """,
    )

    def answer(question: Any, _model: Any) -> Any:
        right, polite = ("yes" if word in question.variable else "no" for word in ("right", "please"))
        return replied(question, {("Right", None): right, ("Polite", None): polite})

    texts = ("right, please", "right indeed", "wrong, please", "wrong indeed")
    run = figures(scored(answers(*texts), judged, FakeJudge(answer)), judged)
    parts = by_name(run)
    shares = [parts[name].share for name in ("rubric", "Right", "Polite")]
    assert shares == [pytest.approx(1.0), pytest.approx(0.9), pytest.approx(0.1)]
    assert (run.judge.calls, run.judge.tokens["input_tokens"], run.judge.tokens["output_tokens"]) == (
        4,
        400,
        40,
    )


def test_without_the_definition_components_have_deviations_but_no_shares() -> None:
    run = figures(
        [record(1.0, scores={"a": 1.0}), record(0.0, scores={"a": 0.0})], shares_missing="it is not at hand"
    )
    (part,) = run.components
    assert (part.role, part.share) == ("unknown", None)
    assert part.within_sd == pytest.approx(math.sqrt(0.5))
    assert run.shares_missing == "it is not at hand"


def test_groups_without_variance_are_counted_by_the_end_they_stand_at() -> None:
    run = figures(groups([(0, 0), (1, 1), (1, 1), (0.5, 0.5), (0, 1)]))
    result = run.groups
    assert (result.compared, result.zero_variance, result.all_low, result.all_high) == (5, 4, 1, 2)
    assert result.zero_variance_share == pytest.approx(0.8)
    assert (sum(result.tied.counts), sum(result.varied.counts)) == (4, 1)


def test_imputed_rewards_count_in_no_statistic_of_rewards() -> None:
    """Without the imputed 0.5 the group has one reward, and nothing is compared."""
    run = figures([record(1.0), record(0.5, imputed=True, reasons=[{"reason": "throttled", "detail": ""}])])
    assert (run.rows, run.imputed, run.reward.count, run.reward.mean) == (2, 1, 1, 1.0)
    assert (run.groups.compared, run.groups.zero_variance_share) == (0, None)
    assert run.reasons == {"throttled": 1}


def test_a_row_without_a_response_has_its_flag_and_no_length() -> None:
    flags = [{"name": name, "value": 1.0, "type": "Metric"} for name in ("no_response", "imputed")]
    run = figures([record(0.5, None, metrics=flags, imputed=True, row=None), record(1.0), record(0.0)])
    assert (run.no_response, run.rejected, run.imputed) == (1, 0, 1)
    assert sum(run.length.bins.counts) == 2


def test_length_is_correlated_over_all_and_within_groups() -> None:
    """Longer prompts' answers earn more; within a group the longer answer earns less."""
    rows = [
        record(reward, group, response="x" * length)
        for group, pairs in (("a", ((0.2, 10), (0.1, 20))), ("b", ((0.9, 110), (0.8, 120))))
        for reward, length in pairs
    ]
    run = figures(rows)
    expected = np.corrcoef([0.2, 0.1, 0.9, 0.8], [10, 20, 110, 120])[0, 1]
    assert run.length.r == pytest.approx(expected, rel=1e-12)
    assert run.length.within_r == pytest.approx(-1.0)


def test_a_shared_call_counts_once() -> None:
    call = {
        "model": "us.amazon.nova-2-lite-v1:0",
        "shared_by": 2,
        "latency_s": 1.5,
        "failure": None,
        "input_tokens": 1000,
        "output_tokens": 100,
        "cache_read_tokens": 10,
        "cache_write_tokens": 0,
    }
    failed = {**call, "shared_by": 1, "failure": "throttled", "input_tokens": 0, "output_tokens": 0}
    run = figures([record(1.0, calls=[call, failed]), record(0.0, calls=[call])])
    assert (run.judge.calls, run.judge.failed, run.judge.failures) == (2, 1, {"throttled": 1})
    assert (run.judge.tokens["input_tokens"], run.judge.latency_s["1"]) == (1000, 1.5)
    assert run.judge.cost_usd > 0


def test_what_a_run_paid_replaces_the_estimate() -> None:
    run = figures([record()], cost_usd=0.25)
    assert (run.judge.cost_usd, run.judge.paid) == (0.25, True)


def test_mixed_definitions_are_counted() -> None:
    assert figures([record(), record(definition_version="v2")]).definitions == 2


def test_the_figures_are_json_without_nan() -> None:
    runs = (figures([record(None)]), figures([record(1.0, None)]), figures(groups([(0, 1), (1, 1)])))
    for run in runs:
        json.dumps(asdict(run), allow_nan=False)


def test_a_mean_along_the_run_is_that_of_its_part() -> None:
    """Forty rollouts have four bins of ten; the first ten earn 0, the rest 1."""
    run = figures(groups([[0.0] * 10, [1.0] * 30]))
    assert run.order.bins.means == (0.0, 1.0, 1.0, 1.0)
    assert run.order.bins.counts == (10, 10, 10, 10)


def test_a_flag_without_a_number_is_not_set() -> None:
    flags = [{"name": "rejected", "value": None, "type": "Metric"}]
    assert figures([record(metrics=flags)]).rejected == 0
