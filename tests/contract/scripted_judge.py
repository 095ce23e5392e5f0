"""A judge over HTTP that answers from a script: the verdicts that a person wrote beside an event.

A verdict is written as the judge would give it: ``"yes"``, or with the passage that proves it,
``"yes: the words of the source"``. Where each comment is judged, one string holds the verdicts on all
comments, in order: ``"yes yes no"``, or ``"all yes"``.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reward_fn.judge.ask.fences import Section, sections
from reward_fn.types.rollout import Rollout
from tests.contract.converse_server import Request, Response, converse_body, error, tool_use

Verdicts = Mapping[str, str]
"""The verdicts on one rollout by the name of the criterion."""


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be said of one rollout."""

    rollout: Rollout
    verdicts: Verdicts

    def is_about(self, shown: Sequence[Section]) -> bool:
        """Whether a request shows this rollout's response, or all of its comments."""
        items = [json.loads(section.text) for section in shown if section.kind == "item"]
        if not items:
            return [s.text for s in shown if s.kind == "response"] == [self.rollout.response]
        value = self.rollout.parsed.value
        comments = value.get("comments") if isinstance(value, dict) else None
        return (
            isinstance(comments, list)
            and len(comments) == len(items)
            and all(item.items() <= comment.items() for item, comment in zip(items, comments, strict=True))
        )


class ScriptedJudge:
    """The behaviour of a ConverseServer that knows its rollouts by what a request shows of them.

    ``asked`` collects the ids that were asked about. ``mistakes`` says which requests no script answers, or
    several that differ; the caller gets an error.
    """

    def __init__(self, scripts: Iterable[Script] = ()) -> None:
        self.scripts = list(scripts)
        self.asked: set[str] = set()
        self.mistakes: list[str] = []

    def __call__(self, request: Request) -> Response:
        """Answer one call."""
        texts = [block["text"] for block in request.body["messages"][0]["content"] if "text" in block]
        shown = [section for text in texts for section in sections(text)]
        schema = request.body["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"]
        names = set(_criteria_of(schema))
        about = [s for s in self.scripts if s.verdicts.keys() == names and s.is_about(shown)]
        if not about or any(script.verdicts != about[0].verdicts for script in about):
            said = f"{len(about)} different scripts answer" if about else "no script answers"
            self.mistakes.append(f"{said} {sorted(names)} of {[s.text for s in shown][-1][:100]!r}")
            return error(400, "ValidationException", "This call is not in the script.")
        self.asked |= {script.rollout.id for script in about}
        return Response(
            converse_body(tool_use(_reply(schema, about[0].verdicts, shown)), stop_reason="tool_use")
        )


def scripts_of(rollouts: Iterable[Any], verdicts: Mapping[str, Verdicts]) -> Iterator[Script]:
    """The script for each rollout of an event that has verdicts. Raises AssertionError for an unknown id."""
    by_id = {rollout.id: rollout for rollout in rollouts if isinstance(rollout, Rollout)} if verdicts else {}
    assert verdicts.keys() <= by_id.keys(), f"no rollout has the id {sorted(verdicts.keys() - by_id.keys())}"
    return (Script(by_id[name], of_rollout) for name, of_rollout in verdicts.items())


def _criteria_of(schema: Mapping[str, Any]) -> Iterator[str]:
    """The names of the criteria that a reply must answer."""
    parts = schema["properties"]
    yield from parts.get("answer", {}).get("properties", {})
    yield from (
        (name for name in parts["items"]["items"]["properties"] if name != "item") if "items" in parts else ()
    )


def _reply(schema: Mapping[str, Any], verdicts: Verdicts, shown: Sequence[Section]) -> dict[str, Any]:
    """The tool's input: the verdicts in the form that the schema asks for.

    The evidence of a verdict on a comment is the comment's own quote, where the criterion names its field.
    """
    criteria = next(json.loads(section.text) for section in shown if section.kind == "criteria")
    key_of_quote = {row["name"]: row.get("quote_of", "") for row in criteria}
    items = [json.loads(section.text) for section in shown if section.kind == "item"]
    parts = schema["properties"]
    reply: dict[str, Any] = {}
    if "items" in parts:
        properties = parts["items"]["items"]["properties"]
        split = {name: _one_each(verdicts[name], len(items)) for name in properties if name != "item"}
        reply["items"] = [
            {
                "item": number,
                **{
                    name: _leaf(properties[name], words[number - 1], item.get(key_of_quote[name], ""))
                    for name, words in split.items()
                },
            }
            for number, item in enumerate(items, 1)
        ]
    if "answer" in parts:
        properties = parts["answer"]["properties"]
        reply["answer"] = {name: _leaf(part, *_parted(verdicts[name])) for name, part in properties.items()}
    return reply


def _one_each(verdicts: str, items: int) -> list[str]:
    """The verdict on each of so many comments."""
    words = [verdicts.removeprefix("all ")] * items if verdicts.startswith("all ") else verdicts.split()
    assert len(words) == items, f"{len(words)} verdicts on {items} comments: {verdicts}"
    return words


def _parted(verdict: str) -> tuple[str, str]:
    """A verdict and its evidence."""
    word, _, evidence = verdict.partition(": ")
    return word, evidence


def _leaf(schema: Mapping[str, Any], verdict: str, evidence: str) -> Any:
    """One verdict, with evidence where the schema asks for it."""
    return verdict if "enum" in schema else {"evidence": evidence or "as the script says", "verdict": verdict}
