"""A judge whose answers vary with the question, the model and the vote, within what its schema allows."""

import random
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from reward_fn.judge.base import Model, Question, Reply
from reward_fn.text.digest import digest
from rewardctl.judges.stand_in import StandInJudge

NOT_IN_ANY_DOCUMENT = "zyxwv words that stand in no document whatsoever"


class VariedJudge:
    """Opened in place of a paid judge. ``asked`` counts calls by question."""

    asked: ClassVar[Counter[str]] = Counter()

    def __init__(self, *_: object) -> None:
        self._plain = StandInJudge()
        self._lock = threading.Lock()

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:
        """Random verdicts, some with a quote that stands nowhere."""
        with self._lock:
            self.asked[question.key] += 1
            count = self.asked[question.key]
        reply = self._plain.ask(question, model, within_s=within_s)
        draw = random.Random(digest(question.key, model.name, str(count)))
        quote = next(iter(question.documents.values()), "as the answer says")[:30]
        return replace(reply, content=_varied(reply.content, question.schema, quote, draw))

    def warm(self) -> None:
        """Nothing to load."""


def _varied(value: Any, schema: Mapping[str, Any], quote: str, draw: random.Random) -> Any:
    if isinstance(value, dict):
        parts = schema.get("properties", {})
        return {name: _varied(each, parts.get(name, {}), quote, draw) for name, each in value.items()}
    if isinstance(value, list):
        return [_varied(each, schema.get("items", {}), quote, draw) for each in value]
    if "enum" in schema:
        return draw.choice(
            [each for each in schema["enum"] if each not in ("cannot_assess", "not_applicable")]
        )
    if not isinstance(value, str):
        return value
    return NOT_IN_ANY_DOCUMENT if draw.random() < 0.3 else quote
