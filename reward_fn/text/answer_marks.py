"""Where an answer says what it comes to: ``A:``, ``####``, ``\\boxed{}``, "answer is", "Antwort:", headings.

A mark may stand alone on its line, or before a formula's ``\\[``: it then marks the next line with something
in it. An empty box, and a mark that only announces the next mark, mark nothing.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from reward_fn.text.answer import Answer, unfenced
from reward_fn.text.bounded_json import parse_json
from reward_fn.text.mark_words import LAST_VERBS, has_foreign_mark, mark_pattern
from reward_fn.text.markup import without_emphasis

MAX_MARKS = 20
MAX_BARE_CHARS = 80
MIN_SENTENCE_WORDS = 5
"""As many words are a sentence about the answer, not the answer, where another mark follows."""

_NEXT_LINE = re.compile(r"\s*(\S[^\n]*)")
_WORD = re.compile(r"\w+")
_BLANK = re.compile(
    r"(?:[\s.\u2026?_~$:*\\<>\[\]{}]|\\text"
    r"|(?:your |final |the )?(?:answer|letter|number|option|choice)(?: here)?)*",
    re.IGNORECASE,
)
"""Nothing, or what stands for an answer in an instruction: "Answer: [letter]"."""
_LEAD_IN = re.compile(
    r"(?:(?:so|thus|hence|therefore|i think|i believe|my|the|final|correct|right|best)\b[\s,]*)*",
    re.IGNORECASE,
)
"""Between a mark and another one in the same line: "Final Answer: The final answer is 18."."""
_ENDING = re.compile(rf"\.?\s+I hope it is correct\.?\s*\Z|(?:{LAST_VERBS})[\u3002.]?\s*\Z")
"""Of Minerva's prompts (arXiv 2206.14858), and the verb after an answer in Japanese and Korean."""
_BULLET = re.compile(r"\A[-*\u2022] +")
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


class AnswerMarks(NamedTuple):
    """Words that mark an answer: ``nouns`` in a sentence, ``line`` before a colon at the start of a line.

    ``before`` finds what belongs to a mark though it stands right before it, in its last 60 characters.
    """

    nouns: str
    line: str
    before: re.Pattern[str]


class MarkedAnswer(NamedTuple):
    """What one part of a response, a solution block or the whole of it, marks as its answer.

    ``spans`` is what each mark says, ``rest`` what follows the last one. Without a mark ``spans`` is empty,
    and ``bare`` may stand for the answer: the block between tags, or a whole that is one short line; else "".
    """

    text: str
    spans: list[str]
    rest: str
    bare: str


def answer_marks(
    nouns: str = "answer", line: str = "A(?:ns(?:wer)?)?", before: str = r"$(?!$)"
) -> AnswerMarks:
    """The marks in English that are given, and those of other languages."""
    return AnswerMarks(nouns, line, re.compile(before, re.IGNORECASE))


def marked_answers(answer: Answer, marks: AnswerMarks) -> list[MarkedAnswer]:
    """One entry for each block of an answer; at most one more than ``MAX_MARKS``."""
    value = _of_object(answer)
    if value is not None:
        return [_marked(value, marks, tagged=True)]
    parts = (without_emphasis(unfenced(block)) for block in answer.blocks[: MAX_MARKS + 1])
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


def _marked(text: str, marks: AnswerMarks, *, tagged: bool) -> MarkedAnswer:
    spans = list(_spans(text, marks))
    rest = text[max(end for _, end in spans) :].strip() if spans else ""
    return MarkedAnswer(text, [span for span, _ in spans], rest, text if tagged else _only_line(text))


def _only_line(text: str) -> str:
    """The one line with something in it, where there is no other and it is short; else ""."""
    if len(text) > 4 * MAX_BARE_CHARS:
        return ""
    lines = [line for line in text.splitlines() if _WORD.search(line)] or [text]
    return lines[0].strip() if len(lines) == 1 and len(lines[0].strip()) <= MAX_BARE_CHARS else ""


def _spans(text: str, marks: AnswerMarks) -> Iterator[tuple[str, int]]:
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
    pattern = mark_pattern(marks.nouns, marks.line, wide=has_foreign_mark(text))
    for match in islice(pattern.finditer(text), MAX_MARKS + 1):
        span, end = next((group for group in match.groups() if group is not None), ""), match.end()
        if _BLANK.fullmatch(span):
            if "option" in match[0].lower():  # "Let me look at each option:"
                continue
            span, end = _next_line(text, end, pattern)
        inner = pattern.search(span)
        if inner and _LEAD_IN.fullmatch(span, 0, inner.start()):
            span = next((group for group in inner.groups() if group is not None), "")
        if match["hashes"] and _CHAPTER.match(span):
            continue
        span = _ENDING.sub("", span)
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
            return ("" if pattern.search(line[1]) else _BULLET.sub("", line[1])), end
    return "", end


def _without(span: str, boxes: list[str]) -> str:
    """A span without boxes, which are marks of their own: "The answer is $\\boxed{18}$." is one mark."""
    if "\\" in span:
        for box in boxes:
            span = span.replace(box, "")
        span = span.strip(" $.,\\[]()")
    return span


def _before(text: str, start: int, marks: AnswerMarks) -> str:
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
