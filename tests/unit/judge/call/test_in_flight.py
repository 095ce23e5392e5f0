"""The registry of calls in flight: each call is counted once, by its thread or by its invocation."""

from reward_fn.judge.call.in_flight import InFlight, SentCall
from reward_fn.judge.models.catalogue import profile
from tests.factory import build_question, rollout
from tests.unit.rubric import criterion, judge_spec

SENT = SentCall(build_question(rollout("A"), judge_spec(criterion("Sound"))), profile("medium"), held_usd=0.5)


def test_a_call_that_ends_first_is_not_left_behind() -> None:
    in_flight = InFlight()
    number = in_flight.begin(SENT)
    assert not in_flight.is_empty()
    assert in_flight.end(number)
    assert in_flight.is_empty()
    assert in_flight.close() == []


def test_a_call_left_behind_does_not_count_when_it_ends() -> None:
    in_flight = InFlight()
    number = in_flight.begin(SENT)
    assert in_flight.close() == [SENT]
    assert not in_flight.end(number)
    assert in_flight.close() == []


def test_a_call_that_begins_after_the_end_is_not_registered() -> None:
    in_flight = InFlight()
    in_flight.close()
    number = in_flight.begin(SENT)
    assert in_flight.is_empty()
    assert not in_flight.end(number)
    assert in_flight.close() == []


def test_equal_calls_are_told_apart() -> None:
    in_flight = InFlight()
    first, second = in_flight.begin(SENT), in_flight.begin(SENT)
    assert in_flight.end(first)
    assert in_flight.close() == [SENT]
    assert not in_flight.end(second)
