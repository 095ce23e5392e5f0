"""The sum of an explanation ends in the reward, whatever the definition, the verdicts and the failures."""

import random
import re
from collections.abc import Mapping
from dataclasses import replace
from statistics import mean, stdev
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.types.check import CheckResult, CheckSpec
from reward_fn.types.definition import Definition
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import Criterion, Document, JudgeSpec
from reward_fn.types.unscored import Reason, Unscored
from rewardctl.explain.explain import explain
from rewardctl.explain.types import Explanation
from tests.explain.records import Record, metrics_only, records_of
from tests.factory import row
from tests.unit.fake_judge import QUESTION_TEXT, replied

WEIGHTS = st.sampled_from([0.1, 0.25, 0.7, 1.0, 1.2, 3.0])
SCORES = st.sampled_from([0.0, 0.2, 1 / 3, 0.5, 0.9, 1.0])
FAILURES = (Reason.DENIED, Reason.FILTERED, Reason.INVALID_REQUEST, Reason.OVERFLOW)
SOURCE = "The tenant pays the rent in advance on the first working day of each month."


def planned(name: str, weight: float = 1.0, **fields: Any) -> CheckSpec:
    """A check whose score stands in the row's metadata; null means that it could not run."""

    def check(rollout: Rollout) -> CheckResult | Unscored:
        score = rollout.metadata["scores"].get(name, 1.0)
        if score is None:
            return Unscored(Reason.NO_SOURCE, "nothing to compare with")
        return CheckResult(score, "" if score == 1.0 else "not all of it")

    return CheckSpec(name, check, weight, **fields)


@st.composite
def criteria(draw: st.DrawFn, mode: str, *, items: bool) -> tuple[Criterion, ...]:
    """One to four criteria, the first of which can be earned."""
    drawn = []
    for place in range(draw(st.integers(1, 4))):
        is_pitfall = place > 0 and draw(st.booleans())
        plain = mode == "pairwise"
        drawn.append(
            Criterion(
                f"C{place}",
                QUESTION_TEXT,
                -draw(WEIGHTS) if is_pitfall else draw(WEIGHTS),
                scope="item" if items and draw(st.booleans()) else "answer",
                essential=not is_pitfall and draw(st.integers(0, 4)) == 0,
                may_not_apply=draw(st.booleans()),
                choices=("poor", "fair", "good") if not plain and draw(st.integers(0, 3)) == 0 else (),
                quote_from=("source",) if not plain and draw(st.integers(0, 3)) == 0 else (),
            )
        )
    return tuple(drawn)


@st.composite
def rubrics(draw: st.DrawFn) -> JudgeSpec:
    """A rubric in any mode, with one judge or a panel."""
    mode = draw(st.sampled_from(["pointwise", "pointwise", "pairwise", "group"]))
    items = mode == "pointwise" and draw(st.booleans())
    return JudgeSpec(
        models=("model-1",),
        criteria=draw(criteria(mode, items=items)),
        mode=mode,
        against=("reference_answer",) if mode == "pairwise" else (),
        panel=draw(st.sampled_from([(), (), ("model-1", "model-2", "model-3")])),
        rule=draw(st.sampled_from(["majority", "unanimous", "mean"])),
        documents=(Document("source", ("metadata.source",)),),
        items="comments" if items else "",
        min_items=1,
        max_items=3,
        weight=draw(WEIGHTS),
    )


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Any definition with checks in every role."""
    low, high = draw(st.sampled_from([(0.0, 1.0), (-1.0, 1.0), (1.0, 5.0)]))
    judge = draw(rubrics()) if draw(st.integers(0, 4)) else None
    names = st.integers(0, 2).map(lambda count: [str(place) for place in range(count)])
    scores = draw(names) or ([] if judge else ["0"])
    return Definition(
        *("drawn", "1" * 12, low, high),
        gates=tuple(planned(f"gate{n}", reward=low, min_score=0.5) for n in draw(names)[:1]),
        scores=tuple(planned(f"score{n}", draw(WEIGHTS)) for n in scores),
        penalties=tuple(planned(f"penalty{n}", draw(WEIGHTS)) for n in draw(names)),
        metrics=(planned("metric"),),
        judge=replace(judge, empty=low) if judge else None,
        combine=draw(st.sampled_from(["sum", "sum", "minimum"])),
        on_error=draw(st.sampled_from(["neutral", "siblings"])),
        min_coverage=draw(st.sampled_from([0.5, 0.9])),
    )


@st.composite
def groups(draw: st.DrawFn) -> tuple[Definition, list[Any]]:
    """A definition and one to four rows of one prompt, some of which can't be scored."""
    served = draw(definitions())
    gates = [gate.name for gate in served.gates if draw(st.integers(0, 3)) == 0]
    names = [*gates, *(spec.name for spec in (*served.scores, *served.penalties))]
    rows: list[Any] = []
    for place in range(draw(st.integers(1, 4))):
        items = ", ".join('{"text": "x"}' for _ in range(draw(st.sampled_from([0, 1, 2, 3, 4]))))
        scores = {
            name: draw(SCORES | st.just(None) if draw(st.integers(0, 9)) == 0 else SCORES) for name in names
        }
        response = f'{{"comments": [{items}], "seed": "seed-{draw(st.integers(0, 10**6))}"}}'
        metadata = {"scores": scores, "source": SOURCE}
        rows.append(row(response, id=f"r-{place}", reference_answer="The reference.", metadata=metadata))
    if draw(st.integers(0, 5)) == 0:
        rows.append({"id": "no-answer", "messages": [{"role": "user", "content": "Q"}]})
    return served, rows


def by_seed(question: Question, model: Model) -> Reply | BaseException:
    """Verdicts, or a failure, that depend on the seeds in the responses and on the model alone."""
    chance = random.Random(repr([re.findall(r"seed-\d+", question.variable), model.model_id]))
    if chance.random() < 0.15:
        return JudgeFailure(chance.choice(FAILURES), "planned")
    answers = {
        (leaf.criterion.name, leaf.item): an_answer(leaf.criterion, question, chance)
        for leaf in question.leaves
    }
    reply = replied(question, answers)
    for level in [reply.content.get("answer", {}), *reply.content.get("items", [])]:
        for verdict in level.values():
            if isinstance(verdict, dict) and chance.random() < 0.3:
                verdict["evidence"] = "words that stand in no document of this row"
    return reply


def an_answer(criterion: Criterion, question: Question, chance: random.Random) -> str:
    """Any answer, seldom one without a score; of two orders of a comparison the same one mostly."""
    scored = [answer for answer, worth in criterion.worth.items() if worth is not None]
    if chance.random() < 0.08:
        return chance.choice([answer for answer in criterion.worth if answer not in scored])
    place = chance.randrange(len(scored))
    is_turned = "second" in scored and question.variable.find("seed-") > question.variable.find("reference.")
    return scored[len(scored) - 1 - place if is_turned else place]


def effects(explanation: Explanation, part_of: str) -> float:
    return sum(c.effect for c in explanation.comparison.contributions if c.part_of == part_of)


def value_of(record: Mapping[str, Any], name: str) -> float:
    return float(next(m["value"] for m in record["metrics"] if m["name"] == name))


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(groups())
def test_the_last_step_is_the_reward_and_the_parts_add_up(group: tuple[Definition, list[Any]]) -> None:
    served, rows = group
    records = records_of(served, rows, by_seed)
    for record in records:
        explanation = explain(record, records, served)
        assert explanation.steps[-1].value == record["reward"]
        assert "as recorded" not in [step.label for step in explanation.steps]
        assert explanation.why.endswith(".")
        assert explanation.case != "unknown"
        event(f"{explanation.case}, {served.judge.mode if served.judge else None}, {served.combine}")
        assert "".join(segment.text for segment in explanation.response.segments) == explanation.response.text
        check_rubric(explanation, record)
        check_group(explanation, records)
        bare = explain(metrics_only(record), [metrics_only(other) for other in records], served)
        assert bare.steps[-1].value == record["reward"]


def check_rubric(explanation: Explanation, record: Record) -> None:
    rubric = explanation.rubric
    if rubric is None or rubric.score is None:
        return
    assert rubric.steps[-1].value == rubric.score == value_of(record, "rubric")
    assert sum(c.share or 0.0 for c in explanation.criteria) == pytest.approx(rubric.score, abs=1e-9)


def check_group(explanation: Explanation, records: list[Record]) -> None:
    rewards = [record["reward"] for record in records if record["group"] == explanation.group is not None]
    comparison = explanation.comparison
    if len(rewards) > 1:
        difference = explanation.reward - mean(rewards)
        assert effects(explanation, "") == pytest.approx(difference, abs=1e-9)
        if comparison.advantage is not None:
            assert comparison.advantage == pytest.approx(difference / stdev(rewards))
        else:
            assert max(rewards) - min(rewards) < 1e-6
        rubric = next((c.effect for c in comparison.contributions if c.name == "rubric"), None)
        if any(c.part_of for c in comparison.contributions):
            assert effects(explanation, "rubric") == pytest.approx(rubric, abs=1e-9)
