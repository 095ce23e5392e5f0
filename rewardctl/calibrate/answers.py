"""The answers of a judge in a run, by row, criterion and item."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reward_fn.paths import look_up
from reward_fn.text.digest import digest, strings_of
from reward_fn.types.rollout import Rollout
from rewardctl.calibrate.errors import CalibrateError
from rewardctl.labels.label import OVERALL, id_key


class Key(NamedTuple):
    """One question: a criterion about a row's answer (``item`` None) or about one of its items.

    The criterion OVERALL stands for the worth of the whole answer, which the reward says.
    """

    row: str
    criterion: str
    item: int | None = None


class Answer(NamedTuple):
    """The judge's answer: ``score`` in [0, 1] or, for OVERALL, the reward; None if it was not scored.

    ``text`` is the answer in words, ``evidence`` the judge's quote or reason. ``unsupported`` marks a yes
    that became a no because its quote is in no document.
    """

    score: float | None
    text: str
    evidence: str = ""
    unsupported: bool = False


class RowFacts(NamedTuple):
    """What the figures need of a row: its id, the name of its prompt, and the length of the response."""

    id: Any
    prompt: str
    length_chars: int


@dataclass(slots=True)
class Answers:
    """The answers of one run. ``kept`` and ``rows`` hold the rows with labels or production metrics, by
    their key; ``other_scores`` the scores of all other rows, by criterion. ``seen`` counts the rows."""

    kept: dict[Key, Answer] = field(default_factory=dict)
    rows: dict[str, RowFacts] = field(default_factory=dict)
    other_scores: dict[str, list[float]] = field(default_factory=dict)
    seen: int = 0

    def add(self, record: Mapping[str, Any], key: str, prompt: str, *, is_kept: bool) -> None:
        """Take over the answers of one record, whose prompt has the name ``prompt``.

        Raises CalibrateError if a row that is kept was there before.
        """
        self.seen += 1
        if not is_kept:
            for question, answer in answers_of(record, key):
                if answer.score is not None:
                    self.other_scores.setdefault(question.criterion, []).append(answer.score)
            return
        if key in self.rows:
            raise CalibrateError(
                f"the id {key!r} is in the run twice, so its labels belong to no single rollout; "
                "give each row an id of its own"
            )
        self.rows[key] = RowFacts(record["id"], prompt, response_chars(record))
        self.kept.update(answers_of(record, key))


def answers_of(record: Mapping[str, Any], key: str) -> Iterator[tuple[Key, Answer]]:
    """The answers in one record: the reward, and each verdict of the judge."""
    text = f"{record['reward']:.3f}" + (f", gate {record['gate']}" if record.get("gate") else "")
    score = None if record.get("imputed") else float(record["reward"])
    yield Key(key, OVERALL), Answer(score, text, "; ".join(_parts_of_reward(record)))
    for verdict in record.get("verdicts", ()):
        question = Key(key, verdict["criterion"], verdict["item"])
        answer = (verdict["worth"], verdict["answer"], verdict["evidence"], verdict["unsupported"])
        yield question, Answer(*answer)


def _parts_of_reward(record: Mapping[str, Any]) -> Iterator[str]:
    """The reasons of a reward: what checks found wrong, and the judge's verdicts with their evidence."""
    for name, check in (record.get("checks") or {}).items():
        if check.get("detail"):
            yield f"{name}: {check['detail']}"
    for verdict in record.get("verdicts", ()):
        evidence = f" ({verdict['evidence']})" if verdict["evidence"] else ""
        yield f"{verdict['criterion']} {verdict['answer']}{evidence}"


def prompt_of(record: Mapping[str, Any], fields: Iterable[str]) -> str:
    """The name of the prompt of a record, equal for rollouts that answer the same.

    It is the record's group, with the values at ``fields``: the judged fields of its row. A data set may put
    its documents into metadata and ask all its questions in the same words.
    """
    group, row = str(record.get("group") or id_key(record["id"])), record.get("row")
    if not row:
        return group
    rollout = Rollout(0, row["id"], (), "", row.get("reference_answer"), row.get("metadata") or {})
    values = (look_up(rollout, path) for path in sorted(fields))
    return digest(group, *(text for value in values for text in strings_of(value)))[:16]


def response_chars(record: Mapping[str, Any]) -> int:
    """The length of the response in characters; 0 for a rejected row."""
    messages = (record.get("row") or {}).get("messages") or [{}]
    return sum(map(len, _texts(messages[-1].get("content"))))


class RowKeys:
    """Gives each record of a run the key of its row: the id, with its line where that is needed.

    Where labels come from the rows themselves, ids need not differ: the rollouts of a prompt often share one.
    """

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def key_of(self, record: Mapping[str, Any]) -> str:
        """The id for its first record; later ones get "#" and their line, or their number, added."""
        key = id_key(record["id"])
        count = self._seen[key] = self._seen.get(key, 0) + 1
        return key if count == 1 else f"{key}#{record.get('line') or count}"


def _texts(content: Any) -> Iterable[str]:
    """The texts of a turn's content: a text, or blocks with texts."""
    if isinstance(content, str):
        return [content]
    blocks = content if isinstance(content, list) else []
    return [
        block["text"] for block in blocks if isinstance(block, dict) and isinstance(block.get("text"), str)
    ]
