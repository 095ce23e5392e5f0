"""Judge replies in the form of each side, with evidence of the requested length."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from reward_fn.judge.ask.fences import sections

WORDS_PER_SENTENCE = 20
"""The mean of English prose; a sentence that cites something is hardly shorter."""

DEFAULT_EVIDENCE_WORDS = 40
"""Words of evidence if the prompt sets no limit."""

_WORDS = re.compile(r"(\d+)\s+words")
_AUTORUBRIC_ID = re.compile(r'<rubric_criterion id="([^"]+)">')
_AUTORUBRIC_WORDS = WORDS_PER_SENTENCE * 3 // 2
"""autorubric asks for an explanation of one or two sentences: one and a half."""

_VERIFIERS_CRITERION = re.compile(r"^- (\w+): .*\(answer one of, worst to best: ([^)]*)\)$", re.MULTILINE)


class Passages:
    """Successive passages of a text by number of words, starting again at its end."""

    def __init__(self, text: str) -> None:
        self._words = text.split() or ["nothing"]
        self._at = count()

    def next(self, words: int) -> str:
        """The next passage."""
        return " ".join(self._words[next(self._at) % len(self._words)] for _ in range(words))


def allowed_words(system: str) -> int:
    """The largest number of words of evidence that our system text allows."""
    return max(map(int, _WORDS.findall(system)), default=DEFAULT_EVIDENCE_WORDS)


def lengthened(reply: dict[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """A Converse reply whose evidence is as long as the request allows, taken from its longest document.

    Verdicts without evidence in the schema get none.
    """
    system = " ".join(block.get("text", "") for block in request.get("system", ()))
    texts = [
        block["text"] for message in request["messages"] for block in message["content"] if "text" in block
    ]
    pieces = [
        piece.text for text in texts for piece in sections(text) if piece.kind in ("document", "prompt")
    ]
    passages, words = Passages(max(pieces or texts, key=len)), allowed_words(system)
    for block in reply["output"]["message"]["content"]:
        for holder in _evidence_holders(block.get("toolUse", {}).get("input")):
            holder["evidence"] = passages.next(words)
    return reply


def _evidence_holders(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("evidence"), str):
            yield value
        else:
            for part in value.values():
                yield from _evidence_holders(part)
    elif isinstance(value, list):
        for part in value:
            yield from _evidence_holders(part)


def chat_answer(request: Mapping[str, Any]) -> str:
    """The text of a chat completion for autorubric (one criterion or all) or for verifiers' rubric judge."""
    texts = [_text(message["content"]) for message in request["messages"]]
    if any("criterion_status" in text for text in texts):
        return json.dumps(_autorubric(texts[-1], Passages(texts[-1].partition("<input>")[2])))
    material, _, criteria = texts[-1].rpartition("\nCriteria:\n")
    passages = Passages(material)
    verdicts = [
        {"name": name, "reason": passages.next(WORDS_PER_SENTENCE), "verdict": choices.split(", ")[-1]}
        for name, choices in _VERIFIERS_CRITERION.findall(criteria)
    ]
    return json.dumps({"verdicts": verdicts})


def _autorubric(prompt: str, passages: Passages) -> dict[str, Any]:
    def judgment() -> dict[str, Any]:
        return {"criterion_status": "MET", "explanation": passages.next(_AUTORUBRIC_WORDS)}

    ids = _AUTORUBRIC_ID.findall(prompt)
    if not ids:
        return judgment()
    return {"judgments": [{"criterion_id": name, "selected_option": None, **judgment()} for name in ids]}


def _text(content: str | Sequence[Mapping[str, Any]]) -> str:
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def converse_texts(request: Mapping[str, Any], reply: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The texts that a model reads (tools as JSON, system, messages) and writes (tool input) in Converse."""
    tools = [
        tool["toolSpec"] for tool in request.get("toolConfig", {}).get("tools", ()) if "toolSpec" in tool
    ]
    read = [*map(_json, tools), *(block["text"] for block in request.get("system", ()) if "text" in block)]
    read += [b["text"] for message in request["messages"] for b in message["content"] if "text" in b]
    blocks = reply["output"]["message"]["content"]
    return read, [json.dumps(b["toolUse"]["input"]) if "toolUse" in b else b.get("text", "") for b in blocks]


def chat_texts(request: Mapping[str, Any], answer: str) -> tuple[list[str], list[str]]:
    """The same for a chat completion; a response format counts as its schema."""
    form = request.get("response_format") or {}
    schema = [_json(form["json_schema"]["schema"])] if "json_schema" in form else []
    return [*schema, *(_text(message["content"]) for message in request["messages"])], [answer]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
