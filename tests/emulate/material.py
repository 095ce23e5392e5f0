"""A small contract review, and how it is put to a judge."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

CODE = "00112233445566778899"

CONTRACT = (
    "1.1 Vendor may change or withdraw any feature of the platform at any time and without notice.\n"
    "2.2 This agreement renews for a further thirty-six months unless Customer objects in writing.\n"
    "6.2 Customer's liability under this agreement is not limited in amount or in kind.\n"
)
GUIDELINES = (
    "Liability. Accept a cap only if it is the same for both sides and at least twice the yearly fees.\n"
    "Renewal. Renewal terms are twelve months at most, and the supplier reminds us ninety days ahead.\n"
    "Changes. No withdrawal of a feature that we use without our signature.\n"
)

QUOTED = {
    "name": "Quoted",
    "scope": "item",
    "question": "Does the text_excerpt quote the contract?",
    "quote_from": ["target_contract"],
    "quote_of": "text_excerpt",
}
FITS = {"name": "Fits", "scope": "item", "question": "Is the item consistent with the guidelines?"}
USABLE = {"name": "Usable", "scope": "item", "question": "Is the recommended_action clear and concrete?"}
COMPLETE = {"name": "Complete", "scope": "answer", "question": "Do the items cover the guidelines?"}
CRITERIA = (QUOTED, FITS, USABLE, COMPLETE)

GOOD = {
    "type": "risk",
    "text_excerpt": "Customer's liability under this agreement is not limited in amount or in kind.",
    "recommended_action": "Add the same cap for both sides, at twice the yearly fees.",
}
MISQUOTED = {
    "type": "risk",
    "text_excerpt": "This agreement renews for a further sixty months unless Customer objects in writing.",
    "recommended_action": "Please review this carefully.",
}


def fenced(kind: str, name: str, text: str, code: str = CODE) -> str:
    """One section of a prompt."""
    return f"<<{code} begin {kind} {name}>>\n{text}\n<<{code} end>>"


def prompt(
    items: Sequence[Any] = (GOOD, MISQUOTED),
    *,
    criteria: Iterable[Any] = CRITERIA,
    documents: Iterable[tuple[str, str]] = (("target_contract", CONTRACT), ("guidelines", GUIDELINES)),
    response: str | None = None,
    code: str = CODE,
) -> list[str]:
    """The two text blocks: what a group shares, and the answer."""
    shared = [fenced("criteria", "-", json.dumps(list(criteria)), code)]
    shared += [fenced("document", name, text, code) for name, text in documents]
    own = [fenced("item", str(i), json.dumps(item), code) for i, item in enumerate(items, 1)]
    if response is not None:
        own = [fenced("response", "-", response, code)]
    return ["\n".join(shared), "\n".join(own)]


def closed(properties: dict[str, Any]) -> dict[str, Any]:
    """A schema of an object that has all of these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


VERDICT = closed(
    {"evidence": {"type": "string"}, "verdict": {"type": "string", "enum": ["yes", "no", "cannot_assess"]}}
)
PER_ITEM = closed({"item": {"type": "integer"}, "Quoted": VERDICT, "Fits": VERDICT, "Usable": VERDICT})
SCHEMA = closed(
    {"items": {"type": "array", "items": PER_ITEM, "minItems": 2}, "answer": closed({"Complete": VERDICT})}
)
"""Two items of three verdicts each, and one verdict over all: seven."""
TOOL_SCHEMA = {key: SCHEMA[key] for key in ("type", "properties", "required")}
"""The same as Nova takes it: three keys at the top."""

MODELS = {
    "tool": "us.amazon.nova-2-lite-v1:0",
    "json_schema": "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "text": "us.amazon.nova-2-lite-v1:0",
}
"""A model that takes each form; Nova takes no response format."""

# Worked out by hand from the texts above. GOOD quotes 6.2 word for word, and all of its own words but "risk"
# occur in the guidelines. MISQUOTED says sixty for thirty-six; its own words are "risk", "please", "review",
# "this" and "carefully", of which only "this" occurs. Most words of both items together are known.
EXPECTED = {
    "items": [
        {"Quoted": "yes", "Fits": "yes", "Usable": "yes"},
        {"Quoted": "no", "Fits": "no", "Usable": "no"},
    ],
    "answer": {"Complete": "yes"},
}


def verdicts(value: Any) -> Any:
    """An answer without its evidence and without the numbers of its items."""
    if isinstance(value, list):
        return [verdicts(part) for part in value]
    if not isinstance(value, dict):
        return value
    return (
        value["verdict"] if "verdict" in value else {k: verdicts(v) for k, v in value.items() if k != "item"}
    )


def converse_request(form: str = "tool", texts: Sequence[str] | None = None, **more: Any) -> dict[str, Any]:
    """The arguments of a Converse call; ``form`` is tool, json_schema or text."""
    request: dict[str, Any] = {
        "modelId": MODELS[form],
        "system": [{"text": "You are an examiner."}],
        "messages": [{"role": "user", "content": [{"text": text} for text in texts or prompt()]}],
        "inferenceConfig": {"maxTokens": 2000, "temperature": 0.0},
    }
    if form == "tool":
        spec = {"name": "record_verdicts", "inputSchema": {"json": TOOL_SCHEMA}}
        choice = {"tool": {"name": "record_verdicts"}}
        request["toolConfig"] = {"tools": [{"toolSpec": spec}], "toolChoice": choice}
    elif form == "json_schema":
        schema = {"name": "verdicts", "schema": json.dumps(SCHEMA)}
        request["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}
    return request | more


def body(form: str = "tool", texts: Sequence[str] | None = None, **more: Any) -> bytes:
    """The same as the HTTP body that boto3 sends."""
    request = converse_request(form, texts, **more)
    del request["modelId"]
    return json.dumps(request).encode()
