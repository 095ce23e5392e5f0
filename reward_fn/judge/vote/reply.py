"""Parse a raw reply into verdicts, strictly: complete and with allowed answers, or a typed failure."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from reward_fn.errors import JudgeFailure
from reward_fn.judge.ask.verdict_schema import ITEM
from reward_fn.judge.base import Question, Reply, Stop
from reward_fn.judge.vote.reply_items import in_order, unwrapped
from reward_fn.text.answer import unfenced
from reward_fn.text.bounded_json import parse_json
from reward_fn.text.quotes import quote_stands_in, share_a_passage
from reward_fn.text.thoughts import after_leading_thoughts
from reward_fn.types.unscored import Reason
from reward_fn.types.verdict import Leaf, Verdict, Verdicts

_STOPPED: Mapping[Stop, Reason] = {
    Stop.TRUNCATED: Reason.TRUNCATED,
    Stop.FILTERED: Reason.FILTERED,
    Stop.REFUSED: Reason.REFUSED,
    Stop.OVERFLOW: Reason.OVERFLOW,
    Stop.MALFORMED: Reason.MALFORMED,
}
_PARTS = frozenset({"verdict", "evidence"})
_BYTE_ORDER_MARK = "\ufeff"


def read_verdicts(reply: Reply, question: Question) -> Verdicts:
    """One verdict for every leaf of the question.

    Raises JudgeFailure. The reason follows the stop reason if the model was stopped. It is "refused" for
    prose instead of an object, "incomplete" for a missing verdict, and "malformed" for anything else. The
    message never quotes the reply.
    """
    if reply.stop is not Stop.COMPLETE:
        detail = (reply.stop_detail or reply.stop)[:40]
        raise JudgeFailure(_STOPPED[reply.stop], f"the judge stopped with {detail!r}")
    expected = _expected(question.leaves)
    parts = _object(_verdict_object(reply), expected.parts, "the reply")
    verdicts: dict[Leaf, Verdict] = {}
    if expected.items:
        levels = in_order(parts["items"], len(expected.items))
        for number, (level, leaves) in enumerate(zip(levels, expected.items, strict=True), 1):
            entries = _object(level, leaves, f"item {number}", spare=ITEM)
            for name, leaf in leaves.items():
                verdicts[leaf] = _verdict(entries[name], leaf, question)
    if expected.answer:
        entries = _object(parts["answer"], expected.answer, "answer")
        for name, leaf in expected.answer.items():
            verdicts[leaf] = _verdict(entries[name], leaf, question)
    return verdicts


class _Expected(NamedTuple):
    """The required structure of a reply: its parts, and by name the leaves of each item and of the answer."""

    parts: tuple[str, ...]
    items: tuple[Mapping[str, Leaf], ...]
    answer: Mapping[str, Leaf]


@lru_cache(maxsize=256)
def _expected(leaves: tuple[Leaf, ...]) -> _Expected:
    items: dict[int, dict[str, Leaf]] = {}
    answer: dict[str, Leaf] = {}
    for leaf in leaves:
        level = answer if leaf.item is None else items.setdefault(leaf.item, {})
        level[leaf.criterion.name] = leaf
    parts = (*(["items"] if items else []), *(["answer"] if answer else []))
    return _Expected(parts, tuple(items[i] for i in sorted(items)), answer)


def _object(value: Any, names: Collection[str], place: str, spare: str | None = None) -> Mapping[str, Any]:
    """The object in ``value``: it must hold all ``names``, may hold ``spare``, and nothing else."""
    value = unwrapped(value)
    if not isinstance(value, dict):
        raise JudgeFailure(Reason.MALFORMED, f"{place} is not an object")
    for name in names:
        if value.get(name) is None:
            raise JudgeFailure(Reason.INCOMPLETE, f"{name} is missing in {place}")
    if len(value) > len(names) + (spare in value):
        raise JudgeFailure(Reason.MALFORMED, f"{place} holds more than was asked")
    return value


def _verdict_object(reply: Reply) -> Any:
    """The verdict object; of a text, only leading thoughts and one code fence around it are removed.

    Solution tags stay, since a rollout may have written them.
    """
    content = reply.content
    if isinstance(content, str):
        text = after_leading_thoughts(content.lstrip(_BYTE_ORDER_MARK))
        parsed = parse_json(unfenced(text))
        if parsed.error and reply.has_filter_notice:
            raise JudgeFailure(Reason.FILTERED, "the judge's filter replaced its answer")
        if parsed.error and "{" not in content:
            raise JudgeFailure(Reason.REFUSED, "the judge answered in prose")
        if parsed.error:
            raise JudgeFailure(Reason.MALFORMED, f"the judge's JSON: {parsed.error}")
        return parsed.value
    return content


def _verdict(entry: Any, leaf: Leaf, question: Question) -> Verdict:
    """The verdict in an entry: an answer with or without evidence, or a bare answer."""
    criterion = leaf.criterion
    if isinstance(entry, str) and entry in criterion.worth and not criterion.quote_from:
        return Verdict(entry)  # the fast path for bare answers
    if not isinstance(entry, dict):
        entry = unwrapped(entry)
        entry = entry if isinstance(entry, dict) else {"verdict": entry}
    if not entry.keys() <= _PARTS:
        raise JudgeFailure(Reason.MALFORMED, f"{criterion.name} is not a verdict with evidence")
    answer, evidence = entry.get("verdict"), entry.get("evidence", "")
    if answer is None:
        raise JudgeFailure(Reason.INCOMPLETE, f"{criterion.name} has no verdict")
    if not isinstance(answer, str) or not isinstance(evidence, str):
        raise JudgeFailure(Reason.MALFORMED, f"{criterion.name} has a verdict or evidence that is not text")
    worth = criterion.worth
    answer = answer if answer in worth else answer.strip().lower()
    if answer not in worth:
        raise JudgeFailure(Reason.MALFORMED, f"the verdict on {criterion.name} is off the menu")
    verdict = Verdict(answer, evidence)
    if not criterion.quote_from or answer == criterion.worst or worth[answer] is None:
        return verdict
    if "evidence" not in entry:
        raise JudgeFailure(Reason.INCOMPLETE, f"{criterion.name} has no evidence")
    return _supported(verdict, leaf, question)


def _supported(verdict: Verdict, leaf: Leaf, question: Question) -> Verdict:
    """The verdict if its quote stands in a document, else the worst verdict, marked as unsupported.

    The quote must also overlap the passage that the item is about, if the criterion names its key.
    """
    documents = question.documents
    sources = [documents[name] for name in leaf.criterion.quote_from if name in documents]
    quote = verdict.evidence.strip()
    if any(quote_stands_in(quote, source) for source in sources) and _is_about(quote, leaf, question):
        return verdict
    return Verdict(leaf.criterion.worst, verdict.evidence, unsupported=True)


def _is_about(quote: str, leaf: Leaf, question: Question) -> bool:
    """Whether a quote shares a passage with the item's text under ``quote_of``; true if none is named."""
    key = leaf.criterion.quote_of
    if not key or leaf.item is None:
        return True
    item = question.items[leaf.item]
    passage = item.get(key) if isinstance(item, dict) else item
    return isinstance(passage, str) and share_a_passage(quote, passage)
