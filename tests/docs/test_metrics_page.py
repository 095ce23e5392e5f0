"""docs/metrics.md has every CloudWatch metric once, with the dimension that it has beside the definition."""

import re

import pytest

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.metrics import metrics_of
from reward_fn.reserved_names import CLOUDWATCH
from reward_fn.types.unscored import Reason
from rewardctl.cloud.prices import HOURS_A_MONTH
from tests import factory
from tests.docs.markdown import page, tables
from tests.unit.fake_judge import FakeJudge, all_yes

ROWS = [row for table in tables(page("metrics.md")) for row in table[1:]]
TEXT = {name: row[1] for row in ROWS for name in re.findall(r"`(\w+)`", row[0])}
WITH_A_DIMENSION = {
    "ComponentAdvantageShare": "component",
    "ComponentDeviation": "component",
    "GateFailed": "check",
    "JudgeAnswers": "model",
    "JudgeCallsFailed": "reason",
    "Unscored": "reason",
}
JUDGED = """
name = "judged"
[[gate]]
check = "hollow_answer"
[judge]
model = "medium"
[[judge.criterion]]
name = "Sound"
question = "Is every step of the answer correct?"
"""


def test_the_page_has_every_metric_once() -> None:
    listed = [name for row in ROWS for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(listed) == sorted(CLOUDWATCH)


def test_the_custom_metrics_of_components_are_as_many_as_the_page_says() -> None:
    """Two dimension sets, of two names for what pays and of one for gates and penalties."""
    served = load_definition("contract-review")
    assert served.judge
    paying = len(served.scores) + len(served.judge.criteria) + 1
    number = 2 * (2 * paying + len(served.gates) + len(served.penalties))
    text = " ".join(page("metrics.md").split())
    assert f"For `contract-review` that is {number} custom metrics" in text
    assert f"So {number} cost {0.3 * number:.2f} dollars a month" in text
    assert f"{0.3 * number / HOURS_A_MONTH * 10:.2f} dollars for a job of ten hours" in text


@pytest.fixture(scope="module")
def dimensions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The dimensions of each metric of a batch with a failed gate, two verdicts and a failed call."""
    definition = factory.definition(tmp_path_factory.mktemp("metrics"), JUDGED)

    def answer(question: Question, _model: Model) -> Reply:
        if "denied" in question.variable:
            raise JudgeFailure(Reason.DENIED, "no")
        return all_yes(question)

    rows = [factory.row(text) for text in ("", "It is right.", "It is sound.", "It is denied.")]
    scored = score_batch(rows, Scorer(definition, FakeJudge(answer)), Deadline.after(60.0))
    found: dict[str, set[str]] = {}
    for record in metrics_of(scored, definition):
        for datum in record.data:
            found.setdefault(datum.metric, set()).update(record.dimensions.keys() - {"definition"})
    return found


def test_the_metrics_with_a_further_dimension_name_it(dimensions: dict[str, set[str]]) -> None:
    assert {name: {dimension} for name, dimension in WITH_A_DIMENSION.items()} == {
        name: further for name, further in dimensions.items() if further
    }
    for name, dimension in WITH_A_DIMENSION.items():
        assert f"by `{dimension}`" in TEXT[name]
