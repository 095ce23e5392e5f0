"""Where an answer says what it comes to: ``A:``, ``####``, ``\\boxed{}``, "answer is", "Antwort:", headings.

A mark may stand alone on its line, or before a formula's ``\\[``: it then marks the next line with something
in it. An empty box, and a mark that only announces the next mark, mark nothing.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from reward_fn.text.answer import Answer, unfenced
from reward_fn.text.bounded_json import parse_json

MAX_MARKS = 20
MAX_BARE_CHARS = 80
MIN_SENTENCE_WORDS = 5
"""As many words are a sentence about the answer, not the answer, where another mark follows."""

_NOUNS = (
    "antwort ergebnis l\u00f6sung respuesta r\u00e9ponse reponse resposta risposta antwoord svar vastaus "
    "odpowied\u017a "
    "odpov\u011b\u010f odpove\u010f v\u00e1lasz r\u0103spuns r\u0103spunsul cevap yan\u0131t jawaban "
    "\u0111\u00e1p~\u00e1n tr\u1ea3~l\u1eddi "
    "\u043e\u0442\u0432\u0435\u0442 \u0432\u0456\u0434\u043f\u043e\u0432\u0456\u0434\u044c "
    "\u043e\u0442\u0433\u043e\u0432\u043e\u0440 \u03b1\u03c0\u03ac\u03bd\u03c4\u03b7\u03c3\u03b7 "
    "\u0627\u0644\u0625\u062c\u0627\u0628\u0629 \u0627\u0644\u0627\u062c\u0627\u0628\u0629 "
    "\u0627\u0644\u062c\u0648\u0627\u0628 \u062c\u0648\u0627\u0628 \u067e\u0627\u0633\u062e "
    "\u05ea\u05e9\u05d5\u05d1\u05d4 \u05d4\u05ea\u05e9\u05d5\u05d1\u05d4 "
    "\u0909\u0924\u094d\u0924\u0930 \u091c\u0935\u093e\u092c \u0989\u09a4\u09cd\u09a4\u09b0 "
    "\u0baa\u0ba4\u0bbf\u0bb2\u0bcd \u0e04\u0e33\u0e15\u0e2d\u0e1a"
).split()
"""The word for an answer in German, the Romance, Germanic and Slavic languages, Finnish, Hungarian, Turkish,
Indonesian, Vietnamese, Greek, Arabic, Persian, Urdu, Hebrew, Hindi, Marathi, Bengali, Tamil and Thai."""
_JOINED_NOUNS = (
    "\u7b54\u6848 \u6b63\u89e3 \u7b54\u3048 \u89e3\u7b54 \u56de\u7b54 \uc815\ub2f5 \ub2f5\ubcc0 \ub2f5"
).split()
"""The same in Chinese, Japanese and Korean, which put no space before or after it."""
_WORDS = tuple(word.replace("~", " ") for word in _NOUNS)
_IS = "is|was|are|(?:(?:seems|appears|has) to|would|should|must|will) be"
_COPULAS = (
    r"ist|lautet|es|est|\u00e9|\u00e8|este|jest|je|\u00e4r|er|on|l\u00e0|adalah|to|\u0647\u0648|\u0647\u064a"
    r"|\u0939\u0948|\u0e04\u0e37\u0e2d"
)
_JOINED_COPULAS = "\u662f|\u4e3a|\u70ba|\u9009|\u9078|\u306f|\uc740|\ub294"
_SPACE = r"[ \t\u00a0\u202f]"
_GAP = r"[ \t\u00a0\u202f*_\"'`]{0,6}"
_COLON = r"[:\uff1a]"
_BETWEEN = (
    rf"(?:{_SPACE}(?:to|for|of|the|this|that|your|our|my|question|problem|task|exercise|puzzle|here|therefore"
    r"|thus|then|finale?|correct[aeo]?|corrett?[ao]|richtige|choice|option|juiste|\u0111\u00fang"
    r"|\u0627\u0644\u0635\u062d\u064a\u062d\u0629|\u0627\u0644\u0646\u0647\u0627\u0626\u064a\u0629)){0,6}"
)
_KIND = rf"(?:(?:the|my|your|our|final|correct|right|best|short){_SPACE}){{0,3}}"
_PREFIX = r"^[ \t>]*+[^\w\n]{0,12}+"

_NEXT_LINE = re.compile(r"\s*(\S[^\n]*)")
_WORD = re.compile(r"\w+")
_BLANK = re.compile(
    r"(?:[\s.\u2026?_~$:*\\<>\[\]{}]|\\text"
    r"|(?:your |final |the )?(?:answer|letter|number|option|choice)(?: here)?)*",
    re.IGNORECASE,
)
"""Nothing, or what stands for an answer in an instruction: "Answer: [letter]"."""
_MAX_SKIPPED_LINES = 4
_BOXED = re.compile(r"\\(?:boxed|fbox)\s?\{")
_LATEX_TEXT = re.compile(r"\\(?:text|textbf|mathrm|mathbf|mbox)\s?\{([^{}]*)\}")
_DELIMITER = re.compile(r"\$|\\[\[\]()]")
_KEY = re.compile(r"(?:final[ _]?)?answer", re.IGNORECASE)
_CHAPTER = re.compile(
    r"(?:step|part|case|phase|stage|section|method|approach|option|problem|question|solution|explanation"
    r"|reasoning|calculation|conclusion|verification|check|given|analysis|understand\w*)\b|\d+[.)]\s+[^\W\d]",
    re.IGNORECASE,
)
"""Headings of level four that a long solution has, beside the ``####`` before an answer."""


class Marks(NamedTuple):
    """Words that mark an answer: ``nouns`` in a sentence, ``line`` before a colon at the start of a line.

    ``before`` finds what belongs to a mark though it stands right before it, in its last 60 characters.
    """

    nouns: str
    line: str
    before: re.Pattern[str]


class Marked(NamedTuple):
    """What one part of a response, a solution block or the whole of it, marks as its answer.

    ``spans`` is what each mark says, ``rest`` what follows the last one. Without a mark ``spans`` is empty,
    and ``bare`` may stand for the answer: the block between tags, or a whole that is one short line; else "".
    """

    text: str
    spans: list[str]
    rest: str
    bare: str


def answer_marks(nouns: str = "answer", line: str = "A(?:ns(?:wer)?)?", before: str = r"$(?!$)") -> Marks:
    """The marks in English that are given, and those of other languages."""
    return Marks(nouns, line, re.compile(before, re.IGNORECASE))


def marked_answers(answer: Answer, marks: Marks) -> list[Marked]:
    """One entry for each block of an answer; at most one more than ``MAX_MARKS``."""
    value = _of_object(answer)
    if value is not None:
        return [_marked(value, marks, tagged=True)]
    parts = map(_plainer, answer.blocks[: MAX_MARKS + 1])
    return [_marked(part, marks, tagged=answer.tagged) for part in parts]


def _of_object(answer: Answer) -> str | None:
    """The value under the key "answer" or "final_answer" of an answer that is a JSON object; else None."""
    text = unfenced(answer.text)
    if not text.startswith("{") or len(answer.blocks) > 1:
        return None
    value = parse_json(text).value
    named = [found for key, found in value.items() if _KEY.fullmatch(key)] if isinstance(value, dict) else []
    if len(named) != 1 or not isinstance(named[0], str | int | float):
        return None
    return named[0] if isinstance(named[0], str) else json.dumps(named[0])


def plain(span: str) -> str:
    """A span without what only typesets it: formulas' delimiters, ``\\text{}``, white space at its ends."""
    return _DELIMITER.sub(" ", _LATEX_TEXT.sub(r"\1", span)).strip()


def is_sentence(span: str) -> bool:
    """Whether a span has so many words that it speaks of the answer."""
    return len(list(islice(_WORD.finditer(span), MIN_SENTENCE_WORDS))) == MIN_SENTENCE_WORDS


def has_box(span: str) -> bool:
    """Whether a span holds a box, which says the same by itself."""
    return _BOXED.search(span) is not None


def _plainer(block: str) -> str:
    return unfenced(block).replace("**", " ").replace("__", " ")


def _marked(text: str, marks: Marks, *, tagged: bool) -> Marked:
    spans = list(_spans(text, marks))
    rest = text[max(end for _, end in spans) :].strip() if spans else ""
    return Marked(text, [span for span, _ in spans], rest, text if tagged else _only_line(text))


def _only_line(text: str) -> str:
    """The one line with something in it, where there is no other and it is short; else ""."""
    if len(text) > 4 * MAX_BARE_CHARS:
        return ""
    lines = [line for line in text.splitlines() if _WORD.search(line)] or [text]
    return lines[0].strip() if len(lines) == 1 and len(lines[0].strip()) <= MAX_BARE_CHARS else ""


def _spans(text: str, marks: Marks) -> Iterator[tuple[str, int]]:
    """Each marked span and where it ends; at most one more of each kind than ``MAX_MARKS``."""
    boxes: list[str] = []
    end = 0
    for match in islice(_BOXED.finditer(text), MAX_MARKS + 1):
        if match.start() < end:  # a box in a box
            continue
        inside = _braced(text, match.end())
        end = match.end() + len(inside) + 1
        boxes.append(f"{match[0]}{inside}}}")
        if not _BLANK.fullmatch(inside):
            yield _before(text, match.start(), marks) + inside, end
    pattern = _pattern(marks.nouns, marks.line, wide=_has_foreign_mark(text))
    for match in islice(pattern.finditer(text), MAX_MARKS + 1):
        span, end = next((group for group in match.groups() if group is not None), ""), match.end()
        if _BLANK.fullmatch(span):
            span, end = _next_line(text, end, pattern)
        if inner := pattern.match(span):
            span = next((group for group in inner.groups() if group is not None), "")
        if match["hashes"] and _CHAPTER.match(span):
            continue
        if not _BLANK.fullmatch(_without(span, boxes)):
            yield _before(text, match.start(), marks) + span, end


def _next_line(text: str, end: int, pattern: re.Pattern[str]) -> tuple[str, int]:
    """The next line with a word in it that is not itself a mark, past the opening of a formula or a fence."""
    for _ in range(_MAX_SKIPPED_LINES):
        line = _NEXT_LINE.match(text, end)
        if line is None:
            break
        end = line.end()
        if not line[1].startswith(("```", "~~~")) and _WORD.search(line[1]):
            return ("" if pattern.search(line[1]) else line[1]), end
    return "", end


def _without(span: str, boxes: list[str]) -> str:
    """A span without boxes, which are marks of their own: "The answer is $\\boxed{18}$." is one mark."""
    if "\\" in span:
        for box in boxes:
            span = span.replace(box, "")
        span = span.strip(" $.,\\[]()")
    return span


def _before(text: str, start: int, marks: Marks) -> str:
    """What right before a mark belongs to it: a sign, or the "20 or" of "20 or \\boxed{18}"; else ""."""
    found = marks.before.search(text[max(0, start - 60) : start])
    return found[0] if found else ""


def _braced(text: str, start: int) -> str:
    """The text from ``start`` to the brace that closes it, or to the end of a bounded look-ahead."""
    depth = 1
    for place, character in enumerate(text[start : start + 1000], start):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return text[start:place]
    return text[start : start + 1000]


def _has_foreign_mark(text: str) -> bool:
    """Whether a mark in another language than English may stand in a text."""
    lowered = text.lower()
    return any(word in lowered for word in (*_WORDS, *_JOINED_NOUNS))


@lru_cache(maxsize=8)
def _pattern(nouns: str, line: str, *, wide: bool) -> re.Pattern[str]:
    """All marks but boxes: the first group that matches is what is marked. The wide one costs more time."""
    foreign = "|" + "|".join(_WORDS) if wide else ""
    copulas = rf"(?:{_IS}{'|' + _COPULAS if wide else ''})(?!\w)"
    bare = rf"\b(?:{'|'.join(_WORDS)}){_BETWEEN}{_SPACE}+(?P<next>(?:(?-i:[A-Z])(?!\w)|\d).*)$"
    joined = "|".join(_JOINED_NOUNS)
    after_joined = rf"[^\w\n]{{0,6}}(?:(?:{_JOINED_COPULAS})|{_COLON}|=)[ \t]*{_COLON}?[ \t]*(?P<joined>.*)$"
    return re.compile(
        rf"{_PREFIX}{_KIND}(?:{line}{foreign}){_GAP}{_COLON}{_GAP}(?P<line>.*)$"
        rf"|{_PREFIX}{_KIND}(?:{nouns}{foreign}{'|' + joined if wide else ''})[^\w\n]{{0,8}}(?P<heading>)$"
        r"|####[ \t]*(?P<hashes>.*)$"
        rf"|\b(?:{nouns}{foreign}){_BETWEEN}{_GAP}(?:{copulas}|[=\u2014\u2013]|{_COLON})"
        rf"{_SPACE}*{_COLON}?{_GAP}(?P<phrase>.*)$" + (f"|{bare}|(?:{joined}){after_joined}" if wide else ""),
        re.IGNORECASE | re.MULTILINE,
    )
