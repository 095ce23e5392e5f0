"""Find the answer in a response. Every check uses this module, so all agree on the place.

Thoughts are removed first (:mod:`reward_fn.text.thoughts`). The answer is then the last solution block that
is not empty, between tags of any model family, or the whole text if it has no tags. :func:`unfenced` removes
a code fence around an answer. A definition may name another place: see :mod:`reward_fn.checks._answer_place`.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from reward_fn.text.lazy import lazy
from reward_fn.text.thoughts import without_thoughts

SOLUTION_TAGS = ("answer", "final_answer", "final", "solution", "response")
_TOKENS = (
    ("<|begin_of_solution|>", "<|end_of_solution|>"),  # Nova, Sky-T1
    ("<|begin_of_answer|>", "<|end_of_answer|>"),
    ("<|begin_of_box|>", "<|end_of_box|>"),  # GLM-V
    ("<|START_RESPONSE|>", "<|END_RESPONSE|>"),  # Cohere
    ("[ANSWER]", "[/ANSWER]"),
)
_TOKEN_ENDS = {begin.lower(): end for begin, end in _TOKENS}
_OPENING = lazy(
    rf"<({'|'.join(SOLUTION_TAGS)})\b[^<>\n]{{0,100}}>|{'|'.join(re.escape(begin) for begin, _ in _TOKENS)}",
    re.IGNORECASE | re.ASCII,
)
_CLOSING_AT_END = lazy(rf"</(?:{'|'.join(SOLUTION_TAGS)})>\Z", re.IGNORECASE)
_EMPTY = lazy(r"(?:\s|\.|\u2026|and|to|tags?|your answer(?: here)?)*")
"""The content of tags that a text only mentions: "put it between <answer> and </answer>"."""
MAX_BLOCKS = 50
"""The search stops after this many solution blocks; no real answer has more."""

_STRUCTURE = lazy(r"\{|\[\s*[\[{\"]")
_FENCE = lazy(r"(`{3,}|~{3,})[ \t]*([\w+#./-]{0,40})[ \t]*\n")
_FENCES = lazy(r"^[ \t]{0,3}(`{3,}|~{3,})([^`\n]*)$", re.MULTILINE)


class Answer(NamedTuple):
    """The answer of one response.

    ``text`` is the answer, stripped: the last of ``blocks``. ``blocks`` are all solution blocks that are not
    empty, or the whole text if there are no tags. ``tagged`` says that tags or the definition delimit the
    answer, so that a block needs no further mark to count as one.
    """

    text: str
    blocks: tuple[str, ...]
    tagged: bool


Find = Callable[[str], Answer]
"""A function that finds the answer in a response."""


def find_answer(response: str) -> Answer:
    """The answer of a response, if the definition does not name its place."""
    text = without_thoughts(response)
    if _is_structure(text):
        return Answer(text, (text,), tagged=False)
    blocks = solutions(text)
    if not blocks:
        text = _CLOSING_AT_END.sub("", text).rstrip()
        return Answer(text, (text,), tagged=False)
    filled = tuple(block for block in blocks if not _EMPTY.fullmatch(block)) or ("",)
    return Answer(filled[-1], filled, tagged=True)


def answer_region(text: str) -> str:
    """The text of :func:`find_answer`."""
    return find_answer(text).text


def solutions(text: str) -> list[str]:
    """The contents of all solution blocks, stripped. A block without its closing tag extends to the end."""
    if "<" not in text and "[ANSWER]" not in text:
        return []
    blocks: list[str] = []
    start = 0
    while len(blocks) <= MAX_BLOCKS and (opening := _OPENING.search(text, start)):
        closing = f"</{opening[1]}>" if opening[1] else _TOKEN_ENDS[opening[0].lower()]
        block = text[opening.end() :].partition(closing)[0]
        blocks.append(block.strip())
        start = opening.end() + len(block)
    return blocks


def unfenced(text: str) -> str:
    """The content of a code fence (backticks or tildes) that encloses the whole text; else the text."""
    opening = _FENCE.match(text)
    if opening is None:
        return text
    fence = opening[1]
    if not text.endswith(fence):
        return text
    # The plus repeats the last character: the closing fence may be longer than the opening one.
    closing = re.compile(rf"^[ \t]{{0,3}}{fence}+[ \t]*$", re.MULTILINE)
    closed = closing.search(text, opening.end())
    if closed is None:  # the closing fence stands at the end of the last content line
        return text[opening.end() : -len(fence)].strip() if text.count(fence) == 2 else text
    return text[opening.end() : closed.start()].strip() if closed.end() == len(text) else text


def fenced(text: str, language: str) -> str | None:
    """The content of the last fence with that language (lower case, "" for any); None if there is none."""
    content, opening = None, None
    for line in _FENCES.finditer(text):
        fence, info = line[1], line[2].strip()
        if opening is None:
            opening = line
        elif not info and fence.startswith(opening[1]):
            languages = opening[2].split()[:1]
            if not language or [language] == [word.lower() for word in languages]:
                content = text[opening.end() : line.start()].strip()
            opening = None
    return content


def _is_structure(text: str) -> bool:
    """Whether a text is all JSON, judged by its ends; tags inside it belong to its strings."""
    inside = unfenced(text)
    return (inside[:1] + inside[-1:]) in ("{}", "[]") and _STRUCTURE.match(inside) is not None
