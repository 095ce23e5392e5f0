"""1 for a text that does not repeat itself, falling to 0 with the share of repetition.

Two shares are measured: of the sequences of ``words`` words, those that occurred before; of the characters,
those in long runs of one character. Lines with a repeated frame and new content, as in a table, a schedule, a
quiz or code, don't count. The larger share counts: the score is 1 up to ``free_share``, 0 from ``zero_share``
on, and linear between them. If ``items`` names a list in the answer's JSON, the share of its elements that
repeat an earlier one is subtracted from 1, and the lower of the two scores counts.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reward_fn.checks._linear_score import SHARES, linear_score
from reward_fn.text.json_values import at_path, frozen, strings_in
from reward_fn.text.normalise import folded
from reward_fn.text.words import ngrams, short_units, units_of, words
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout

MAX_CHARS = 200_000
"""Of a longer text only the first and last ``MAX_CHARS // 2`` characters are read."""
WORDS, FREE_SHARE, ZERO_SHARE, RUN_CHARS = 4, 0.1, 0.5, 100

LABEL_CHARS = 24
"""A shorter string in an object of the answer's JSON is a label: a state, a role, a country."""
LIST_LINES = 12
_NUMBERS = "0123456789.:)-*# \t"

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "words": {"type": "integer", "minimum": 1, "maximum": 20},
        **SHARES,
        "run_chars": {"type": "integer", "minimum": 10, "maximum": 10_000},
        "items": {"type": "string", "minLength": 1, "maxLength": 300},
        "item_fields": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
    },
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``items`` is the path of a list. Two elements are the same if their texts have the same words in order.

    With ``item_fields`` only the texts under these keys count. Of an answer in JSON only the strings are
    read, so that keys don't count as repeated. A run of twice ``run_chars`` characters is always found, one
    of fewer than ``run_chars`` never. Raises ValueError if ``free_share`` is not below ``zero_share``, or
    there are ``item_fields`` without ``items``.
    """
    length, run = parameters.get("words", WORDS), parameters.get("run_chars", RUN_CHARS)
    score_of = linear_score(parameters, FREE_SHARE, ZERO_SHARE)
    path, fields = tuple(parameters.get("items", "").split(".")), parameters.get("item_fields")
    if fields and not path[0]:
        raise ValueError("item_fields needs items; set it, or leave item_fields out")

    def check(rollout: Rollout) -> CheckResult:
        text = _text(rollout)
        share = max(_in_words(text, length, score_of), _in_runs(text, run))
        score = score_of(share)
        repeated_items = _repeated_items(at_path(rollout.parsed.value, path), fields) if path[0] else 0.0
        if score == 1.0 and not repeated_items:
            return CheckResult(1.0)
        return CheckResult(
            min(score, 1 - repeated_items),
            f"{share:.0%} of the text and {repeated_items:.0%} of the items repeat",
        )

    return check


def _text(rollout: Rollout) -> str:
    """The text of the answer, bounded."""
    value = rollout.parsed.value
    lines: list[str] = []
    if isinstance(value, dict | list):
        _collect(value, lines)
    text = "\n".join(lines) if isinstance(value, dict | list) else rollout.answer.text
    half = MAX_CHARS // 2
    return text if len(text) <= MAX_CHARS else f"{text[:half]}\n{text[-half:]}"


def _collect(value: Any, lines: list[str]) -> None:
    """Append the strings of a JSON value. An object's labels and numbers form one line, as in a table."""
    if isinstance(value, str):
        lines.append(value)
    elif isinstance(value, list):
        for child in value:
            _collect(child, lines)
    elif isinstance(value, dict):
        labels: list[str] = []
        numbers: list[str] = []
        for child in value.values():
            if type(child) is str and len(child) < LABEL_CHARS:
                labels.append(child)
            elif isinstance(child, int | float):
                numbers.append(str(child))
            else:
                _collect(child, lines)
        if labels:
            lines.append(" ".join([*numbers, *labels]))


def _in_words(text: str, length: int, score_of: Callable[[float], float]) -> float:
    """The share of repeated sequences of words, without lines with a repeated frame if it would cost any."""
    share = _repeated(text, length)
    if score_of(share) == 1.0 and not _is_numbered_list(text):
        return share
    from reward_fn.text.repeated import looping_share  # few texts need it

    looping = looping_share(text, length)
    return looping if score_of(share) == 1.0 else min(share, looping)


def _is_numbered_list(text: str) -> bool:
    """Whether a long list repeats the same text with different numbers."""
    lines = text.count("\n") + 1
    return lines >= LIST_LINES and 2 * len({line.lstrip(_NUMBERS) for line in text.split("\n")}) < lines


def _repeated(text: str, length: int) -> float:
    """The share of sequences of ``length`` words that occur earlier in the text."""
    plain = folded(text)
    units, text_units = units_of(length, plain), short_units(plain)
    total = len(text_units) - units + 1
    if len(text_units) < 2 * units:
        return 0.0  # too short for a loop: "ha ha ha"
    return 1 - len(set(ngrams(text_units, units))) / total if total > 0 else 0.0


def _in_runs(text: str, run: int) -> float:
    """The share of a text's pieces of ``run`` characters that consist of a single character."""
    starts = range(0, len(text) - run + 1, run)
    same = sum(text[i] == text[i + run - 1] and text[i : i + run] == text[i] * run for i in starts)
    return same * run / len(text) if same else 0.0


def _repeated_items(value: Any, fields: list[str] | None) -> float:
    """The share of a list's elements whose words are those of an earlier element."""
    if not isinstance(value, list) or not value:
        return 0.0
    seen = set()
    for item in value:
        content = [item.get(key) for key in fields] if fields and isinstance(item, dict) else item
        seen.add(tuple(words(folded("\n".join(strings_in(content))))) or frozen(content))
    return 1 - len(seen) / len(value)
