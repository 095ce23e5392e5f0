"""What is found in a text that should not be there."""

from typing import NamedTuple

MAX_FINDINGS = 100
"""No more are told apart in one text."""


class Finding(NamedTuple):
    """``category`` is one of the finder's own; ``text`` is what was found, as it stands or folded."""

    category: str
    text: str
