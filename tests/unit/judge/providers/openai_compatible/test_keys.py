"""The API keys: how often a secret that can't be fetched is asked for."""

import pytest

from reward_fn.errors import JudgeFailure
from reward_fn.judge.providers.openai_compatible.keys import FAILED_S, Keys
from reward_fn.types.unscored import Reason


def test_calls_just_after_a_failed_fetch_fail_alike_without_another_fetch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, fetches = [1000.0], list[float]()
    monkeypatch.setattr("reward_fn.judge.providers.openai_compatible.keys.time.monotonic", lambda: now[0])

    def fetch() -> str:
        fetches.append(now[0])
        if len(fetches) > 2:
            return "sk-fetched"
        raise JudgeFailure(Reason.UNAVAILABLE, "the store is down", remedy="check the route")

    keys = Keys("", fetch)
    for _ in range(3):
        with pytest.raises(JudgeFailure) as caught:
            keys.of("")
        assert (caught.value.reason, caught.value.cause) == (
            Reason.UNAVAILABLE, "the store is down; check the route"
        )  # fmt: skip
    assert fetches == [1000.0]
    now[0] += FAILED_S
    with pytest.raises(JudgeFailure):
        keys.of("")
    assert fetches == [1000.0, 1000.0 + FAILED_S]
    now[0] += FAILED_S
    assert [keys.of(""), keys.of("")] == ["sk-fetched", "sk-fetched"]
    assert len(fetches) == 3
