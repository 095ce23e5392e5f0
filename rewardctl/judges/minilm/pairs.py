"""Pairs with labels to train on: a file of pairs, or a run with labels of one's own."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rewardctl.judges.minilm.encoder import MinilmError
from rewardctl.judges.minilm.features import Pair

QUESTION_KEYS = ("question", "criterion")
TEXT_KEYS = ("text", "clause", "response")


class LabelledPair(NamedTuple):
    """A pair and whether the answer to its question is yes."""

    pair: Pair
    label: bool


def read_pairs(path: Path) -> list[LabelledPair]:
    """The pairs in a file of JSON Lines with a question, a text and a label of true or false.

    A pair without a question takes its ``task``, in words. Raises MinilmError that names the line.
    """
    return [_pair(row, f"{path}, line {number}") for number, row in _rows(path)]


def texts_in(path: Path) -> Iterator[str]:
    """All texts of a file of pairs, rows of a data set or records, to compare with those trained on."""
    for number, row in _rows(path):
        found = _text_of(row) or _response_of(row)
        if not found:
            raise MinilmError(
                f"{path}, line {number} holds no text: neither a pair, nor a row with a response"
            )
        yield found


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MinilmError(f"{path} can't be read as JSON Lines in UTF-8: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise MinilmError(f"{path}, line {number} is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise MinilmError(f"{path}, line {number} is not an object; put one pair on each line")
        yield number, row


def _pair(row: Mapping[str, Any], place: str) -> LabelledPair:
    question, text, label = _first(row, QUESTION_KEYS), _text_of(row), row.get("label")
    if not question and isinstance(row.get("task"), str):
        question = row["task"].replace("_", " ").replace("-", " ")
    if not question or not text or not isinstance(label, bool):
        raise MinilmError(
            f'{place} is not a pair; expected {{"question": …, "text": …, "label": true or false}}'
        )
    return LabelledPair(Pair(question, text), label)


def _text_of(row: Mapping[str, Any]) -> str:
    return _first(row, TEXT_KEYS)


def _response_of(row: Mapping[str, Any]) -> str:
    """The last turn's text of a row, or of a record's row."""
    messages = (row.get("row") or row).get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    content = last.get("content") if isinstance(last, dict) else None
    return content if isinstance(content, str) else ""


def _first(row: Mapping[str, Any], keys: Sequence[str]) -> str:
    return next((row[key] for key in keys if isinstance(row.get(key), str) and row[key].strip()), "")
