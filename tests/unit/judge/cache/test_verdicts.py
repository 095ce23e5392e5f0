"""Verdicts kept: what is found is what was kept for that very question, and everything else is a miss."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Model, Question
from reward_fn.judge.cache import entry as entry_module
from reward_fn.judge.cache import verdicts
from reward_fn.judge.cache.entry import (
    MAX_TEXT_CHARS,
    Entry,
    _checksum,
    decode,
    encode,
    key_of,
)
from reward_fn.judge.cache.verdicts import BatchCache, VerdictCache
from reward_fn.judge.call.caller import Caller
from reward_fn.judge.limit.gates import Gates
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.settings import Settings
from reward_fn.types.batch import Scored
from reward_fn.types.definition import Definition
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Reason
from reward_fn.types.verdict import Judged, Leaf, Verdict
from tests.factory import build_question, rollout, row
from tests.unit.fake_judge import FakeJudge, Script, Step, all_yes, replied
from tests.unit.rubric import criterion, definition, judge_spec

SOUND = criterion("Sound", quote_from=("doc",))
GRADE = criterion("Grade", choices=("poor", "fair", "good"), may_not_apply=True)
LEAVES = (Leaf(SOUND), Leaf(GRADE))
MODEL = Model("model-1", temperature=0.0)
KEY = "k" * 64
NOW_S = 1_000_000.0
LATER_S = 2_000_000


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now_s = NOW_S

    def __call__(self) -> float:
        return self.now_s


class FakeTable:
    """A table that keeps what it is given, and counts."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.reads: list[list[str]] = []
        self.within_s: list[float] = []
        self.writes = 0
        self.errors = 0

    def read(self, keys: Sequence[str], within_s: float) -> Mapping[str, Entry]:
        assert len(set(keys)) == len(keys)
        self.reads.append(list(keys))
        self.within_s.append(within_s)
        return {key: self.entries[key] for key in keys if key in self.entries}

    def write(self, entries: Sequence[Entry]) -> None:
        self.writes += 1
        assert len({entry.key for entry in entries}) == len(entries)
        self.entries |= {entry.key: entry for entry in entries}

    def take_errors(self) -> int:
        errors, self.errors = self.errors, 0
        return errors


def cache(
    table: FakeTable | None = None,
    *,
    version: str = "v1",
    max_verdicts: int = 100,
    clock: Callable[[], float] | None = None,
) -> VerdictCache:
    return VerdictCache(version, max_verdicts=max_verdicts, ttl_s=600.0, table=table, clock=clock or Clock())


def score(judge: FakeJudge, kept: VerdictCache, *responses: str, served: Definition | None = None) -> Scored:
    """One invocation over rollouts of one prompt."""
    rows = [row(text, id=f"r{index}") for index, text in enumerate(responses)]
    return score_batch(
        rows, Scorer(served or definition(criterion("Sound")), judge, cache=kept), Deadline.after(10.0)
    )


def counts(scored: Scored) -> tuple[int, ...]:
    """Calls, hits and misses of a batch."""
    assert scored.usage.recalled is not None
    return len(scored.usage.calls), scored.usage.recalled.hits, scored.usage.recalled.misses


# Keys


def question(response: str = "A", *, prompt: str = "Q", spec: JudgeSpec | None = None) -> Question:
    return build_question(rollout(response, prompt=prompt), spec or judge_spec(criterion("Sound")))


def key(version: str = "v1", *, model: Model = MODEL, vote: int = 0, **asked: Any) -> str:
    return key_of(version, question(**asked), model, vote)


def test_the_random_fence_is_no_part_of_the_key() -> None:
    one, other = question(), question()
    assert one.variable != other.variable
    assert key_of("v1", one, MODEL, 0) == key_of("v1", other, MODEL, 0)


@pytest.mark.parametrize(
    "other",
    [
        {"version": "v2"},
        {"model": Model("model-2", temperature=0.0)},
        {"model": Model("model-1", temperature=0.7)},
        {"model": Model("model-1")},
        {"model": replace(MODEL, place="us-west-2")},
        {"model": Model("model-1", "text", 0.0)},
        {"vote": 1},
        {"response": "B"},
        {"prompt": "Q2"},
        {"spec": judge_spec(criterion("Sound"), max_tokens=99)},
        {"spec": judge_spec(criterion("Other"))},
        {"spec": judge_spec(criterion("Sound", may_not_apply=True))},
        {"spec": judge_spec(criterion("Sound", choices=("no", "yes")))},
        {"spec": judge_spec(criterion("Sound"), show_prompt=False)},
        {"spec": judge_spec(replace(criterion("Sound"), question="Is it another question?"))},
    ],
    ids="+".join,  # a set within a value is written in another order by each process
)
def test_whatever_verdicts_depend_on_is_part_of_the_key(other: dict[str, Any]) -> None:
    assert key(**other) != key()


def test_the_documents_text_and_the_order_of_criteria_are_part_of_the_key() -> None:
    two = question(spec=judge_spec(criterion("A"), criterion("B")))
    swapped = replace(two, leaves=two.leaves[::-1])
    assert key_of("v1", two, MODEL, 0) != key_of("v1", swapped, MODEL, 0)
    longer = replace(two, static=two.static + "\n")  # another layout of the same material
    assert key_of("v1", two, MODEL, 0) != key_of("v1", longer, MODEL, 0)


# Entries

ANSWERS = st.tuples(
    st.sampled_from([("yes", False), ("no", False), ("no", True), ("cannot_assess", False)]),
    st.sampled_from(["poor", "fair", "good", "cannot_assess", "not_applicable"]),
)


@given(answers=ANSWERS, evidence=st.text())
def test_what_is_read_is_what_was_written_but_for_the_evidence(answers: Any, evidence: str) -> None:
    (answer, unsupported), grade = answers
    verdicts = (Verdict(answer, evidence, unsupported), Verdict(grade, evidence))
    entry = encode(KEY, verdicts, LATER_S)
    assert entry.text.isascii()
    assert decode(entry, KEY, LEAVES, NOW_S) == (Verdict(answer, "", unsupported), Verdict(grade))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=8,
)


@given(value=JSON)
def test_another_value_behind_a_proper_checksum_is_a_miss_or_whole(value: Any) -> None:
    """Somebody who can write the table can make a checksum: the answers must be on the menu all the same."""
    answers = json.dumps(value)
    found = decode(of(answers), KEY, LEAVES, NOW_S)
    assert found is None or all(
        v.answer in leaf.criterion.worth for v, leaf in zip(found, LEAVES, strict=True)
    )


@given(place=st.integers(0, 200), char=st.characters())
def test_a_changed_character_is_a_miss(place: int, char: str) -> None:
    entry = encode(KEY, (Verdict("yes"), Verdict("fair")), LATER_S)
    at = place % len(entry.text)
    changed = entry.text[:at] + char + entry.text[at + 1 :]
    found = decode(entry._replace(text=changed), KEY, LEAVES, NOW_S)
    assert (found is None) == (changed != entry.text)


@given(text=st.text())
def test_any_text_is_a_miss(text: str) -> None:
    assert decode(Entry(KEY, text, LATER_S), KEY, LEAVES, NOW_S) is None


def of(answers: str) -> Entry:
    """An entry with a proper checksum."""
    return Entry(KEY, f"{_checksum(KEY, LATER_S, answers)} {answers}", LATER_S)


PROPER = '[["no",1],["good",0]]'


def test_a_proper_entry_is_read() -> None:
    assert decode(of(PROPER), KEY, LEAVES, NOW_S) == (Verdict("no", "", True), Verdict("good"))


@pytest.mark.parametrize(
    "answers",
    [
        '[["no",1]]',  # incomplete
        '[["no",1],["good",0],["good",0]]',
        '[["good",0],["no",0]]',  # each off the other's menu
        '[["yes",1],["good",0]]',  # only the worst answer can be one without its quote
        '[["maybe",0],["good",0]]',
        '[["no",2],["good",0]]',
        '[["no"],["good"]]',
        '[["no",0,0],["good",0]]',
        '{"no":1,"good":0}',
        "[" * 90_000,
        "",
        "null",
    ],
    ids=lambda text: text[:30],
)
def test_what_is_incomplete_or_off_the_menu_is_a_miss(answers: str) -> None:
    assert decode(of(answers), KEY, LEAVES, NOW_S) is None


def test_another_questions_entry_and_an_old_one_are_misses() -> None:
    entry = of(PROPER)
    assert decode(entry._replace(key="x" * 64), KEY, LEAVES, NOW_S) is None
    assert decode(entry, "x" * 64, LEAVES, NOW_S) is None
    assert decode(entry, KEY, LEAVES, float(LATER_S)) is None  # DynamoDB deletes within days, not at once
    assert decode(entry._replace(expires_s=LATER_S + 1), KEY, LEAVES, NOW_S) is None, "nobody prolongs it"


# A batch that comes again


def test_a_batch_that_comes_again_is_not_judged_again() -> None:
    judge, kept = FakeJudge(), cache()
    first, second = score(judge, kept, "A", "B"), score(judge, kept, "B", "A", "C")
    assert (counts(first), counts(second)) == ((2, 0, 2), (1, 2, 1))
    assert len(judge.asked) == 3
    assert [result.reward for result in second.results] == [1.0, 1.0, 1.0]


def test_evidence_stays_in_memory() -> None:
    judge, kept = FakeJudge(), cache()
    first, second = score(judge, kept, "A"), score(judge, kept, "A")
    one, other = first.outcomes[0], second.outcomes[0]
    assert isinstance(one, Judged)
    assert isinstance(other, Judged)
    assert [v.evidence for v in one.verdicts.values()] == [v.evidence for v in other.verdicts.values()]


def test_another_definition_is_judged_anew() -> None:
    table = FakeTable()
    judge = FakeJudge()
    assert counts(score(judge, cache(table), "A")) == (1, 0, 1)
    assert counts(score(judge, cache(table, version="v2"), "A")) == (1, 0, 1)
    assert counts(score(judge, cache(table), "A")) == (0, 1, 0)


def test_an_own_rubrics_criteria_find_their_verdicts_again_as_new_objects() -> None:
    """They are read anew at each invocation, and a criterion is the same only as itself."""
    judge, kept = FakeJudge(), cache()
    first = definition(criterion("Sound"))
    second = definition(criterion("Sound"))
    score(judge, kept, "A", served=first)
    again = score(judge, kept, "A", served=second)
    assert counts(again) == (0, 1, 0)
    assert again.results[0].reward == 1.0


@pytest.mark.parametrize("failure", [Reason.THROTTLED, Reason.FILTERED, Reason.DENIED, Reason.MALFORMED])
def test_a_failure_is_not_kept(failure: Reason) -> None:
    judge, kept = FakeJudge(lambda _q, _m: JudgeFailure(failure, "")), cache(table := FakeTable())
    served = definition(judge=judge_spec(criterion("Sound"), models=("model-1", "model-2")))
    settings = replace(Settings(), judge_max_attempts=1)
    scorer = Scorer(served, judge, settings, kept)
    for _ in range(2):
        before = len(judge.asked)
        scored = score_batch([row("A")], scorer, Deadline.after(10.0))
        assert len(judge.asked) > before
        assert scored.results[0].imputed or scored.results[0].reward == 0.0
    assert (table.writes, table.entries) == (0, {})


def test_the_second_models_answer_is_kept_as_its_own() -> None:
    def answer(asked: Question, model: Model) -> Any:
        return JudgeFailure(Reason.DENIED, "") if model.model_id == "model-1" else all_yes(asked)

    served = definition(judge=judge_spec(criterion("Sound"), models=("model-1", "model-2")))
    judge, kept = FakeJudge(answer), cache()
    score(judge, kept, "A", served=served)
    again = score(judge, kept, "A", served=served)
    # the first model is asked again, since it may have come back; the second one's answer is there
    assert judge.models == ["model-1", "model-2", "model-1"]
    assert again.results[0].reward == 1.0


def test_votes_stay_independent_samples() -> None:
    spec = judge_spec(criterion("Sound"), votes=3, models=("us.amazon.nova-pro-v1:0",))
    lock = threading.Lock()
    left = ["yes", "no", "yes"]

    def answer(asked: Question, _model: Model) -> Any:
        with lock:
            said = left.pop()
        return replied(asked, {("Sound", None): said})

    judge, kept = FakeJudge(answer), cache()
    first = score(judge, kept, "A", served=definition(judge=spec))
    second = score(judge, kept, "A", served=definition(judge=spec))
    assert (counts(first), counts(second)) == ((3, 0, 3), (0, 3, 0))
    for scored in (first, second):
        outcome = scored.outcomes[0]
        assert isinstance(outcome, Judged)
        assert outcome.agreement == pytest.approx(1 / 3)  # of three pairs one agrees


def test_kept_verdicts_expire() -> None:
    clock = Clock()
    judge, kept = FakeJudge(), cache(clock=clock)
    score(judge, kept, "A")
    clock.now_s += 599.0
    assert counts(score(judge, kept, "A"))[0] == 0
    clock.now_s += 1.0  # at 600 s, the end of their time, they are gone
    assert counts(score(judge, kept, "A"))[0] == 1


def test_memory_holds_as_many_verdicts_as_it_may_and_not_one_more() -> None:
    judge, kept = FakeJudge(), cache(max_verdicts=3)
    score(judge, kept, "A", "B", "C")
    for response in ("A", "B", "C"):
        assert counts(score(judge, kept, response)) == (0, 1, 0)
    # Two criteria are two verdicts, so A and B go, which were used before C.
    two = definition(criterion("Sound"), criterion("Clear"))
    score(judge, kept, "D", served=two)
    assert counts(score(judge, kept, "C")) == (0, 1, 0)
    assert counts(score(judge, kept, "D", served=two)) == (0, 1, 0)
    assert counts(score(judge, kept, "A"))[1] == 0


def test_verdicts_that_are_kept_again_take_up_their_room_once() -> None:
    kept, leaves = cache(max_verdicts=2), (Leaf(criterion("Sound")),)
    batch = kept.of_batch()
    for key_ in ("b", "a", "a", "a"):  # as two calls do that end at the same time
        batch.keep(key_, leaves, {leaves[0]: Verdict("yes")})
    assert batch.find("b", leaves) is not None
    assert batch.find("a", leaves) is not None


def test_memory_is_bounded_by_verdicts_and_forgets_what_was_not_asked_for_longest() -> None:
    judge, kept = FakeJudge(), cache(max_verdicts=3)
    score(judge, kept, "A", "B")
    score(judge, kept, "A")
    score(judge, kept, "C", "D")  # four verdicts: B goes
    assert counts(score(judge, kept, "A"))[1] == 1
    assert counts(score(judge, kept, "B"))[1] == 0


def test_an_abandoned_call_keeps_nothing() -> None:
    """It may end in a later invocation."""
    kept, abandoned = cache(), threading.Event()

    def answer(asked: Question, _model: Model) -> Any:
        abandoned.set()
        return all_yes(asked)

    batch = kept.of_batch()
    caller = Caller(
        FakeJudge(answer),
        max_attempts=1,
        attempt_s=5.0,
        deadline=Deadline.after(5.0),
        abandoned=abandoned,
        gates=Gates(),
        cache=batch,
    )
    caller.ask([question()], (MODEL,), frozenset(), patient=True, vote=0)
    assert batch.find(batch.key(question(), MODEL, 0), question().leaves) is None


def test_without_a_cache_nothing_is_counted() -> None:
    scored = score_batch(
        [row("A")], Scorer(definition(criterion("Sound")), FakeJudge()), Deadline.after(10.0)
    )
    assert scored.usage.recalled is None


# The table


def test_another_environment_finds_the_verdicts_in_the_table() -> None:
    table, judge = FakeTable(), FakeJudge()
    score(judge, cache(table), "A", "B")
    again = score(judge, cache(table), "A", "B", "C")
    assert counts(again) == (1, 2, 1)
    assert [len(keys) for keys in table.reads] == [2, 3], "one read a batch, whatever its size"
    assert table.within_s == [pytest.approx(0.1)] * 2


def test_no_text_of_rollouts_or_documents_is_in_the_table() -> None:
    table = FakeTable()
    score(FakeJudge(), cache(table), "SECRET-response")
    (entry,) = table.entries.values()
    assert entry.text.partition(" ")[2] == '[["yes",0]]'
    assert "SECRET" not in repr(entry)


def test_memory_is_asked_first() -> None:
    table, judge = FakeTable(), FakeJudge()
    kept = cache(table)
    score(judge, kept, "A")
    score(judge, kept, "A")
    assert len(table.reads) == 1
    assert table.writes == 1


def test_what_the_table_held_is_kept_in_memory_until_its_own_end() -> None:
    clock, table, judge = Clock(), FakeTable(), FakeJudge()
    score(judge, cache(table, clock=clock), "A")  # kept until 600 s from now
    clock.now_s += 500.0
    other = cache(table, clock=clock)
    score(judge, other, "A")
    assert counts(score(judge, other, "A")) == (0, 1, 0)
    assert len(table.reads) == 2, "memory answers the second time"
    clock.now_s += 100.0
    assert counts(score(judge, other, "A")) == (1, 0, 1), "the table's time holds, not another 600 s"


def test_a_table_that_returns_what_it_was_not_asked_for_changes_nothing() -> None:
    table, judge = FakeTable(), FakeJudge()
    score(judge, cache(table), "A")
    (kept_entry,) = table.entries.values()

    class Talkative(FakeTable):
        def read(self, keys: Sequence[str], within_s: float) -> Mapping[str, Entry]:
            return {kept_entry.key: kept_entry}

    assert counts(score(judge, cache(Talkative()), "B")) == (1, 0, 1)


def test_a_choice_with_a_space_comes_back_from_the_table() -> None:
    judge = FakeJudge(lambda asked, _: replied(asked, {("Clear", None): "quite clear"}))
    table, graded = FakeTable(), definition(criterion("Clear", choices=("not clear", "quite clear")))
    first = score(judge, cache(table), "A", served=graded)
    again = score(judge, cache(table), "A", served=graded)
    assert counts(again) == (0, 1, 0)
    assert again.results[0].reward == first.results[0].reward


def entries_of_two() -> list[Entry]:
    """What a table holds of two rollouts, A answered yes and B no, kept at the same moment."""
    table = FakeTable()

    def answer(asked: Question, _model: Model) -> Step:
        verdict = "yes" if "\nA\n" in asked.variable else "no"
        return replied(asked, {("Sound", None): verdict})

    score(FakeJudge(answer), cache(table), "A", "B")
    return list(table.entries.values())


def test_an_entry_counts_under_its_own_key_with_its_own_time_and_answers_alone() -> None:
    one, other = entries_of_two()
    leaves, now_s = (Leaf(criterion("Sound")),), one.expires_s - 1.0
    assert decode(one, one.key, leaves, now_s) is not None
    assert decode(one, one.key, leaves, float(one.expires_s)) is None
    turned = {"yes": "no", "no": "yes"}
    answer = "yes" if "yes" in one.text else "no"
    assert one.text != other.text
    forged = [
        one._replace(text=other.text),  # another rollout's answers
        one._replace(expires_s=one.expires_s + 1),
        one._replace(text=one.text.replace(answer, turned[answer])),
    ]
    assert [decode(entry, one.key, leaves, now_s) for entry in forged] == [None] * 3
    assert decode(one._replace(key=other.key), other.key, leaves, now_s) is None


def test_an_entry_as_long_as_a_table_takes_is_written_and_read(monkeypatch: pytest.MonkeyPatch) -> None:
    table, judge = FakeTable(), FakeJudge()
    score(judge, cache(table), "A")
    (written,) = table.entries.values()
    for longest, calls in ((len(written.text), 0), (len(written.text) - 1, 1)):
        monkeypatch.setattr(verdicts, "MAX_TEXT_CHARS", longest)
        monkeypatch.setattr(entry_module, "MAX_TEXT_CHARS", longest)
        fresh = FakeTable()
        score(judge, cache(fresh), "A")
        assert len(fresh.entries) == 1 - calls
        fresh.entries = {written.key: written}
        assert counts(score(judge, cache(fresh), "A"))[0] == calls


def test_a_change_of_the_format_makes_old_entries_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key()
    monkeypatch.setattr(entry_module, "FORMAT", "another")
    assert key() != before


def test_with_no_room_in_memory_the_table_serves_alone() -> None:
    table, judge = FakeTable(), FakeJudge()
    kept = cache(table, max_verdicts=0)
    score(judge, kept, "A", "B")
    assert counts(score(judge, kept, "A", "B")) == (0, 2, 0)
    assert len(table.reads) == 2


def test_all_models_and_the_escalation_are_looked_up_at_once() -> None:
    spec = judge_spec(criterion("Sound"), models=("m-1", "m-2"), escalate="m-3")
    table = FakeTable()
    score(FakeJudge(), cache(table), "A", "B", served=definition(judge=spec))
    assert [len(keys) for keys in table.reads] == [6]


def test_foreign_entries_are_misses_and_the_batch_is_judged() -> None:
    table = FakeTable()
    judge = FakeJudge()
    score(judge, cache(table), "A")
    table.entries = {k: entry._replace(text="garbage") for k, entry in table.entries.items()}
    again = score(judge, cache(table), "A")
    assert counts(again) == (1, 0, 1)
    assert again.results[0].reward == 1.0


def test_an_entry_too_long_for_the_table_is_kept_in_memory_alone() -> None:
    choices = ("w" * 10_000, "b" * 10_000)
    criteria = tuple(criterion(f"C{n}", choices=choices) for n in range(12))

    def best(asked: Question, _model: Model) -> Any:
        return replied(asked, {(leaf.criterion.name, None): choices[1] for leaf in asked.leaves})

    table = FakeTable()
    kept, judge, served = cache(table), FakeJudge(best), definition(*criteria)
    score(judge, kept, "A", served=served)  # 12 answers of 10,000 characters are over 100,000
    assert MAX_TEXT_CHARS == 100_000
    assert (table.writes, table.entries) == (0, {})
    assert counts(score(judge, kept, "A", served=served)) == (0, 1, 0)


def test_errors_of_the_table_are_counted_with_the_batch_that_sees_them() -> None:
    table = FakeTable()
    table.errors = 3
    scored = score(FakeJudge(), cache(table), "A")
    assert scored.usage.recalled is not None
    assert scored.usage.recalled.errors == 3


@pytest.mark.parametrize(("left_s", "within_s"), [(0.5003, 0.05), (1.0003, 0.1), (60.0, 0.1)])
def test_the_look_up_takes_a_tenth_of_the_time_left_and_a_tenth_of_a_second_at_most(
    left_s: float, within_s: float
) -> None:
    table = FakeTable()
    score_batch(
        [row("A")],
        Scorer(definition(criterion("Sound")), FakeJudge(), cache=cache(table)),
        Deadline.after(left_s, lambda: 1000.0),  # 0.3 ms of it are for the answer
    )
    assert table.within_s == [pytest.approx(within_s)]


def test_many_threads_may_use_one_batch() -> None:
    kept: VerdictCache = cache(max_verdicts=50)
    batch: BatchCache = kept.of_batch()
    leaves = (Leaf(criterion("Sound")),)

    def work(start: int) -> None:
        for n in range(start, start + 200):
            if batch.find(f"{n % 80}", leaves) is None:
                batch.keep(f"{n % 80}", leaves, {leaves[0]: Verdict("yes")})

    threads = [threading.Thread(target=work, args=(n * 13,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10.0)
    recalled = batch.end()
    assert recalled.hits + recalled.misses == 1600
    later = kept.of_batch()
    assert sum(later.find(f"{n}", leaves) is not None for n in range(80)) == 50


def test_what_came_on_the_second_attempt_is_kept() -> None:
    judge, kept = FakeJudge(Script(JudgeFailure(Reason.THROTTLED, ""), all_yes)), cache()
    assert counts(score(judge, kept, "A")) == (2, 0, 1)
    assert counts(score(judge, kept, "A")) == (0, 1, 0)
