"""1 for an answer in its own words, falling to 0 with the share that is copied from a source.

A word is copied if it belongs to a run of ``words`` words that a source contains as well; case and
punctuation don't count. Quotations don't count: passages in quotation marks, and the texts under the keys
``quotes``.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from reward_fn.checks._linear_score import SHARES, linear_score
from reward_fn.paths import PATHS, find_texts
from reward_fn.text.json_values import strings_in
from reward_fn.text.normalise import folded
from reward_fn.text.quotation import QUOTATION
from reward_fn.text.words import count_words, ngrams, units_of, words
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout

MAX_CHARS = 200_000
"""Only this many characters of each text are read."""
WORDS, FREE_SHARE, ZERO_SHARE, MIN_ANSWER_WORDS = 8, 0.5, 0.9, 12

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "sources": PATHS,
        "quotes": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
        "words": {"type": "integer", "minimum": 3, "maximum": 50},
        **SHARES,
    },
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``sources`` are paths (default: the prompt), all of which are read; a rollout may lack some of them.

    The score is 1 up to ``free_share`` of the answer's words, 0 from ``zero_share`` on, and linear between
    them. An answer with fewer than ``MIN_ANSWER_WORDS`` or ``words`` words copies nothing. Raises ValueError
    if ``free_share`` is not below ``zero_share``.
    """
    paths, quotes = parameters.get("sources", ("prompt",)), frozenset(parameters.get("quotes", ()))
    run = parameters.get("words", WORDS)
    score_of = linear_score(parameters, FREE_SHARE, ZERO_SHARE)

    def check(rollout: Rollout) -> CheckResult:
        answer = folded("\n".join(_unquoted(rollout, quotes))[:MAX_CHARS])
        texts = find_texts(rollout, paths)
        if not texts or count_words(answer) < max(run, MIN_ANSWER_WORDS):
            return CheckResult(1.0)
        units = units_of(run, answer)
        share = _copied(words(answer), units, [_runs(text[:MAX_CHARS], units) for text in texts])
        score = score_of(share)
        return CheckResult(score, "" if score == 1.0 else f"{share:.0%} of the words are copied")

    return check


def _unquoted(rollout: Rollout, quotes: frozenset[str]) -> Iterator[str]:
    """The texts of the answer without quotations."""
    value = rollout.parsed.value
    if isinstance(value, dict | list):
        yield from strings_in(_without(value, quotes))
    else:
        yield QUOTATION.sub(" ", rollout.answer.text)


def _without(value: Any, keys: frozenset[str]) -> Any:
    """A JSON value without the values under some keys. An answer's JSON is not deep."""
    if isinstance(value, dict):
        return {key: _without(child, keys) for key, child in value.items() if key not in keys}
    return [_without(child, keys) for child in value] if isinstance(value, list) else value


@lru_cache(maxsize=32)
def _runs(text: str, length: int) -> frozenset[tuple[str, ...]]:
    """The runs of a source; cached, since the rollouts of a group share their sources."""
    return frozenset(ngrams(words(folded(text)), length))


def _copied(answer: list[str], run: int, sources: list[frozenset[tuple[str, ...]]]) -> float:
    """The share of the answer's words that belong to a run of ``run`` words in a source."""
    copied, end = 0, 0
    for start, window in enumerate(ngrams(answer, run)):
        if any(window in source for source in sources):
            copied += start + run - max(start, end)
            end = start + run
    return copied / len(answer)
