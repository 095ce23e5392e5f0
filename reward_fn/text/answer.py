"""Where the answer stands in a response: the one place that decides it, for every check.

The thoughts go first (:mod:`reward_fn.text.thoughts`). Then the answer is the last solution block with
something in it, between tags of any family, or the whole text if it has no tags. :func:`unfenced` takes off a
code fence around all of an answer. A definition may name another place: see
:mod:`reward_fn.checks._answer_place`.
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
_TOKEN_ENDS = dict(_TOKENS)
_OPENING = lazy(
    rf"<({'|'.join(SOLUTION_TAGS)})\b[^<>\n]{{0,100}}>|{'|'.join(re.escape(begin) for begin, _ in _TOKENS)}",
    re.IGNORECASE,
)
_CLOSING_AT_END = lazy(rf"</(?:{'|'.join(SOLUTION_TAGS)})>\Z", re.IGNORECASE)
_EMPTY = lazy(r"(?:\s|\.|\u2026|and|to|tags?|your answer(?: here)?)*")
"""Between tags that a text only speaks of: "put it between <answer> and </answer>"."""
MAX_BLOCKS = 50
"""More solution blocks than this are no answer, and finding them must end."""

_STRUCTURE = lazy(r"\{|\[\s*[\[{\"]")
_FENCE = lazy(r"(`{3,}|~{3,})[ \t]*([\w+#./-]{0,40})[ \t]*\n")
_FENCES = lazy(r"^[ \t]{0,3}(`{3,}|~{3,})([^`\n]*)$", re.MULTILINE)


class Answer(NamedTuple):
    """The answer of one response.

    ``text`` is the answer, stripped: the last of ``blocks``, which are all solution blocks with something in
    them; without tags it is the only block. ``tagged`` says that tags or the definition mark it out, so that
    a block may stand for the answer without a further mark.
    """

    text: str
    blocks: tuple[str, ...]
    tagged: bool


Find = Callable[[str], Answer]
"""A way to find the answer in a response."""


def find_answer(response: str) -> Answer:
    """The answer where a definition does not say where it stands."""
    text = without_thoughts(response)
    if _is_structure(text):
        return Answer(text, (text,), tagged=False)
    blocks = solutions(text)
    if not blocks:
        text = _CLOSING_AT_END.sub("", text).rstrip() if text.endswith(">") else text
        return Answer(text, (text,), tagged=False)
    filled = tuple(block for block in blocks if not _EMPTY.fullmatch(block)) or ("",)
    return Answer(filled[-1], filled, tagged=True)


def answer_region(text: str) -> str:
    """The text of :func:`find_answer`, for texts that are not a rollout's."""
    return find_answer(text).text


def solutions(text: str) -> list[str]:
    """What stands between solution tags, stripped; a block that is not closed counts to the end."""
    if "<" not in text and "[ANSWER]" not in text:
        return []
    blocks: list[str] = []
    start = 0
    while len(blocks) <= MAX_BLOCKS and (opening := _OPENING.search(text, start)):
        closing = f"</{opening[1]}>" if opening[1] else _TOKEN_ENDS.get(opening[0], opening[0])
        end = text.find(closing, opening.end())
        end = len(text) if end < 0 else end
        blocks.append(text[opening.end() : end].strip())
        start = end + 1
    return blocks


def unfenced(text: str) -> str:
    """The inside of one Markdown code fence, of backticks or tildes, where it encloses the whole text."""
    opening = _FENCE.match(text) if text[:1] in ("`", "~") else None
    if opening is None:
        return text
    fence = opening[1]
    if not text.endswith(fence):
        return text
    closing = re.compile(rf"^[ \t]{{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*$", re.MULTILINE)
    closed = closing.search(text, opening.end())
    if closed is None:  # the fence ends the last line of the text in it
        return text[opening.end() : -len(fence)].strip() if text.count(fence) == 2 else text
    return text[opening.end() : closed.start()].strip() if closed.end() == len(text) else text


def fenced(text: str, language: str) -> str | None:
    """The inside of the last fence of a language, in lower case; "" is any fence. None without one."""
    found, opening = None, None
    for line in _FENCES.finditer(text):
        fence, info = line[1], line[2].strip()
        if opening is None:
            opening = line
        elif not info and fence.startswith(opening[1]):
            named = opening[2].split()[:1]
            if not language or [language] == [word.lower() for word in named]:
                found = text[opening.end() : line.start()].strip()
            opening = None
    return found


def _is_structure(text: str) -> bool:
    """Whether a text is all JSON by its ends: tags inside it are parts of its strings."""
    inside = unfenced(text)
    return (inside[:1] + inside[-1:]) in ("{}", "[]") and _STRUCTURE.match(inside) is not None
