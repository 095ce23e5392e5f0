"""The thoughts of a model before its answer, in the markup of each model family, and how to take them off."""

import re

from reward_fn.text.lazy import lazy

_FAMILIES = (
    # DeepSeek, Qwen, Nova, Claude's prompts, and the tags that prompts ask for by name
    *(
        (f"<{name}>", f"</{name}>")
        for name in ("think", "thinking", "thought", "thoughts", "reasoning", "reflection", "scratchpad")
    ),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),  # Nova, Sky-T1
    ("[THINK]", "[/THINK]"),  # Mistral
    ("\u25c1think\u25b7", "\u25c1/think\u25b7"),  # Kimi
    ("<seed:think>", "</seed:think>"),  # Seed-OSS
    ("<|START_THINKING|>", "<|END_THINKING|>"),  # Cohere
    ("<|channel>thought", "<channel|>"),  # Gemma
    ("Here is my thought process:", "Here is my response:"),  # Granite
)
THOUGHT_TAGS = frozenset(opening.strip("<|>") for opening, _ in _FAMILIES if opening[0] == "<")
"""The names by which a definition may call them."""

_CLOSING = {opening.lower(): closing for opening, closing in _FAMILIES}
_OPENING = lazy("|".join(re.escape(opening) for opening, _ in _FAMILIES), re.IGNORECASE)
_PAIRED = _FAMILIES[:-1]
"""All but the sentences, which a text may hold as sentences."""
_CLOSING_SIGNS = ("</", "|>", "[/", "\u25c1/")
"""One of them is in every closing tag."""
_START = lazy(r"[\s\ufeff]*")
_MENTION = frozenset("`'\"\u201c\u201d")
_HARMONY_FINAL = lazy(r"<\|channel\|>final[^<]{0,40}(?:<\|constrain\|>\w{0,20})?<\|message\|>")
_HARMONY_STARTS = ("<|start|>", "<|channel|>")
_ENDS_OF_TURN = (
    *("<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|endoftext|>", "<|end_of_text|>", "<|end|>", "<|return|>"),
    *("</s>", "<eos>", "<end_of_turn>", "<turn|>", "<|END_OF_TURN_TOKEN|>"),
    "<\uff5cend\u2581of\u2581sentence\uff5c>",
)
_MAX_ENDS = 4


def after_leading_thoughts(text: str) -> str:
    """The text after thoughts that it opens and closes itself; "" where they are never closed."""
    start = _start(text, 0)
    while opening := _OPENING.match(text, start):
        end = _end(text, _CLOSING[opening[0].lower()], opening.end())
        if end < 0:
            return ""
        start = _start(text, end)
    return text[start:].rstrip()


def without_thoughts(text: str) -> str:
    """The text without any thoughts and without a model's marks of a turn's end.

    Thoughts may lead, may have been opened by the template, so that only their closing tag arrives, may fill
    lines between the parts of an answer, or may be Harmony's channels other than the final one.
    """
    text = _ended(_lines(text))
    if text.startswith((*_HARMONY_STARTS, "analysis")):
        text = _harmony(text)
    text = after_leading_thoughts(text)
    if any(sign in text for sign in _CLOSING_SIGNS):
        for opening, closing in _PAIRED:
            if closing in text:
                text = after_leading_thoughts(_after_template(text, opening, closing))
                text = _without(text, opening, closing)
    return text


def _start(text: str, start: int) -> int:
    """Where white space and a byte order mark end."""
    found = _START.match(text, start)
    return found.end() if found else start


def _end(text: str, closing: str, start: int) -> int:
    """The place after a closing tag, whatever its case; -1 without one."""
    found = text.find(closing, start)
    if found < 0 and closing[0] == "<":
        match = re.compile(re.escape(closing), re.IGNORECASE).search(text, start)
        found = match.start() if match else -1
    return found if found < 0 else found + len(closing)


def _lines(text: str) -> str:
    """The text with every line ended by a line feed, and nothing before it."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text[_start(text, 0) :].rstrip()


def _ended(text: str) -> str:
    for _ in range(_MAX_ENDS):
        mark = next((mark for mark in _ENDS_OF_TURN if text.endswith(mark)), "") if text[-1:] == ">" else ""
        if not mark:
            break
        text = text.removesuffix(mark).rstrip()
    return text


def _harmony(text: str) -> str:
    """The last final channel; "" where there are other channels only."""
    if text.startswith(_HARMONY_STARTS):
        finals = list(_HARMONY_FINAL.finditer(text))
        return text[finals[-1].end() :] if finals else ""
    # decoded without the special tokens: "analysis…assistantfinal…"
    return text.rpartition("assistantfinal")[2]


def _after_template(text: str, opening: str, closing: str) -> str:
    """The text after thoughts whose opening tag stands in the template: a closing tag before any opening one.

    A tag inside quotation marks or a JSON string is text. JSON can only hold it where no line break is near.
    """
    first = text.find(opening)
    place = text.rfind(closing, 0, first if first >= 0 else len(text))
    if place < 0:
        return text
    end = place + len(closing)
    alone = text[place - 1 : place] == "\n" or text[end : end + 1] == "\n"
    is_text = text[place - 1 : place] in _MENTION or text[end : end + 1] in _MENTION or text[0] in "{["
    return text[end:].lstrip() if alone or not is_text else text


def _without(text: str, opening: str, closing: str) -> str:
    """The text without the thoughts that begin a line."""
    parts, start = [], 0
    opening = f"\n{opening}"
    while (begin := text.find(opening, start)) >= 0 and (end := text.find(closing, begin)) >= 0:
        parts.append(text[start:begin])
        start = end + len(closing)
    return "".join([*parts, text[start:]]) if start else text
