"""The part of a response that is the answer: without thoughts, tags and code fences around it."""

import re

_NOT_SPACE = re.compile(r"\S")
SOLUTION = ("<|begin_of_solution|>", "<|end_of_solution|>")
THOUGHTS = (
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<thinking>", "</thinking>"),
    ("<think>", "</think>"),
)


def answer_region(text: str) -> str:
    """What follows the leading thoughts: the last solution between Nova's tags where there is one."""
    answer = without_thoughts(text)
    blocks = solutions(answer)
    return blocks[-1] if blocks else answer


def without_thoughts(text: str) -> str:
    """What follows the leading thoughts; "" where they are never closed."""
    start = _next_word(text, 0)
    while closing := next((end for begin, end in THOUGHTS if text.startswith(begin, start)), ""):
        end = text.find(closing, start)
        if end < 0:
            return ""
        start = _next_word(text, end + len(closing))
    return text[start:].rstrip()


def _next_word(text: str, start: int) -> int:
    """Where the white space from ``start`` on ends."""
    found = _NOT_SPACE.search(text, start)
    return found.start() if found else len(text)


def solutions(text: str) -> list[str]:
    """What stands between Nova's solution tags, stripped; a block that is not closed counts to the end."""
    opening, closing = SOLUTION
    return [block.partition(closing)[0].strip() for block in text.split(opening)[1:]]


def unfenced(text: str) -> str:
    """The inside of one Markdown code fence, where it encloses the whole text; the text otherwise.

    Backticks within a line are text, as in a JSON string; those that begin a line are another fence.
    """
    if not (text.startswith("```") and text.endswith("```") and text.count("\n```") <= 1):
        return text
    first_line, newline, rest = text[:-3].partition("\n")
    info = first_line[3:].strip()
    if newline and (not info or info.isalnum()):
        return rest.strip()
    return text
