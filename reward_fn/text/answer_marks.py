"""Find the marks of a final answer: ``A:``, ``####``, ``\\boxed{}``, "answer is", "Antwort:", headings.

A mark alone on its line, or before a formula's ``\\[``, marks the next line that holds text. An empty box
marks nothing, and neither does a mark that only announces the next one.
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
"""From this many words on, a span is a sentence about the answer if another mark follows."""

_NEXT_LINE = re.compile(r"\s*(\S[^\n]*)")
_WORD = re.compile(r"\w+")
_BLANK = re.compile(
    r"(?:[\s.\u2026?_~$:*\\<>\[\]{}]|\\text"
    r"|(?:your |final |the )?(?:answer|letter|number|option|choice)(?: here)?)*",
    re.IGNORECASE,
)
"""Nothing, or a placeholder from an instruction: "Answer: [letter]"."""
_LEAD_IN = re.compile(
    r"(?:(?:so|thus|hence|therefore|i think|i believe|my|the|final|correct|right|best)\b[\s,]*)*",
    re.IGNORECASE,
)
"""Words between two marks in one line: "Final Answer: The final answer is 18."."""
_ENDING = re.compile(rf"\.?\s+I hope it is correct\.?\s*\Z|(?:{LAST_VERBS})[\u3002.]?\s*\Z")
"""The closing words of Minerva's prompts (arXiv 2206.14858); a final verb in Japanese or Korean."""
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
"""Level-four headings in long solutions; they share ``####`` with the mark before an answer."""


class AnswerMarks(NamedTuple):
    """Words that mark an answer: ``nouns`` in a sentence, ``line`` before a colon at the start of a line.

    ``before`` finds text directly before a mark that belongs to the marked answer; it sees the last 60
    characters.
    """

    nouns: str
    line: str
    before: re.Pattern[str]


class MarkedAnswer(NamedTuple):
    """The marked answers in one part of a response: a solution block, or the whole response.

    ``text`` is the part. ``spans`` are the marked texts, in order, and ``rest`` is the text after the last
    one. ``bare`` is a text that may be the answer without a mark: the block between tags, or a response of
    one short line; else "".
    """

    text: str
    spans: list[str]
    rest: str
    bare: str


def answer_marks(
    nouns: str = "answer", line: str = "A(?:ns(?:wer)?)?", before: str = r"$(?!$)"
) -> AnswerMarks:
    """The marks with these English patterns, in addition to those of other languages."""
    return AnswerMarks(nouns, line, re.compile(before, re.IGNORECASE))


def marked_answers(answer: Answer, marks: AnswerMarks) -> list[MarkedAnswer]:
    """One entry for each block of an answer; at most ``MAX_MARKS + 1``."""
    value = _of_object(answer)
    if value is not None:
        return [_marked(value, marks, tagged=True)]
    parts = (without_emphasis(unfenced(block)) for block in answer.blocks[: MAX_MARKS + 1])
    return [_marked(part, marks, tagged=answer.tagged) for part in parts]


def _of_object(answer: Answer) -> str | None:
    """The value of the only key "answer" or "final_answer" of an answer that is a JSON object; else None."""
    text = unfenced(answer.text)
    if not text.startswith("{") or len(answer.blocks) > 1:
        return None
    value = parse_json(text).value
    entries = value.items() if isinstance(value, dict) else ()
    answers = [entry for key, entry in entries if _KEY.fullmatch(key)]
    if len(answers) != 1 or not isinstance(answers[0], str | int | float):
        return None
    return answers[0] if isinstance(answers[0], str) else json.dumps(answers[0])


def plain(span: str) -> str:
    """A span without typesetting: formula delimiters, ``\\text{}``, white space at its ends."""
    return _DELIMITER.sub(" ", _LATEX_TEXT.sub(r"\1", span)).strip()


def is_sentence(span: str) -> bool:
    """Whether a span has at least ``MIN_SENTENCE_WORDS`` words."""
    return len(list(islice(_WORD.finditer(span), MIN_SENTENCE_WORDS))) == MIN_SENTENCE_WORDS


def has_box(span: str) -> bool:
    """Whether a span holds a box, which is a mark itself."""
    return _BOXED.search(span) is not None


def _marked(text: str, marks: AnswerMarks, *, tagged: bool) -> MarkedAnswer:
    spans = list(_spans(text, marks))
    rest = text[max(end for _, end in spans) :].strip() if spans else ""
    return MarkedAnswer(text, [span for span, _ in spans], rest, text if tagged else _only_line(text))


def _only_line(text: str) -> str:
    """The only line with text, if it is short; else ""."""
    if len(text) > 4 * MAX_BARE_CHARS:
        return ""
    lines = [line for line in text.splitlines() if _WORD.search(line)] or [text]
    return lines[0].strip() if len(lines) == 1 and len(lines[0].strip()) <= MAX_BARE_CHARS else ""


def _spans(text: str, marks: AnswerMarks) -> Iterator[tuple[str, int]]:
    """Each marked span and its end; at most ``MAX_MARKS + 1`` boxes and as many other marks."""
    boxes: list[str] = []
    end = 0
    for match in islice(_BOXED.finditer(text), MAX_MARKS + 1):
        if match.start() < end:  # a nested box
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
    """The next line that holds a word and no mark, and its end; formula and fence openings are skipped."""
    for _ in range(_MAX_SKIPPED_LINES):
        line = _NEXT_LINE.match(text, end)
        if line is None:
            break
        end = line.end()
        if not line[1].startswith(("```", "~~~")) and _WORD.search(line[1]):
            return ("" if pattern.search(line[1]) else _BULLET.sub("", line[1])), end
    return "", end


def _without(span: str, boxes: list[str]) -> str:
    """A span without boxes, which count separately: "The answer is $\\boxed{18}$." is one mark."""
    if "\\" in span:
        for box in boxes:
            span = span.replace(box, "")
        span = span.strip(" $.,\\[]()")
    return span


def _before(text: str, start: int, marks: AnswerMarks) -> str:
    """The text before a mark that belongs to it: a sign, or the "20 or" of "20 or \\boxed{18}"; else ""."""
    match = marks.before.search(text[max(0, start - 60) : start])
    return match[0] if match else ""


def _braced(text: str, start: int) -> str:
    """The text from ``start`` to its closing brace, or the next 1,000 characters."""
    depth = 1
    for place, character in enumerate(text[start : start + 1000], start):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return text[start:place]
    return text[start : start + 1000]
