"""Length in characters, words or estimated tokens: 1 from min to max, falling to 0 outside.

The unit is in the parameters' names: ``max_chars``, ``min_words``, ``zero_above_tokens``. Over max the score
falls in a straight line and reaches 0 at zero_above (twice max unless given); under min it falls to 0 at
zero_below (0 unless given). A limit is hard where the two are the same. Words are comparable between
languages: in Chinese, Japanese or Thai several characters make one (see :mod:`reward_fn.text.words`). Tokens
are estimated as a quarter of the UTF-8 bytes, rounded up: no tokenizer is asked.
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
    """``of`` says what is measured: the whole response (default), or the answer without thoughts and tags.

    Raises ValueError where the limits contradict each other or there is none.
    """
    unit, limits = _limits(parameters)
    count, whole = _COUNTS[unit], parameters.get("of", "response") == "response"
    score = _scale(unit, limits)

    def check(rollout: Rollout) -> CheckResult:
        length = count(rollout.response if whole else answer_region(rollout.response))
        earned, wanted = score(length)
        return CheckResult(earned, f"{length} {unit}, {wanted} wanted") if wanted else CheckResult(1.0)

    return check


def _limits(parameters: Mapping[str, Any]) -> tuple[str, Mapping[str, int]]:
    """The one unit that the limits are in, and the limits without it."""
    found = {unit: [limit for limit in LIMITS if f"{limit}_{unit}" in parameters] for unit in UNITS}
    units = [unit for unit, limits in found.items() if limits]
    if len(units) != 1:
        raise ValueError(f"needs limits in one unit, such as max_chars; has {', '.join(units) or 'none'}")
    return units[0], {limit: parameters[f"{limit}_{units[0]}"] for limit in found[units[0]]}


def _scale(unit: str, limits: Mapping[str, int]) -> Callable[[int], tuple[float, str]]:
    """What a length earns, and what is wanted instead, "" where it is within the limits."""
    least, most = limits.get("min", 0), limits.get("max")
    zero_below, zero_above = limits.get("zero_below", 0), limits.get("zero_above", 2 * (most or 0))
    if not least and not most:
        raise ValueError(f"needs max_{unit} or min_{unit} above 0: without either nothing is limited")
    if "zero_above" in limits and most is None:
        raise ValueError(f"zero_above_{unit} has no meaning without max_{unit}")
    if not zero_below <= least or (most is not None and not least <= most <= zero_above):
        shown = ", ".join(f"{limit}_{unit} = {value}" for limit, value in limits.items())
        raise ValueError(f"needs zero_below <= min <= max <= zero_above, has {shown}")

    def score(length: int) -> tuple[float, str]:
        if length < least:
            return _share(length, zero_below, least), f"at least {least}"
        if most is not None and length > most:
            return _share(length, zero_above, most), f"at most {most}"
        return 1.0, ""

    return score


def _share(length: int, nothing: int, everything: int) -> float:
    """How far a length has come on the way from the one that earns nothing to the one that earns all."""
    return max(0.0, (length - nothing) / (everything - nothing)) if nothing != everything else 0.0
