"""How far an exploit is from honest answers: a policy learns only from texts that it samples. Pure.

A text of many runs of words that honest answers also have is likely under a policy that gives such answers;
a text that shares none of them is not. This is a proxy: only the policy itself knows the likelihood.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import NamedTuple

from rewardctl.attacks.texts import words

RUN = 3
"""Words in a row that must stand in an honest answer."""
MAX_WORDS = 1_000
"""Only so many words are compared; the time grows with their square."""


class Nearness(NamedTuple):
    """``honest_share`` in [0, 1]: the share of words in runs of 3 that an honest answer holds. ``edited`` in
    [0, 1]: the share of words that differ from the answer it was made from. ``steps``: changes made."""

    honest_share: float
    edited: float
    steps: int

    def in_words(self) -> str:
        """One sentence."""
        return (
            f"{self.honest_share:.0%} of its words stand in runs of {RUN} that honest answers hold; it took "
            f"{self.steps} change{'s' if self.steps != 1 else ''}, and {self.edited:.0%} of the words differ "
            "from the answer it was made from."
        )


def honest_share(text: str, honest: Iterable[str]) -> float:
    """The share of the words of ``text`` in runs that an honest answer holds; 1 for a text without words."""
    own = _words(text)
    runs = {run for answer in honest for run in _runs(_words(answer), min(RUN, len(own)))}
    size = min(RUN, len(own))
    covered = {i + k for i, run in enumerate(_runs(own, size)) if run in runs for k in range(size)}
    return len(covered) / len(own) if own else 1.0


def share_edited(text: str, origin: str) -> float:
    """The share of words in either text without a counterpart in the other, in order; 0 for equal texts."""
    return 1.0 - SequenceMatcher(None, _words(text), _words(origin), autojunk=False).ratio()


def _runs(own: list[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(own[i : i + size]) for i in range(len(own) - size + 1)] if size else []


def _words(text: str) -> list[str]:
    return [word.lower() for word in words(text)[:MAX_WORDS]]
