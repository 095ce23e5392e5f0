"""Remove a model's thoughts before its answer, in the markup of each model family."""

import re

from reward_fn.text.lazy import lazy

_FAMILIES = (
    # DeepSeek, Qwen, Nova, Claude's prompts, and tags that prompts commonly ask for
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
"""Tag names that a definition may use for thoughts."""

_CLOSING = {opening.lower(): closing for opening, closing in _FAMILIES}
_OPENING = lazy("|".join(re.escape(opening) for opening, _ in _FAMILIES), re.IGNORECASE)
_PAIRED = _FAMILIES[:-1]
"""All but Granite's sentences, which may be ordinary text."""
_CLOSING_SIGNS = ("</", "|>", "[/", "\u25c1/")
"""Every closing tag contains one of these."""
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
    """The text after the thoughts at its start; "" if they are never closed."""
    start = _start(text, 0)
    while opening := _OPENING.match(text, start):
        end = _end(text, _CLOSING[opening[0].lower()], opening.end())
        if end < 0:
            return ""
        start = _start(text, end)
    return text[start:].rstrip()


def without_thoughts(text: str) -> str:
    """The text without thoughts and without end-of-turn tokens.

    Four places are covered: thoughts at the start; thoughts opened by the chat template, of which only the
    closing tag arrives; thoughts on lines between parts of an answer; Harmony channels other than the final
    one.
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
    """The offset after white space and byte order marks."""
    match = _START.match(text, start)
    return match.end() if match else start


def _end(text: str, closing: str, start: int) -> int:
    """The offset after a closing tag, in any case; -1 if it is missing."""
    place = text.find(closing, start)
    if place < 0 and closing[0] == "<":
        match = re.compile(re.escape(closing), re.IGNORECASE).search(text, start)
        place = match.start() if match else -1
    return place if place < 0 else place + len(closing)


def _lines(text: str) -> str:
    """The text with line feeds as line ends, without white space at its ends."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text[_start(text, 0) :].rstrip()


def _ended(text: str) -> str:
    """The text without up to ``_MAX_ENDS`` end-of-turn tokens at its end."""
    for _ in range(_MAX_ENDS):
        mark = next((mark for mark in _ENDS_OF_TURN if text.endswith(mark)), "") if text[-1:] == ">" else ""
        if not mark:
            break
        text = text.removesuffix(mark).rstrip()
    return text


def _harmony(text: str) -> str:
    """The text of the last final channel; "" if the text has only other channels."""
    if text.startswith(_HARMONY_STARTS):
        finals = list(_HARMONY_FINAL.finditer(text))
        return text[finals[-1].end() :] if finals else ""
    # Decoded without special tokens: "analysis…assistantfinal…"
    return text.rpartition("assistantfinal")[2]


def _after_template(text: str, opening: str, closing: str) -> str:
    """The text after thoughts that the chat template opened: a closing tag precedes any opening tag.

    A tag inside quotation marks or a JSON string is text, since JSON cannot hold it beside a line break.
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
    """The text without thoughts that start on a new line."""
    parts, start = [], 0
    opening = f"\n{opening}"
    while (begin := text.find(opening, start)) >= 0 and (end := text.find(closing, begin)) >= 0:
        parts.append(text[start:begin])
        start = end + len(closing)
    return "".join([*parts, text[start:]]) if start else text
