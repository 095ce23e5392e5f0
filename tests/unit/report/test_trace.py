"""What a trace says, which rollouts are traced, and that it can be read back and scored again."""

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition, load_pinned
from reward_fn.errors import JudgeFailure
from reward_fn.event.parse import parse_event
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.trace import FORMAT, Batch, choose, encode, object_key
from reward_fn.settings import Settings
from reward_fn.types.batch import Scored
from reward_fn.types.definition import Definition
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason
from rewardctl.runs import records
from rewardctl.runs.records import read_traces
from tests.contract.expected import CASES, read_expected
from tests.factory import row
from tests.stores.conftest import KEYS
from tests.unit.fake_judge import FakeJudge, all_yes

AT = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
JUDGED = load_pinned(
    b"""
name = "judged"
[[gate]]
check = "hollow_answer"
[[score]]
check = "numeric_answer"
reference = ["reference_answer"]
[judge]
model = "medium"
[[judge.document]]
name = "source"
source = ["metadata.source"]
[[judge.criterion]]
name = "Grounded"
question = "Does the source support the answer?"
quote_from = ["source"]
""",
    "ssm:/rewards/judged:3",
)
SOURCE = "The fee is five dollars, due on the first of June."


def scored(event: Any, served: Definition, judge: FakeJudge | None = None) -> Scored:
    settings = Settings(judge_max_attempts=1)
    deadline = Deadline.after(10)
    return score_batch(event, Scorer(served, judge, settings=settings), deadline)


def written(batch: Scored, served: Definition) -> list[dict[str, Any]]:
    """The records of a batch that is traced as a whole."""
    chosen = tuple(range(len(batch.results)))
    return read_traces(encode(Batch(batch, chosen, "request-1", AT), served))


def judged_row(**fields: Any) -> dict[str, Any]:
    return row("5", prompt="What is the fee?", reference_answer="5", metadata={"source": SOURCE}, **fields)


# The record


def test_a_record_has_checks_verdicts_evidence_judge_and_text() -> None:
    (record,) = written(scored([judged_row(id="a")], JUDGED, FakeJudge()), JUDGED)
    assert (record["id"], record["reward"], record["request_id"]) == ("a", 1.0, "request-1")
    assert record["checks"]["numeric_answer"] == {"score": 1.0, "detail": "", "unscored": None}
    (verdict,) = record["verdicts"]
    assert (verdict["criterion"], verdict["answer"], verdict["unsupported"]) == ("Grounded", "yes", False)
    assert len(verdict["evidence"]) > 20
    assert verdict["evidence"] in SOURCE
    (call,) = record["calls"]
    assert (call["model"], call["input_tokens"], call["output_tokens"]) == (
        "us.amazon.nova-2-lite-v1:0",
        100,
        10,
    )
    assert record["definition_source"] == "ssm:/rewards/judged:3"
    assert record["row"]["messages"] == [
        {"role": "user", "content": "What is the fee?"},
        {"role": "assistant", "content": "5"},
    ]


def test_identical_rollouts_name_the_call_that_they_share() -> None:
    judge = FakeJudge()
    first, second = written(scored([judged_row(id="a"), judged_row(id="b")], JUDGED, judge), JUDGED)
    assert len(judge.asked) == 1
    assert first["calls"] == second["calls"] != []


def test_calls_are_those_of_the_rollout_alone() -> None:
    other = row("6", prompt="And now?", reference_answer="6", metadata={"source": SOURCE})

    def answer(question: Question, model: Model) -> Reply | BaseException:
        if "And now?" in question.static:
            return JudgeFailure(Reason.DENIED, "not allowed")
        return all_yes(question, model)

    good, failed = written(scored([judged_row(), other], JUDGED, FakeJudge(answer)), JUDGED)
    assert [call["failure"] for call in good["calls"]] == [None]
    assert [call["failure"] for call in failed["calls"]] == ["denied"]
    assert (failed["verdicts"], failed["reasons"][0]["reason"]) == ([], "denied")


def test_a_gated_and_a_malformed_row_are_traced_too() -> None:
    gated, malformed = written(scored([judged_row() | row("..."), "no row"], JUDGED, FakeJudge()), JUDGED)
    assert (gated["gate"], gated["calls"], gated["verdicts"]) == ("hollow_answer", [], [])
    assert (malformed["row"], malformed["group"], malformed["checks"]) == (None, None, {})
    assert malformed["reasons"][0]["reason"] == "bad_row"


EVENTS = [case for case in CASES if read_expected(case).error is None]


def comparable(entry: Any) -> Any:
    assert isinstance(entry, Rollout)
    metadata: Mapping[str, Any] = entry.metadata
    said = (entry.response, entry.tool_calls)
    return (entry.id, entry.messages, said, entry.reference_answer, metadata, entry.group)


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_a_traced_row_is_the_same_rollout_again(path: Path) -> None:
    served = load_definition("math-answer")
    batch = scored(json.loads(path.read_text(encoding="utf-8")), served)
    records = written(batch, served)
    for entry, record in zip(batch.entries, records, strict=True):
        if record["row"] is not None:
            (again,) = parse_event([record["row"]])
            assert comparable(again) == comparable(entry)


# The bytes


def test_lone_surrogates_and_nan_survive_as_json() -> None:
    served = load_definition("math-answer")
    hostile = row(
        "\ud800 5", reference_answer="5", metadata={"nan": float("nan"), "deep": [float("inf"), 1.5]}
    )
    batch = scored([hostile], served)
    content = encode(Batch(batch, (0,), "r", AT), served)
    line = gzip.decompress(content)
    line.decode("ascii")

    def none(name: str) -> None:
        pytest.fail(f"{name} is not JSON")

    record = json.loads(line, parse_constant=none)
    assert record["row"]["messages"][-1]["content"] == "\ud800 5"
    assert record["row"]["metadata"] == {"nan": None, "deep": [None, 1.5]}


def test_no_credential_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    batch = scored([judged_row()], JUDGED, FakeJudge())
    text = gzip.decompress(encode(Batch(batch, (0,), "r", AT), JUDGED)).decode()
    assert [name for name, value in KEYS.items() if value in text and name != "AWS_DEFAULT_REGION"] == []


def test_the_same_batch_gives_the_same_bytes() -> None:
    batch = Batch(scored([judged_row()], JUDGED, FakeJudge()), (0,), "r", AT)
    assert encode(batch, JUDGED) == encode(batch, JUDGED)


@pytest.mark.parametrize("prefix", ["traces/", "traces", "/traces/"])
def test_the_key_is_by_day_and_definition(prefix: str) -> None:
    batch = Batch(scored([], JUDGED, FakeJudge()), (), "../8f5a b", AT)
    assert object_key(prefix, JUDGED, batch) == "traces/date=2026-03-01/definition=judged/---8f5a-b.jsonl.gz"


# The choice


def groups(share: float, count: int = 400, served: Definition = JUDGED) -> set[str]:
    """The prompts that are chosen of ``count``, each with two different answers, in one batch."""
    rows = [row(answer, prompt=f"Q{n}", metadata={}) for n in range(count) for answer in ("A", "B")]
    batch = scored(rows, served, FakeJudge())
    chosen = choose(batch, served, share)
    prompts = [rows[index]["messages"][0]["content"] for index in chosen]
    assert all(prompts.count(prompt) == 2 for prompt in set(prompts)), "a group is kept as a whole"
    return set(prompts)


def test_the_share_of_groups_is_kept_and_a_larger_one_has_the_smaller_in_it() -> None:
    # 400 draws at 0.25: 100 expected, standard deviation sqrt(400 * .25 * .75) = 8.7; four of them either way
    few, many = groups(0.25), groups(0.5)
    assert 65 < len(few) < 135
    assert few < many


def test_all_and_none_are_exact() -> None:
    assert (len(groups(1.0, 50)), len(groups(0.0, 50))) == (50, 0)


def test_another_version_of_the_definition_draws_anew() -> None:
    assert groups(0.5) != groups(0.5, served=load_definition("math-answer"))


def test_rows_without_a_group_are_drawn_by_their_id() -> None:
    served = load_definition("math-answer")
    rows = [{"id": f"id-{n}", "messages": []} for n in range(200)]
    chosen = choose(scored(rows, served), served, 0.5)
    assert 70 < len(chosen) < 130  # 100 expected, standard deviation 7.1
    alone = [n for n in range(200) if choose(scored([rows[n]], served), served, 0.5)]
    assert tuple(alone) == chosen, "in whatever batch"


# Reading back


def test_both_sides_mean_the_same_format() -> None:
    assert records.FORMAT == FORMAT


def test_what_is_not_packed_is_read_too_and_blank_lines_are_none() -> None:
    assert read_traces(b'{"trace": 1, "id": "a"}\n\n{"trace": 1}\n') == [
        {"trace": 1, "id": "a"},
        {"trace": 1},
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"trace": 1}\n{"trace"', "line 2 is not JSON"),
        (b"[1]\n", "line 1 is not a trace"),
        (b'{"id": 1}', "line 1 is not a trace"),
        (b'{"trace": 2}', "line 1 has the format 2, newer than 1"),
        (gzip.compress(b'{"trace": 1}', mtime=0)[:-9], "not gzip, or truncated"),
        (b"\x1f\x8bnonsense", "not gzip"),
    ],
)
def test_what_is_no_trace_is_refused_by_its_line(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_traces(content)
