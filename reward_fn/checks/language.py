"""The share of the answer's text that is in the right language: the prompt's, or one that is given.

What has no language does not count: code, addresses, formulas, identifiers, names, the keys of JSON, its
strings of one word or under 20 letters; nor does a phrase in quotation marks within a longer text. Where
nothing is left whose language is known the score is 1: unknown is no failure. A short prompt allows each
language that it may be in. A script is known from a few letters. Quotes of a source, in its language, can be
left out at any length.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from reward_fn.checks._answer_texts import spoken
from reward_fn.paths import PATHS, find_terms, find_text
from reward_fn.text.language import close_to, code_of, model, possible, shares
from reward_fn.text.lazy import lazy
from reward_fn.text.normalise import folded, folded_source
from reward_fn.text.prose import letters_in, without_code
from reward_fn.text.quotation import MIN_QUOTE_CHARS, QUOTATION, quoted
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

PROMPT_SHARE = 0.25
"""A language with so much of the prompt will do: a German question may hold an English text."""
SHORT_CHARS = 400
"""A shorter prompt does not tell close languages apart, such as Czech and Slovak: either will do."""
MAX_PHRASE_CHARS = 120
"""A longer quotation is a text of its own, whose language counts."""
MAX_PHRASES_CHARS = 20_000
"""In a longer text phrases are a small part."""

_TAG = {"type": "string", "minLength": 2, "maxLength": 35}
PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "languages": {"type": "array", "items": _TAG, "minItems": 1, "uniqueItems": True},
        "languages_from": PATHS,
        "same_as": PATHS,
        "min_share": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "code": {"enum": ["ignored", "read"]},
        "quotes_of": PATHS,
    },
    "additionalProperties": False,
}
_PHRASE_MARKS = (
    *('""', "\u201c\u201d", "\u201e\u201c", "\u201e\u201d", "\u00ab\u00bb"),
    *("\u300c\u300d", "\u300e\u300f"),
)
_PHRASE = lazy(quoted(_PHRASE_MARKS, 2, MAX_PHRASE_CHARS))
_MARKS = lazy('["\u201c\u201e\u00ab\u300c\u300e]')
_KEY = re.compile(r'"[^"\n]{0,64}"\s{0,9}:')

Wanted = Callable[[Rollout], "frozenset[str] | Unscored"]


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """At most one of ``languages`` (tags such as "en"), ``languages_from`` (paths of a tag or a list of them)
    and ``same_as`` (paths of a text; the last user turn unless given) says what is right.

    With ``min_share`` the score is 1 from that share on, else 0. Quotes that stand in the text under
    ``quotes_of`` are left out. Raises ValueError for a language that is not told apart.
    """
    model()  # read now, not in the first invocation
    wanted = _wanted(parameters)
    min_share, quotes_of = parameters.get("min_share"), parameters.get("quotes_of", ())
    keep_code = parameters.get("code") == "read"

    def check(rollout: Rollout) -> CheckResult | Unscored:
        right = wanted(rollout)
        if isinstance(right, Unscored):
            return right
        texts = _texts(rollout) if keep_code else [without_code(text) for text in _texts(rollout)]
        wrong = _others(shares(texts, right), right)
        if wrong:  # only then can it be a quotation
            source = find_text(rollout, quotes_of) if quotes_of else None
            texts = _without_quotes(texts, folded_source(source)) if source else texts
            wrong = _others(shares([_without_phrases(text) for text in texts], right), right)
        share = 1.0 - sum(wrong.values())
        score = share if min_share is None else float(share >= min_share)
        if not wrong or score == 1.0:
            return CheckResult(1.0)
        most = max(wrong, key=lambda code: wrong[code])
        return CheckResult(
            max(0.0, score),
            f"{share:.0%} of the text is in {' or '.join(sorted(right))}, {wrong[most]:.0%} in {most}",
        )

    return check


def _others(found: Mapping[str, float], right: frozenset[str]) -> Mapping[str, float]:
    """The shares of languages that are not right; none where nobody says what is."""
    return {code: share for code, share in found.items() if right and code not in right}


def _wanted(parameters: Mapping[str, Any]) -> Wanted:
    if len(parameters.keys() & {"languages", "languages_from", "same_as"}) > 1:
        raise ValueError("only one of languages, languages_from and same_as can say what is right")
    if "languages" in parameters:
        given = frozenset(map(code_of, parameters["languages"]))
        return lambda _: given
    if paths := parameters.get("languages_from"):
        return lambda rollout: _named(rollout, paths)
    sources = parameters.get("same_as")

    def same(rollout: Rollout) -> frozenset[str] | Unscored:
        text = find_text(rollout, sources) if sources else _last_turn(rollout)
        if not text:
            return Unscored(Reason.NO_SOURCE, f"no text under {' or '.join(sources or ['prompt'])}")
        return _languages_of(text)

    return same


def _named(rollout: Rollout, paths: Sequence[str]) -> frozenset[str] | Unscored:
    """The languages that the rollout names."""
    try:
        codes = frozenset(map(code_of, find_terms(rollout, paths) or ()))
    except ValueError:
        return Unscored(Reason.NO_SOURCE, f"no language that is told apart under {' or '.join(paths)}")
    return codes or Unscored(Reason.NO_SOURCE, f"no language under {' or '.join(paths)}")


@lru_cache(maxsize=32)
def _languages_of(text: str) -> frozenset[str]:
    """What to answer a text in; remembered, since the rollouts of a group share their prompt."""
    text = _without_phrases(without_code(text))
    codes = {code for code, share in shares([text]).items() if share >= PROMPT_SHARE}
    if not codes:
        return possible(text)
    return frozenset(codes.union(*map(close_to, codes)) if len(text) < SHORT_CHARS else codes)


def _without_phrases(text: str) -> str:
    """A text without the phrases in quotation marks, unless they hold more than two thirds of its letters."""
    if len(text) > MAX_PHRASES_CHARS or not _MARKS.search(text):
        return text
    rest = _PHRASE.sub(" ", text)
    return rest if 3 * letters_in(rest) >= letters_in(text) else text


def _last_turn(rollout: Rollout) -> str:
    """What the user said last: the system's turns may well be in another language."""
    turns = [message.text for message in rollout.messages if message.role == "user" and message.text.strip()]
    return turns[-1] if turns else rollout.prompt


def _texts(rollout: Rollout) -> Iterable[str]:
    """The sentences of an answer in JSON; other answers as they are, broken JSON without its keys."""
    texts = spoken(rollout)
    if rollout.parsed.error:
        return [_KEY.sub(" ", text) if text[:1] in "{[`" else text for text in texts]
    return [text for text in texts if " " in text or not text.isascii()]


def _without_quotes(texts: Iterable[str], source: str) -> Iterable[str]:
    """The texts without what ``source`` holds: whole texts, and passages in quotation marks."""

    def unless_quoted(match: re.Match[str]) -> str:
        return " " if folded(match[0][1:-1]) in source else match[0]

    return [
        QUOTATION.sub(unless_quoted, text)
        for text in texts
        if len(text) < MIN_QUOTE_CHARS or folded(text) not in source
    ]
