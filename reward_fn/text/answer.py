"""The part of a response that is the answer: without thoughts, tags and code fences around it."""

SOLUTION = ("<|begin_of_solution|>", "<|end_of_solution|>")
THOUGHTS = (
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<thinking>", "</thinking>"),
    ("<think>", "</think>"),
)


def answer_region(text: str) -> str:
    """What follows the thoughts: the last solution between Nova's tags, else all after leading thoughts.

    A solution that is opened and not closed counts to the end. Thoughts opened at the start and never
    closed leave no answer: "".
    """
    opening, closing = SOLUTION
    start = text.rfind(opening)
    if start >= 0:
        inside = text[start + len(opening) :]
        return inside.partition(closing)[0].strip()
    stripped = text.strip()
    for opening, closing in THOUGHTS:
        if stripped.startswith(opening):
            return stripped.partition(closing)[2].strip()
    return stripped


def unfenced(text: str) -> str:
    """The inside of one Markdown code fence, where it encloses the whole text; the text otherwise."""
    if not (text.startswith("```") and text.endswith("```") and text.count("```") == 2):
        return text
    first_line, newline, rest = text[:-3].partition("\n")
    info = first_line[3:].strip()
    if newline and (not info or info.isalnum()):
        return rest.strip()
    return text
