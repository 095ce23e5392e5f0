"""Findings: pieces of a text that should not be in it."""

from typing import NamedTuple

MAX_FINDINGS = 100
"""The most findings in one text that are counted."""


class Finding(NamedTuple):
    """``category`` is one of the finder's; ``text`` is the finding, as in the text or folded."""

    category: str
    text: str
