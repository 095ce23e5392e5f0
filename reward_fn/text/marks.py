"""Where a response says what its answer is: ``A:``, ``####``, ``\\boxed{}``, "answer is", solution tags."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from reward_fn.text.answer import solutions, without_thoughts

MAX_MARKS = 20
MAX_BARE_CHARS = 80

_NEXT_LINE = re.compile(r"\s*\n\s*(\S.*)")
_BOXED = re.compile(r"\\(?:boxed|fbox)\s?\{")
_LATEX_TEXT = re.compile(r"\\(?:text|textbf|mathrm|mathbf|mbox)\s?\{([^{}]*)\}")


class Marks(NamedTuple):
    """What marks an answer: in ``pattern`` the first group that matches is what is marked.

    ``before`` finds what belongs to a mark though it stands right before it, in its last 60 characters.
    """

    pattern: re.Pattern[str]
    before: re.Pattern[str]


class Marked(NamedTuple):
    """What one part of a response, a solution block or the whole of it, marks as its answer.

    ``spans`` is what each mark says, ``rest`` what follows the last one. Without a mark ``spans`` is empty;
    ``bare`` says that the whole ``text`` may then stand for the answer: it is one short line, or tagged.
    """

    text: str
    spans: list[str]
    rest: str
    bare: bool


def answer_marks(nouns: str = "answer", line: str = "A(?:nswer)?", before: str = r"$(?!$)") -> Marks:
    """Marks that call the answer one of ``nouns`` in a sentence, and ``line`` at the start of a line."""
    pattern = re.compile(
        rf"^[ \t>]*(?:{line})[ \t]*:[ \t]*(?P<line>.*)$"
        r"|####[ \t]*(?P<hashes>.*)$"
        rf"|\b(?:{nouns})[ \t]*(?:is|was|=|:)[ \t]*:?[ \t]*(?P<phrase>.*)$",
        re.IGNORECASE | re.MULTILINE,
    )
    return Marks(pattern, re.compile(before, re.IGNORECASE))


def marked_answers(response: str, marks: Marks) -> list[Marked]:
    """One entry for each solution block, or one for the whole answer; at most one more than ``MAX_MARKS``."""
    answer = without_thoughts(response)
    blocks = solutions(answer)
    parts = (blocks or [answer])[: MAX_MARKS + 1]
    return [_marked(part.replace("**", " "), marks, tagged=bool(blocks)) for part in parts]


def plain(span: str) -> str:
    """A span without what only typesets it: dollar signs, ``\\text{}``, white space at its ends."""
    return _LATEX_TEXT.sub(r"\1", span).replace("$", " ").strip()


def _marked(text: str, marks: Marks, *, tagged: bool) -> Marked:
    spans = list(_spans(text, marks))
    rest = text[max(end for _, end in spans) :].strip() if spans else ""
    bare = tagged or (len(text) <= MAX_BARE_CHARS and "\n" not in text)
    return Marked(text, [span for span, _ in spans], rest, bare)


def _spans(text: str, marks: Marks) -> Iterator[tuple[str, int]]:
    """Each marked span and where it ends; at most one more of each kind than ``MAX_MARKS``.

    A box that another mark holds and nothing else, "The answer is $\\boxed{18}$.", is one mark.
    """
    boxes: set[str] = set()
    for match in islice(_BOXED.finditer(text), MAX_MARKS + 1):
        inside = _braced(text, match.end())
        boxes.add(f"{match[0]}{inside}}}")
        yield _before(text, match.start(), marks) + inside, match.end() + len(inside) + 1
    for match in islice(marks.pattern.finditer(text), MAX_MARKS + 1):
        span, end = next(group for group in match.groups() if group is not None), match.end()
        if not span.strip(" .:") and (below := _NEXT_LINE.match(text, end)):
            span, end = below[1], below.end()
        if span.strip() and span.strip(" $.") not in boxes:
            yield _before(text, match.start(), marks) + span, end


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
