"""A raw reply into verdicts, strictly: complete and on the menu, or a typed failure. Never a guess."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import BLOCKED, Question, Reply
from reward_fn.judge.verdict_schema import item_key
from reward_fn.rubric import Leaf, Reason, Verdict, Verdicts
from reward_fn.text.answer import unfenced
from reward_fn.text.bounded_json import parse_json
from reward_fn.text.quotes import MIN_CHARS, quote_stands_in, share_a_passage
from reward_fn.text.thoughts import after_leading_thoughts

_COMPLETE = frozenset({"end_turn", "stop_sequence", "tool_use"})
_STOPPED: Mapping[str, Reason] = {
    "max_tokens": Reason.TRUNCATED,
    "content_filtered": Reason.FILTERED,
    "guardrail_intervened": Reason.FILTERED,
    "model_context_window_exceeded": Reason.OVERFLOW,
}
_PARTS = frozenset({"verdict", "evidence"})


def read_verdicts(reply: Reply, question: Question) -> Verdicts:
    """One verdict for every leaf of the question.

    Raises JudgeFailure: truncated, filtered or overflow by the stop reason; refused for prose where an
    object was asked for; incomplete where a verdict is missing; malformed for anything else. What it says
    never quotes the reply.
    """
    if reply.stop_reason not in _COMPLETE:
        reason = _STOPPED.get(reply.stop_reason, Reason.MALFORMED)
        raise JudgeFailure(reason, f"the judge stopped with {str(reply.stop_reason)[:40]!r}")
    verdicts: dict[Leaf, Verdict] = {}
    _match(_verdict_object(reply.content), _expected(question.leaves), "the reply", question, verdicts)
    return verdicts


@lru_cache(maxsize=256)
def _expected(leaves: tuple[Leaf, ...]) -> Mapping[str, Any]:
    """The verdict object as it must be, a leaf in the place of each verdict."""
    expected: dict[str, dict[str, Any]] = {}
    for leaf in leaves:
        part = expected.setdefault("answer" if leaf.item is None else "items", {})
        level = part if leaf.item is None else part.setdefault(item_key(leaf.item), {})
        level[leaf.criterion.name] = leaf
    return expected


def _match(
    given: Any, expected: Mapping[str, Any], place: str, question: Question, verdicts: dict[Leaf, Verdict]
) -> None:
    """Walk the reply along what was asked: every key there, none besides."""
    given = _unwrapped(given)
    if not isinstance(given, dict):
        raise JudgeFailure(Reason.MALFORMED, f"{place} is no object")
    for name, wanted in expected.items():
        entry = given.get(name)
        if entry is None:
            raise JudgeFailure(Reason.INCOMPLETE, f"{name} is missing in {place}")
        if isinstance(wanted, Leaf):
            verdicts[wanted] = _verdict(entry, wanted, question)
        else:
            _match(entry, wanted, name, question, verdicts)
    if len(given) > len(expected):
        raise JudgeFailure(Reason.MALFORMED, f"{place} holds more than was asked")


def _verdict_object(content: Any) -> Any:
    """Of a text all but leading thoughts and one fence: tags inside it are words that a rollout wrote."""
    if isinstance(content, str):
        parsed = parse_json(unfenced(after_leading_thoughts(content)), unique_keys=True)
        if parsed.error and BLOCKED in content.lower():
            raise JudgeFailure(Reason.FILTERED, "the judge's filter replaced its answer")
        if parsed.error and "{" not in content:
            raise JudgeFailure(Reason.REFUSED, "the judge answered in prose")
        if parsed.error:
            raise JudgeFailure(Reason.MALFORMED, f"the judge's JSON: {parsed.error}")
        return parsed.value
    return content


def _unwrapped(part: Any) -> Any:
    """Some models put a nested object into a tool's input as a JSON string; it reads as what it says."""
    if isinstance(part, str) and part.lstrip().startswith("{"):
        parsed = parse_json(part.strip(), unique_keys=True)
        return part if parsed.error else parsed.value
    return part


def _verdict(entry: Any, leaf: Leaf, question: Question) -> Verdict:
    name = leaf.criterion.name
    if not isinstance(entry, dict) or not entry.keys() <= _PARTS:
        raise JudgeFailure(Reason.MALFORMED, f"{name} is no verdict with evidence")
    answer, evidence = entry.get("verdict"), entry.get("evidence")
    if answer is None or "evidence" not in entry:
        raise JudgeFailure(Reason.INCOMPLETE, f"{name} has no verdict or no evidence")
    if not isinstance(answer, str) or not isinstance(evidence, str):
        raise JudgeFailure(Reason.MALFORMED, f"{name} has a verdict or evidence that is no text")
    given = answer if answer in leaf.criterion.worth else answer.strip().lower()
    if given not in leaf.criterion.worth:
        raise JudgeFailure(Reason.MALFORMED, f"the verdict on {name} is off the menu")
    return _supported(Verdict(given, evidence), leaf, question)


def _supported(verdict: Verdict, leaf: Leaf, question: Question) -> Verdict:
    """An answer that needs a quote and has none that stands in the document is the worst one, and marked.

    So is one whose quote has nothing to do with the passage that the item is about.
    """
    if not leaf.criterion.quote_from or verdict.answer == leaf.criterion.worst:
        return verdict
    if leaf.criterion.worth[verdict.answer] is None:
        return verdict
    documents = question.documents
    sources = [documents[name] for name in leaf.criterion.quote_from if name in documents]
    quote = verdict.evidence.strip()
    if any(quote_stands_in(quote, source, min_chars=MIN_CHARS) for source in sources) and _is_about(
        quote, leaf, question
    ):
        return verdict
    return Verdict(leaf.criterion.worst, verdict.evidence, unsupported=True)


def _is_about(quote: str, leaf: Leaf, question: Question) -> bool:
    """Whether a quote shares a passage with the item's own, where the criterion says which key holds it."""
    key = leaf.criterion.quote_of
    if not key or leaf.item is None:
        return True
    item = question.items[leaf.item]
    passage = item.get(key) if isinstance(item, dict) else item
    return isinstance(passage, str) and share_a_passage(quote, passage)
