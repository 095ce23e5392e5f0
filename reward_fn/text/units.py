"""Decide whether a number has one of the units that a definition demands."""

import re
from collections.abc import Collection

from reward_fn.text.latex import plain_math

_DOLLAR = re.compile(r"\\\$|\$(?=\d)|(?<=\d)\s?\$(?!\s*$)")
_RAISED = str.maketrans({"\u00b2": "^2", "\u00b3": "^3", "\u00b5": "\u03bc", "\u00a4": "$"})


def carries_unit(span: str, units: Collection[str]) -> bool:
    """Whether one of ``units`` directly follows a number, or directly precedes it as currencies do.

    Spaces, ``\\text{}`` and the notation of exponents are ignored; case is not.
    """
    text = _compact(_DOLLAR.sub("\u00a4", span))
    for unit in map(_compact, units):
        sign = re.escape(unit)
        if re.search(rf"\d{sign}(?![\w/^*\u00b7])|(?<![^\W\d_]){sign}[-+]?\.?\d", text):
            return True
    return False


def _compact(text: str) -> str:
    """The text without spaces, braces and emphasis, with exponents after a caret."""
    return re.sub(r"[\s*]|\\", "", plain_math(text.replace("$", "\u00a4")).translate(_RAISED))
