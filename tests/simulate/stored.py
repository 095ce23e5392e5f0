"""Stored answers for tests, made by hand."""

from collections.abc import Sequence

from rewardctl.simulate.stored.answers import Answer, Answers


def answers(*groups: Sequence[tuple[float, float | None, int]]) -> Answers:
    """Answers of groups; each is its truth, its reward and its length."""
    return Answers.of(
        [
            Answer(f"prompt {place}", truth, reward, length, row(f"{place}-{column}", "x" * length))
            for place, group in enumerate(groups)
            for column, (truth, reward, length) in enumerate(group)
        ]
    )


def row(name: str, text: str) -> dict[str, object]:
    """A row with an answer."""
    return {
        "id": name,
        "messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": text}],
    }
