"""Which rollouts are worth reading, and the pairs of two runs."""

from rewardctl.report.choice import MANY, SIBLINGS, choose, groups_of, page_rows
from rewardctl.report.columns import Columns
from rewardctl.report.compare import compare
from tests.report.records import groups, record

CALL = {"model": "m", "shared_by": 1, "input_tokens": 0, "output_tokens": 0, "failure": None}


def chosen(*records: dict[str, object]) -> dict[str, list[int]]:
    return choose(Columns.read(records))


def test_the_odd_one_of_a_group_is_the_most_surprising() -> None:
    """.9 lies .8 from its siblings, which lie .27 from theirs; a group of equals surprises nobody."""
    lists = chosen(*groups([(0.5, 0.5, 0.5), (0.1, 0.1, 0.9)]))
    assert lists["most surprising"] == [5, 3, 4]


def test_of_equally_surprising_ones_that_of_doubtful_votes_comes_first() -> None:
    rows = groups([(0.0, 1.0), (0.0, 1.0)])
    rows[3]["metrics"] = [{"name": "judge_agreement", "value": 0.3, "type": "Metric"}]
    assert chosen(*rows)["most surprising"][0] == 3


def test_a_rollout_that_a_gate_stopped_has_a_list_of_its_own() -> None:
    lists = chosen(record(0.0, gate="schema"), record(0.6), record(0.8))
    assert lists["stopped by a gate"] == [0]
    assert 0 not in lists["most surprising"]


def test_the_slowest_have_the_most_seconds_of_judge_calls() -> None:
    """Two calls of 2 s are slower than one of 3 s; a call that two rollouts share counts half."""
    twice = [{**CALL, "latency_s": 2.0}, {**CALL, "latency_s": 2.0}]
    lists = chosen(
        record(calls=[{**CALL, "latency_s": 3.0}]),
        record(calls=twice),
        record(calls=[{**CALL, "latency_s": 8.0, "shared_by": 4}]),
        record(),
    )
    assert lists["slowest"] == [1, 0, 2]


def test_a_list_without_rollouts_is_left_out_and_none_is_endless() -> None:
    lists = chosen(*groups([(0.0, 1.0)] * 100))
    assert "slowest" not in lists
    assert "stopped by a gate" not in lists
    assert max(map(len, lists.values())) == MANY


def test_the_longest_leave_out_rows_without_a_response() -> None:
    assert chosen(record(response="xxx"), record(row=None), record(response="xxxx"))["longest"] == [2, 0]


def test_the_groups_of_chosen_rows_are_found_and_bounded() -> None:
    columns = Columns.read([*groups([(0.1, 0.2)]), *[record(0.5, "big")] * 40, record(0.5, None)])
    result = groups_of(columns, [0, 2, 42])
    assert result[columns.group[0]] == [0, 1]
    assert result[columns.group[2]] == list(range(2, 2 + SIBLINGS))
    assert len(result) == 2


def test_runs_are_paired_by_id_wherever_the_rollouts_stand() -> None:
    first = Columns.read([record(0.2, id="a"), record(0.4, id="b"), record(0.5, id="only")])
    second = Columns.read([record(0.9, id="b"), record(0.2, id="a"), record(0.5, id="other")])
    (comparison,) = compare(["one", "two"], [first, second])
    assert (comparison.paired, comparison.only_first, comparison.only_second) == (2, 1, 1)
    assert (comparison.changed, comparison.mean_change) == (1, 0.25)
    assert comparison.error == 0.25  # changes of 0 and .5: a deviation of .3536 over the root of 2
    assert [(pair.id, pair.first_row, pair.second_row) for pair in comparison.largest] == [("b", 1, 0)]


def test_an_id_that_occurs_twice_is_not_paired() -> None:
    twice = Columns.read([record(0.2, id="a"), record(0.4, id="a"), record(0.1, id=7)])
    (comparison,) = compare(["one", "two"], [twice, Columns.read([record(0.2, id="a"), record(0.1, id=7)])])
    assert (comparison.paired, comparison.only_second, comparison.largest) == (1, 1, ())


def test_each_further_run_is_compared_with_the_first() -> None:
    runs = [Columns.read([record(reward, id="a")]) for reward in (0.0, 0.5, 1.0)]
    changes = [(result.first, result.second, result.mean_change) for result in compare(["a", "b", "c"], runs)]
    assert changes == [("a", "b", 0.5), ("a", "c", 1.0)]


def test_a_page_lists_all_rollouts_up_to_its_limit() -> None:
    columns = Columns.read(groups([(0.0, 1.0)] * 50))
    assert page_rows(columns, [], limit=100) is None


def test_a_larger_run_is_thinned_out_by_whole_blocks_and_keeps_the_chosen() -> None:
    """100 rows and room for 60: every second block of 16 rows, and row 99."""
    columns = Columns.read(groups([(0.0, 1.0)] * 50))
    kept = page_rows(columns, [99], limit=60)
    assert kept == [*range(16), *range(32, 48), *range(64, 80), *range(96, 100)]
    assert page_rows(columns, [31], limit=40) == [*range(16), 31, *range(48, 64), *range(96, 100)]
