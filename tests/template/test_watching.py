"""Alarms, dashboard and saved queries: what they read is what the function really sends and logs."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report import metrics
from reward_fn.report.telemetry import NAMESPACE, Telemetry
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import Call, Usage
from tests.factory import row
from tests.template.claims import alarms, metrics_of
from tests.template.cloudformation import PROJECT, by_type, deployed
from tests.unit.fake_judge import FakeJudge

LAMBDA = {
    "Invocations",
    "Errors",
    "Throttles",
    "Duration",
    "ConcurrentExecutions",
    "ProvisionedConcurrentExecutions",
    "ProvisionedConcurrencySpilloverInvocations",
}
"""Metrics that Lambda itself sends (AWS's list of them)."""
INSIGHTS_WORDS = set(
    "filter stats sort limit parse display fields as by and or not in asc desc count avg min max sum bin"
    " ispresent strlen m timestamp".split()
)


@pytest.fixture(scope="module")
def sent() -> dict[str, Any]:
    """What one batch of contract-review makes the function write: log lines and metric records."""
    served = load_definition("contract-review")
    comment = {"type": "t", "text_excerpt": "Customer pays in advance", "recommended_action": "Change it."}
    reference = {"target_document": "Customer pays in advance, always.", "reference": "Pay in arrears."}
    good = json.dumps({"comments": [comment]})
    answers = {"a": good, "b": "", "c": good}
    rows = [row(answer, id=name, reference_answer=reference) for name, answer in answers.items()] + ["bad"]
    batch = score_batch(rows, Scorer(served, FakeJudge()), Deadline.after(10.0))
    calls = (*batch.usage.calls, Call("m", 0.1, 1, 1, Reason.DENIED))
    batch = replace(batch, usage=Usage(calls))
    stream, out = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_LAMBDA_FUNCTION_NAME", "SageMakerMine")
        patch.setattr("sys.stdout", out)
        Telemetry(log_text=False, logger=Logger(service="watching", stream=stream)).report(
            batch, served, "request"
        )
    return {
        "lines": [json.loads(line) for line in stream.getvalue().splitlines()],
        "records": [json.loads(line) for line in out.getvalue().splitlines()],
    }


def sent_metrics(sent: dict[str, Any]) -> set[tuple[str, frozenset[str]]]:
    """(metric, names of its dimensions) for all that was sent."""
    return {
        (metric["Name"], frozenset(names))
        for record in sent["records"]
        for directive in record["_aws"]["CloudWatchMetrics"]
        for names in directive["Dimensions"]
        for metric in directive["Metrics"]
    }


# Alarms


def test_every_alarm_reads_a_metric_that_is_sent(sent: dict[str, Any]) -> None:
    for name, alarm in alarms(None).items():
        for metric in metrics_of(alarm):
            if metric["Namespace"] == NAMESPACE:
                dimensions = frozenset(each["Name"] for each in metric["Dimensions"])
                assert (metric["MetricName"], dimensions) in sent_metrics(sent), name
            else:
                assert metric["Namespace"] == "AWS/Lambda", name
                assert metric["MetricName"] in LAMBDA, name


def level(name: str, **metrics: float) -> bool:
    """Whether an alarm with an expression would count a period with these metrics as breaching."""
    alarm = alarms(None, Timeout="300")[name]
    (expression,) = (each["Expression"] for each in alarm["Metrics"] if "Expression" in each)
    known = {"IF": lambda condition, yes, no: yes if condition else no, "ABS": abs}
    value = eval(expression, {"__builtins__": {}}, {**known, **metrics})  # noqa: S307 - the template's own
    beyond = {
        "GreaterThanThreshold": value > alarm["Threshold"],
        "GreaterThanOrEqualToThreshold": value >= alarm["Threshold"],
    }
    return bool(beyond[alarm["ComparisonOperator"]])


@pytest.mark.parametrize(
    ("name", "metrics", "breaching"),
    [
        ("DurationAlarm", {"slowest": 269_000}, False),  # 300 s * 90 % = 270 s
        ("DurationAlarm", {"slowest": 271_000}, True),
        ("UnscoredAlarm", {"imputed": 5, "rollouts": 100}, False),
        ("UnscoredAlarm", {"imputed": 6, "rollouts": 100}, True),
        ("UnscoredAlarm", {"imputed": 3, "rollouts": 3}, False),  # a pre-flight, not a job
        ("UnreadAlarm", {"unread": 5, "rollouts": 100}, False),
        ("UnreadAlarm", {"unread": 64, "rollouts": 64}, True),
        ("UnreadAlarm", {"unread": 20, "rollouts": 20}, False),  # two of the longest pre-flight
        ("UnreadAlarm", {"unread": 25, "rollouts": 25}, True),
        ("RewardCollapseAlarm", {"level": 0.5, "rollouts": 64}, False),
        ("RewardCollapseAlarm", {"level": 0.01, "rollouts": 64}, True),
        ("RewardCollapseAlarm", {"level": 0.99, "rollouts": 64}, True),
        ("RewardCollapseAlarm", {"level": 0.0, "rollouts": 10}, False),
        ("ZeroVarianceAlarm", {"groups": 20, "ties": 17}, False),
        ("ZeroVarianceAlarm", {"groups": 20, "ties": 18}, True),
        ("ZeroVarianceAlarm", {"groups": 2, "ties": 2}, False),
    ],
)
def test_a_share_alarms_beyond_its_threshold_and_only_over_enough_rollouts(
    name: str, metrics: dict[str, float], breaching: bool
) -> None:
    assert level(name, **metrics) is breaching


def test_a_component_alarms_if_its_highest_deviation_is_0_in_each_of_two_hours() -> None:
    alarm = alarms(None)["StuckComponentAlarm"]
    (metric,) = metrics_of(alarm)
    assert (metric["MetricName"], metric["Stat"], metric["Period"]) == ("ComponentDeviation", "MAX", 3600)
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (2, 2)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanOrEqualToThreshold", 0)
    # CloudWatch user guide, "Metrics Insights quotas": an alarm sees the last three hours.
    assert metric["Period"] * alarm["EvaluationPeriods"] <= 3 * 3600


def test_a_trainer_whose_rows_lack_the_answer_sets_off_the_alarm_on_unread_rows() -> None:
    """The silent wiring fault: each row gets the middle of the range, and training goes on."""
    rows = [{"id": str(i), "messages": [{"role": "user", "content": "Q"}], "output": "A"} for i in range(64)]
    served = load_definition("math-answer")
    batch = score_batch(rows, Scorer(served), Deadline.after(10.0))
    assert {result.reward for result in batch.results} == {0.5}
    sent = {
        datum.metric: datum.value for record in metrics.metrics_of(batch, served) for datum in record.data
    }
    assert level("UnreadAlarm", unread=sent["RowsUnread"], rollouts=sent["Rollouts"])


def test_unread_rows_are_counted_over_five_minutes_so_that_slow_callers_are_seen() -> None:
    alarm = alarms(None)["UnreadAlarm"]
    assert {metric["Period"] * alarm["EvaluationPeriods"] for metric in metrics_of(alarm)} == {300}


def test_what_needs_no_share_alarms_at_the_first_within_a_minute() -> None:
    at_once = {"ErrorsAlarm", "ThrottlesAlarm", "JudgeDeniedAlarm", "JudgeQuotaAlarm", "CircuitOpenedAlarm"}
    for name in at_once:
        alarm = alarms(None)[name]
        settings = (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"], alarm["Threshold"])
        assert settings == ("Sum", 60, 1, 0)


def test_every_alarm_that_moves_a_canary_back_can_go_off_while_it_lasts() -> None:
    parameters = {"DeploymentPreference": "Canary10Percent15Minutes"}
    resources = deployed(**parameters)
    (group,) = by_type(resources, "AWS::CodeDeploy::DeploymentGroup").values()
    guards = {each["Name"].strip("<>") for each in group["Properties"]["AlarmConfiguration"]["Alarms"]}
    assert guards == {"ErrorsAlarm", "DurationAlarm", "UnscoredAlarm", "JudgeDeniedAlarm"}
    for name in guards:
        alarm = alarms(None, **parameters)[name]
        (period_s,) = {metric["Period"] for metric in metrics_of(alarm)}
        bad = alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])
        # A batch may take the whole of the template's 5 minutes before it counts; two bad minutes after that,
        # and three until CloudWatch has seen them, are 10 of 15.
        assert 300 + period_s * bad + 180 < 15 * 60, name
        assert period_s * alarm["EvaluationPeriods"] <= 15 * 60, name


def test_every_alarm_says_where_to_read_on_and_every_query_is_explained_there() -> None:
    page = (PROJECT / "docs" / "operating.md").read_text()
    sections = dict(re.findall(r"^## (.*?)$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    tables = sections["Alarms"] + sections["Saved queries"]
    rows = re.findall(r"^\| `?([a-z -]+?)`? \|", tables, re.MULTILINE)
    explained = [row for row in rows if row not in ("alarm", "query")]
    for alarm in alarms(None).values():
        assert alarm["AlarmDescription"].endswith("See docs/operating.md.")
    names = [alarm["AlarmName"].removeprefix("SageMakerRewardFunction-") for alarm in alarms(None).values()]
    assert explained == [*names, *QUERY_NAMES]


# The dashboard


def widgets() -> list[dict[str, Any]]:
    resources = deployed(FunctionName="SageMakerMine", RecipeConcurrencyLimit="50")
    return list(json.loads(resources["Dashboard"]["Properties"]["DashboardBody"])["widgets"])


def dashboard_metrics() -> Iterator[tuple[str, str, dict[str, str], dict[str, Any]]]:
    """(namespace, metric, dimensions, options) of every row that is no expression."""
    for widget in widgets():
        for entry in widget["properties"].get("metrics", []):
            if isinstance(entry[0], str):
                namespace, metric, *pairs, options = entry
                yield namespace, metric, dict(zip(pairs[::2], pairs[1::2], strict=True)), options


def test_the_dashboard_shows_metrics_that_are_sent_of_this_function(sent: dict[str, Any]) -> None:
    rows = list(dashboard_metrics())
    assert len(rows) > 20
    for namespace, metric, dimensions, _ in rows:
        if namespace == NAMESPACE:
            assert (metric, frozenset(dimensions)) in sent_metrics(sent), metric
            assert dimensions == {"function_name": "SageMakerMine"}
        else:
            assert (namespace, metric in LAMBDA) == ("AWS/Lambda", True), metric
            assert dimensions.pop("FunctionName") == "SageMakerMine"
            assert dimensions in ({}, {"Resource": "SageMakerMine:live"})


def test_its_expressions_use_the_rows_beside_them(sent: dict[str, Any]) -> None:
    searches = 0
    for widget in widgets():
        entries = widget["properties"].get("metrics", [])
        ids = {options["id"] for *_, options in entries if "id" in options}
        for (options,) in [entry for entry in entries if not isinstance(entry[0], str)]:
            expression = options["expression"]
            if not expression.startswith("SEARCH("):
                assert set(re.findall(r"[a-z]+", expression)) <= ids - {options["id"]}
                continue
            searches += 1
            own = r'function_name="SageMakerMine"'
            stat = "(?:Sum|Average)"
            form = rf"SEARCH\('\{{(\w+),(\w+),(\w+)\}} MetricName=\"(\w+)\" {own}', '{stat}', 300\)"
            found = re.fullmatch(form, expression)
            assert found is not None
            namespace, *dimensions, metric = found.groups()
            assert namespace == NAMESPACE
            assert (metric, frozenset(dimensions)) in sent_metrics(sent)
    assert searches == 4


def test_it_answers_whether_the_reward_is_healthy() -> None:
    shown = {metric for _, metric, _, _ in dashboard_metrics()}
    assert shown >= {"Reward", "Imputed", "ZeroVarianceGroups", "JudgeCalls", "JudgeFailures", "JudgeLatency"}
    assert shown >= {"JudgeInputTokens", "JudgeOutputTokens", *LAMBDA}
    assert shown >= {"JudgeDenied", "JudgeQuotaExhausted", "CircuitOpened"}
    stats = {options["stat"] for _, metric, _, options in dashboard_metrics() if metric == "Reward"}
    assert stats == {"Average", "p10", "p50", "p90"}
    assert [widget["type"] for widget in widgets()].count("log") == 1


def test_no_two_widgets_overlap_and_none_leaves_the_grid() -> None:
    cells: set[tuple[int, int]] = set()
    for widget in widgets():
        xs = range(widget["x"], widget["x"] + widget["width"])
        own = {(x, y) for x in xs for y in range(widget["y"], widget["y"] + widget["height"])}
        assert widget["x"] + widget["width"] <= 24
        assert not own & cells
        cells |= own


# Queries


def queries() -> dict[str, str]:
    """All Logs Insights queries by name, the dashboard's own among them."""
    saved = by_type(deployed(FunctionName="SageMakerMine"), "AWS::Logs::QueryDefinition")
    found = {each["Properties"]["Name"]: each["Properties"]["QueryString"] for each in saved.values()}
    (widget,) = (each for each in widgets() if each["type"] == "log")
    source, _, query = widget["properties"]["query"].partition(" | ")
    assert source == "SOURCE '/aws/lambda/SageMakerMine'"
    return {**found, "dashboard": query}


QUERY_NAMES = [
    "rewards by id",
    "mean of each dimension",
    "gates that failed",
    "judge failures by reason",
    "judge failures by cause",
    "lowest rewards",
]


def test_the_queries_are_saved_for_the_functions_log() -> None:
    saved = by_type(deployed(FunctionName="SageMakerMine"), "AWS::Logs::QueryDefinition")
    assert [each["Properties"]["Name"] for each in saved.values()] == [
        f"SageMakerMine/{name}" for name in QUERY_NAMES
    ]
    assert all(each["Properties"]["LogGroupNames"] == ["<FunctionLogs>"] for each in saved.values())


def commands(query: str) -> list[tuple[str, str]]:
    """(command, its arguments) for each step between the pipes; a comment is none."""
    text = "\n".join(line for line in query.splitlines() if not line.lstrip().startswith("#"))
    steps = (step.strip() for step in text.split("|"))
    return [(word, rest) for word, _, rest in (step.partition(" ") for step in steps)]


def fields_used(query: str) -> set[str]:
    """The names of fields that a query reads, its own names left out."""
    made: set[str] = set()
    used: set[str] = set()
    for command, rest in commands(query):
        made |= set(re.findall(r"\bas (\w+)", rest)) | set(re.findall(r"\(\?<(\w+)>", rest))
        bare = re.sub(r"\"[^\"]*\"|'[^']*'|/[^/]*/|\bas \w+|\bbin\(\w+\)", " ", rest)
        used |= set(re.findall(r"@?[A-Za-z_]\w*(?:\.\d+)?", bare)) if command != "limit" else set()
    return {name for name in used if name.lstrip("@") not in INSIGHTS_WORDS} - made


@pytest.mark.parametrize("name", [*(f"SageMakerMine/{each}" for each in QUERY_NAMES), "dashboard"])
def test_a_query_reads_fields_that_the_lines_have(name: str, sent: dict[str, Any]) -> None:
    # A list is a field for each of its elements: reasons.0 is the first reason.
    logged = {key for line in sent["lines"] for key in line}
    logged |= {
        f"{key}.0"
        for line in sent["lines"]
        for key, value in line.items()
        if isinstance(value, list) and value
    }
    used = fields_used(queries()[name])
    assert used
    assert used <= logged


@pytest.mark.parametrize("name", [*(f"SageMakerMine/{each}" for each in QUERY_NAMES), "dashboard"])
def test_a_query_is_made_of_commands_that_logs_insights_knows(name: str) -> None:
    steps = commands(queries()[name])
    assert {command for command, _ in steps} <= {"filter", "stats", "sort", "limit", "parse", "display"}
    assert steps[0][0] == "filter"
    assert re.match(r"message = [\"']rollout[\"']", steps[0][1])
    for command, rest in steps:
        assert rest, command
        assert rest.count("(") == rest.count(")")
        assert rest.count('"') % 2 == 0
        if command == "sort":
            assert re.fullmatch(r"\w+ (asc|desc)", rest)


def test_a_query_with_a_field_that_is_not_logged_would_be_noticed(sent: dict[str, Any]) -> None:
    logged = {key for line in sent["lines"] for key in line}
    assert fields_used('filter message = "rollout" | stats avg(reward_score) by gate') - logged == {
        "reward_score"
    }


def test_the_reasons_that_are_not_the_judges_are_left_out_by_name() -> None:
    query = queries()["SageMakerMine/judge failures by reason"]
    (listed,) = re.findall(r"not in \[(.*?)\]", query)
    names = set(re.findall(r'"(\w+)"', listed))
    nobody_asked = {Reason.BAD_ROW, Reason.NO_RESPONSE, Reason.NO_SOURCE, Reason.CHECK_FAILED}
    assert names == {*nobody_asked, Reason.INTERNAL_ERROR}
