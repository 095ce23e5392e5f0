"""The share of the answer's text in the right language: that of the prompt, or one that is set.

Text without a language does not count: code, addresses, formulas, identifiers, names, the keys of JSON, and
its strings of one word or fewer than 20 letters. A phrase in quotation marks within a longer text does not
count either. The score is 1 if the language of no part is known. A short prompt allows each language that it
may be in. A script is known from a few letters. Quotes of a source can be left out at any length.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from reward_fn.checks._answer_texts import answer_texts
from reward_fn.paths import PATHS, find_terms, find_text
from reward_fn.text.language import model, possible, shares
from reward_fn.text.language_codes import close_to, code_of
from reward_fn.text.lazy import lazy
from reward_fn.text.normalise import folded, folded_source
from reward_fn.text.prose import letters_in, without_code
from reward_fn.text.quotation import MIN_QUOTE_CHARS, QUOTATION, quoted
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

PROMPT_SHARE = 0.25
"""A language with at least this share of the prompt is right: a German question may contain English text."""
SHORT_CHARS = 400
"""In a shorter prompt close languages, such as Czech and Slovak, can't be told apart: either is right."""
MAX_PHRASE_CHARS = 120
"""The language of a longer quotation counts."""
MAX_PHRASES_CHARS = 20_000
"""A longer text is read with its phrases, which are a small part of it."""

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

RightLanguages = Callable[[Rollout], "frozenset[str] | Unscored"]


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """The right language comes from one parameter: ``languages`` (tags such as "en"), ``languages_from``
    (paths of a tag or a list of tags), or ``same_as`` (paths of a text; by default the last user turn).

    With ``min_share`` the score is 1 from that share on, else 0. Quotes of the text under ``quotes_of`` are
    left out. Raises ValueError for a language that can't be detected.
    """
    model()  # loaded now rather than in the first invocation
    right_languages = _right_languages(parameters)
    min_share, quotes_of = parameters.get("min_share"), parameters.get("quotes_of", ())
    keep_code = parameters.get("code") == "read"

    def check(rollout: Rollout) -> CheckResult | Unscored:
        right = right_languages(rollout)
        if isinstance(right, Unscored):
            return right
        texts = _texts(rollout) if keep_code else [without_code(text) for text in _texts(rollout)]
        wrong = _wrong_shares(shares(texts, right), right)
        if wrong:  # only text in a wrong language can be a quotation that must be removed
            source = find_text(rollout, quotes_of) if quotes_of else None
            texts = _without_quotes(texts, folded_source(source)) if source else texts
            wrong = _wrong_shares(shares([_without_phrases(text) for text in texts], right), right)
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


def _wrong_shares(by_language: Mapping[str, float], right: frozenset[str]) -> Mapping[str, float]:
    """The shares of wrong languages; none if no language is known to be right."""
    return {code: share for code, share in by_language.items() if right and code not in right}


def _right_languages(parameters: Mapping[str, Any]) -> RightLanguages:
    if len(parameters.keys() & {"languages", "languages_from", "same_as"}) > 1:
        raise ValueError("languages, languages_from and same_as exclude each other; keep one of them")
    if "languages" in parameters:
        fixed = frozenset(map(code_of, parameters["languages"]))
        return lambda _: fixed
    if paths := parameters.get("languages_from"):
        return lambda rollout: _named(rollout, paths)
    text_paths = parameters.get("same_as")

    def same(rollout: Rollout) -> frozenset[str] | Unscored:
        text = find_text(rollout, text_paths) if text_paths else _last_turn(rollout)
        if not text:
            return Unscored(Reason.NO_SOURCE, f"no text under {' or '.join(text_paths or ['prompt'])}")
        return _languages_of(text)

    return same


def _named(rollout: Rollout, paths: Sequence[str]) -> frozenset[str] | Unscored:
    """The languages named by the rollout under ``paths``."""
    try:
        codes = frozenset(map(code_of, find_terms(rollout, paths) or ()))
    except ValueError:
        return Unscored(Reason.NO_SOURCE, f"no language that can be detected under {' or '.join(paths)}")
    return codes or Unscored(Reason.NO_SOURCE, f"no language under {' or '.join(paths)}")


@lru_cache(maxsize=32)
def _languages_of(text: str) -> frozenset[str]:
    """The languages in which to answer a text; cached, since the rollouts of a group share their prompt."""
    text = _without_phrases(without_code(text))
    codes = {code for code, share in shares([text]).items() if share >= PROMPT_SHARE}
    if not codes:
        return possible(text)
    return frozenset(codes.union(*map(close_to, codes)) if len(text) < SHORT_CHARS else codes)


def _without_phrases(text: str) -> str:
    """A text without phrases in quotation marks, unless they make up more than two thirds of its letters."""
    if len(text) > MAX_PHRASES_CHARS or not _MARKS.search(text):
        return text
    rest = _PHRASE.sub(" ", text)
    return rest if 3 * letters_in(rest) >= letters_in(text) else text


def _last_turn(rollout: Rollout) -> str:
    """The last user turn, since system turns are often in another language."""
    turns = [message.text for message in rollout.messages if message.role == "user" and message.text.strip()]
    return turns[-1] if turns else rollout.prompt


def _texts(rollout: Rollout) -> Iterable[str]:
    """The texts of an answer: the sentences of JSON, broken JSON without its keys, or the answer itself."""
    texts = answer_texts(rollout)
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
