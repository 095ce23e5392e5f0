"""The texts that the page holds: those of the rollouts to read, then as many others as there is room for.

A second pass over the records. Only the records of chosen rollouts and of their groups are kept meanwhile.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from rewardctl.explain.types import Explanation
from rewardctl.report.values import response_of

Record = Mapping[str, Any]
Explain = Callable[[Record, Sequence[Record]], Explanation]
"""Explains a record beside the records of its group (itself included)."""

TEXT_BYTES = 2_500_000
"""Room for the texts of rollouts that are not on a list: the plots' code takes 0.9 MB of a page of 5 MB."""
PROMPT_CHARS, RESPONSE_CHARS, DETAIL_CHARS = 3_000, 6_000, 1_000
"""Longer texts are cut, and say so: a page with long documents would not open on a phone."""


@dataclass
class Texts:
    """Texts by row. ``prompts`` are by group, since all rollouts of one share it.

    ``rollouts`` are short forms of records, ``explained`` the explanations of chosen rows.
    """

    prompts: dict[int, str] = field(default_factory=dict)
    rollouts: dict[int, dict[str, Any]] = field(default_factory=dict)
    explained: dict[int, dict[str, Any]] = field(default_factory=dict)


def read_texts(
    records: Iterable[Record],
    groups: Sequence[int],
    chosen: Collection[int],
    members: Mapping[int, Sequence[int]],
    explain: Explain | None = None,
    room: int = TEXT_BYTES,
    rows: Collection[int] | None = None,
) -> Texts:
    """Read the texts of a run.

    ``groups`` is the group's number of each row, -1 for none; ``members`` are the rows of the groups of
    ``chosen``. ``room`` is the number of bytes for rows that are not chosen; ``rows`` are
    the only ones among these, None for all.
    """
    texts = Texts()
    page_rows = None if rows is None else frozenset(rows)
    needed_rows = {*chosen, *(row for group_rows in members.values() for row in group_rows)}
    records_by_row: dict[int, Record] = {}
    for row, record in enumerate(records):
        if row in needed_rows:
            records_by_row[row] = record
        if row in chosen:
            texts.rollouts[row] = short_form(record)
        elif room > 0 and (page_rows is None or row in page_rows):
            texts.rollouts[row] = short_form(record)
            room -= len(json.dumps(texts.rollouts[row]))
        if row in texts.rollouts:
            room -= _add_prompt(texts, groups[row], row, record)
    if explain is not None:
        for row in chosen:
            siblings = [records_by_row[sibling] for sibling in members.get(groups[row], [row])]
            with suppress(KeyError, TypeError, ValueError):  # a record in another form has its short form
                texts.explained[row] = explanation_form(explain(records_by_row[row], siblings))
    return texts


def _add_prompt(texts: Texts, group: int, row: int, record: Record) -> int:
    """Add the prompt of a rollout once a group, and return the bytes it takes."""
    prompt = cut(prompt_of(record.get("row")), PROMPT_CHARS)
    if group < 0:
        texts.rollouts[row]["prompt"] = prompt
    elif group in texts.prompts:
        return 0
    else:
        texts.prompts[group] = prompt
    return len(json.dumps(prompt))


def short_form(record: Record) -> dict[str, Any]:
    """Return what the page shows of a rollout without an explanation; empty parts are left out."""
    row = record.get("row") or {}
    reference = row.get("reference_answer")
    form = {
        "response": cut(response_of(row) or "", RESPONSE_CHARS),
        "reference": "" if reference is None else cut(_as_text(reference), DETAIL_CHARS),
        "checks": [
            [name, check.get("score"), cut(check.get("detail") or check.get("unscored") or "", DETAIL_CHARS)]
            for name, check in (record.get("checks") or {}).items()
        ],
        "verdicts": [
            [
                *(verdict.get(key) for key in ("criterion", "item", "answer", "worth")),
                cut(str(verdict.get("evidence") or ""), DETAIL_CHARS),
                bool(verdict.get("unsupported")),
            ]
            for verdict in record.get("verdicts") or ()
        ],
        "reasons": [
            [str(why.get("reason")), cut(str(why.get("detail")), DETAIL_CHARS)]
            for why in record.get("reasons") or ()
        ],
    }
    return {key: value for key, value in form.items() if value}


def explanation_form(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation for the page.

    Left out is what the short form holds or the page does not show, and empty fields. All texts are cut.
    """
    form: dict[str, Any] = asdict(explanation)
    segments = form["response"]["segments"]
    for key in ("prompt", "reference", "response", "items", "calls"):
        form.pop(key, None)
    form = _compact(form)
    form["response"] = {"segments": list(_cut_segments(segments))}
    return form


def _cut_segments(segments: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the segments up to RESPONSE_CHARS in all."""
    left = RESPONSE_CHARS
    for segment in segments:
        text = cut(segment["text"], left)
        yield _compact({**segment, "text": ""}) | {"text": text}
        left -= len(segment["text"])
        if left <= 0:
            return


def _compact(value: Any) -> Any:
    """Return a JSON value without empty fields and with its texts cut."""
    if isinstance(value, dict):
        return {key: _compact(child) for key, child in value.items() if child not in (None, "", [], (), {})}
    if isinstance(value, list | tuple):
        return [_compact(child) for child in value]
    return cut(value, DETAIL_CHARS) if isinstance(value, str) else value


def prompt_of(row: Record | None) -> str:
    """Return the messages before the response, each after its role where there are several."""
    messages = [m for m in (row or {}).get("messages") or () if isinstance(m, dict)][:-1]
    parts = [(str(m.get("role")), _as_text(m.get("content"))) for m in messages]
    return parts[0][1] if len(parts) == 1 else "\n\n".join(f"{role}: {text}" for role, text in parts)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


CUT = " …(cut)"


def cut(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of a text, marked where it was cut."""
    return text if len(text) <= limit else text[:limit] + CUT
