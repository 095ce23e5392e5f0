"""The rollouts that are measured are what the results say of them."""

from collections import Counter

from benchmarks.material import (
    converse_requests,
    good_batch,
    judge_spec,
    judged_batch,
    request_bytes,
    rollouts_of,
)
from reward_fn.definition.load import load_definition
from reward_fn.pipeline import examine
from reward_fn.types.batch import Examined
from tests.factory import build_question


def keys(batch: list[dict[str, object]]) -> list[str]:
    """What the fan-out tells questions apart by."""
    spec = judge_spec(load_definition("contract-review"))
    return [build_question(rollout, spec).key for rollout in rollouts_of(batch)]


def test_no_two_rollouts_of_a_batch_have_the_same_question() -> None:
    assert len(set(keys(good_batch(64)))) == 64


def test_sixty_four_good_rollouts_are_eight_groups_of_eight() -> None:
    groups = Counter(rollout.group for rollout in rollouts_of(good_batch(64)))
    assert sorted(groups.values()) == [8] * 8  # 16 copies of each of four prompts, in two groups each


def test_batches_that_follow_each_other_share_no_question() -> None:
    assert not set(keys(judged_batch(20))) & set(keys(judged_batch(20, start=20)))


def test_a_judge_sees_every_rollout_of_a_judged_batch() -> None:
    definition = load_definition("contract-review")
    examined = [examine(rollout, definition) for rollout in rollouts_of(judged_batch(40))]
    assert all(isinstance(e, Examined) and e.settled is None and e.blocked is None for e in examined)


def test_requests_hold_the_contract_they_are_about() -> None:
    requests = converse_requests(good_batch(4), load_definition("contract-review"))
    texts = [request["messages"][0]["content"][0]["text"] for request in requests]
    assert all("Matter 0." in text for text in texts)
    assert request_bytes(requests) > 1000
