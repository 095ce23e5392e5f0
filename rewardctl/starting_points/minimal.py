"""Rows and verdicts for the starting point ``minimal``; the people and rules in them are invented."""

from collections.abc import Mapping
from typing import Any

_PROMPT = (
    "I bought a kettle five weeks ago, I have the receipt, and it does not switch off any more. Your rules "
    "say: returns for any reason within 30 days; faulty goods are repaired or replaced for two years. Can I "
    "bring it back?"
)
_RESPONSES = {
    "kettle-good": (
        "Yes. The 30 days for a return without a reason are over, but a kettle that does not switch off is "
        "faulty, and faulty goods are repaired or replaced for two years. Bring the kettle and your receipt."
    ),
    "kettle-no-reason": "Yes, just bring it in.",
    "kettle-another-question": "Our kettles are made of steel and come in three colours. Choose one!",
    "kettle-empty": "",
}

ROWS: list[dict[str, Any]] = [
    {
        "id": identity,
        "messages": [{"role": "user", "content": _PROMPT}, {"role": "assistant", "content": response}],
    }
    for identity, response in _RESPONSES.items()
]
"""The rows, best first."""

VERDICTS: Mapping[str, Mapping[str, str]] = {
    "kettle-good": {"Answers_The_Question": "yes", "Gives_A_Reason": "yes"},
    "kettle-no-reason": {"Answers_The_Question": "yes", "Gives_A_Reason": "no"},
    "kettle-another-question": {"Answers_The_Question": "no", "Gives_A_Reason": "no"},
}
"""The verdicts on the rows that reach the judge."""
