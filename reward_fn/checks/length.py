"""Length in characters, words or estimated tokens: 1 from min to max, falling to 0 outside.

The unit is part of the parameters' names: ``max_chars``, ``min_words``, ``zero_above_tokens``. Above max the
score falls linearly and reaches 0 at zero_above (default: twice max); below min it falls to 0 at zero_below
(default: 0). A limit is hard if the two are equal. Words are comparable between languages: in Chinese,
Japanese or Thai several characters make one (see :mod:`reward_fn.text.words`). Tokens are estimated without a
tokenizer, as a quarter of the UTF-8 bytes, rounded up.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reward_fn.text.answer import answer_region
from reward_fn.text.words import count_words
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout

UNITS = ("chars", "words", "tokens")
LIMITS = ("min", "max", "zero_below", "zero_above")
_LIMIT = {"type": "integer", "minimum": 0, "maximum": 10_000_000}
PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "of": {"enum": ["response", "answer"]},
        **{f"{limit}_{unit}": _LIMIT for unit in UNITS for limit in LIMITS},
    },
    "additionalProperties": False,
}
_COUNTS: Mapping[str, Callable[[str], int]] = {
    "chars": len,
    "words": count_words,
    "tokens": lambda text: (len(text.encode("utf-8", "surrogatepass")) + 3) // 4,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``of`` is the text to measure: the response (default), or the answer without thoughts and tags.

    Raises ValueError if the limits contradict each other, or if none is set.
    """
    unit, limits = _limits(parameters)
    count, whole = _COUNTS[unit], parameters.get("of", "response") == "response"
    score = _scale(unit, limits)

    def check(rollout: Rollout) -> CheckResult:
        length = count(rollout.response if whole else answer_region(rollout.response))
        earned, limit = score(length)
        return CheckResult(earned, f"{length} {unit}, {limit} wanted") if limit else CheckResult(1.0)

    return check


def _limits(parameters: Mapping[str, Any]) -> tuple[str, Mapping[str, int]]:
    """The unit of the limits, and the limits by name without the unit."""
    limits_by_unit = {unit: [limit for limit in LIMITS if f"{limit}_{unit}" in parameters] for unit in UNITS}
    units = [unit for unit, limits in limits_by_unit.items() if limits]
    if len(units) != 1:
        raise ValueError(f"set limits in one unit, such as max_chars; it has {', '.join(units) or 'none'}")
    return units[0], {limit: parameters[f"{limit}_{units[0]}"] for limit in limits_by_unit[units[0]]}


def _scale(unit: str, limits: Mapping[str, int]) -> Callable[[int], tuple[float, str]]:
    """A function from a length to its score and the limit that it breaks, "" for none."""
    least, most = limits.get("min", 0), limits.get("max")
    zero_below, zero_above = limits.get("zero_below", 0), limits.get("zero_above", 2 * (most or 0))
    if not least and not most:
        raise ValueError(f"set max_{unit} or min_{unit} above 0; without either nothing is limited")
    if "zero_above" in limits and most is None:
        raise ValueError(f"zero_above_{unit} needs max_{unit}; set it, or leave zero_above_{unit} out")
    if not zero_below <= least or (most is not None and not least <= most <= zero_above):
        shown = ", ".join(f"{limit}_{unit} = {value}" for limit, value in limits.items())
        raise ValueError(f"the limits must satisfy zero_below <= min <= max <= zero_above; it has {shown}")

    def score(length: int) -> tuple[float, str]:
        if length < least:
            return _share(length, zero_below, least), f"at least {least}"
        if most is not None and length > most:
            return _share(length, zero_above, most), f"at most {most}"
        return 1.0, ""

    return score


def _share(length: int, zero_at: int, one_at: int) -> float:
    """The score of a length on a line that is 0 at ``zero_at`` and 1 at ``one_at``."""
    return max(0.0, (length - zero_at) / (one_at - zero_at)) if zero_at != one_at else 0.0
