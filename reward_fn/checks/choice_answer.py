"""1 if the answer chooses the reference's option and no other, else 0.

"The answer is (B)", "B", "\\boxed{B}", "Answer: B." and "B) Paris" choose B; so does "Paris", if the texts of
the options are known. Answers are marked as for ``numeric_answer``; without a mark, a response of one short
line counts. Several different choices are wrong, even if one of them is right.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from reward_fn.checks._answer_place import ANSWER, answer_of
from reward_fn.paths import ANSWERS, PATHS, find_answers, look_up
from reward_fn.text.answer_marks import MarkedAnswer, answer_marks, marked_answers, plain
from reward_fn.text.choices import Choices
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

LABELS = ("A", "B", "C", "D", "E")

_LABEL = {"type": "string", "pattern": r"^[^\W_]([\w +-]{0,38}[^\W_])?$(?!\n)"}
PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reference": PATHS,
        "labels": {"type": "array", "items": _LABEL, "minItems": 2, "maxItems": 26, "uniqueItems": True},
        "options": PATHS,
        "answer": ANSWER,
    },
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``labels`` are A to E by default; ``options`` lists the paths of the texts of a rollout's options.

    These are a list in the labels' order, an object from label to text, or an object with the lists ``label``
    and ``text``. The reference is a label or an option's text. Raises ValueError if two labels differ only in
    case.
    """
    paths, options = parameters.get("reference", ANSWERS), parameters.get("options", ())
    find = answer_of(parameters)
    labels: tuple[str, ...] = tuple(parameters.get("labels", LABELS))
    folded_labels = {label.casefold() for label in labels}
    if len(folded_labels) < len(labels):
        raise ValueError("labels: two of them differ only in case; rename one")
    marks = answer_marks(
        nouns="answer|choice|option",
        line="Answer|Choice" if "a" in folded_labels else "A(?:nswer)?|Choice",
        before=rf"(?<!\w)(?:{'|'.join(map(re.escape, labels))})\W{{1,10}}(?:or|and)\W*$",
    )

    def check(rollout: Rollout) -> CheckResult | Unscored:
        choices = _choices(labels, _texts(rollout, options, labels))
        right = {choices.label_of(plain(answer)) for answer in find_answers(rollout, paths)}
        if len(right) != 1 or None in right:
            return Unscored(Reason.NO_SOURCE, f"no single option under {' or '.join(paths)}")
        chosen = set[str]()
        for part in marked_answers(find(rollout), marks):
            chosen |= _chosen(part, choices)
        if len(chosen) == 1:
            return CheckResult(1.0) if chosen == right else CheckResult(0.0, "a different choice")
        return CheckResult(0.0, "several choices" if chosen else "no choice")

    return check


def _chosen(part: MarkedAnswer, choices: Choices) -> set[str]:
    """The labels at the marks of one part; without a mark the labels that its text concludes with."""
    spans = part.spans or ([part.bare] if part.bare else [])
    if part.spans and (back := choices.taken_back_in(part.rest)):
        return {label for span in spans for label in choices.named_in(plain(span), marked=True)} | back
    named = {label for span in spans for label in choices.named_in(plain(span), marked=bool(part.spans))}
    return named or choices.concluded_in(part.text)


@lru_cache(maxsize=64)
def _choices(labels: tuple[str, ...], texts: tuple[tuple[str, str], ...]) -> Choices:
    """Cached, since the rollouts of a group share their options."""
    return Choices(labels, dict(texts))


def _texts(rollout: Rollout, paths: tuple[str, ...], labels: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Label and text of each option, from the first path with options; only texts count."""
    for path in paths:
        value = look_up(rollout, path)
        if isinstance(value, Mapping) and isinstance(value.get("label"), list):
            pairs = zip(value["label"], value.get("text") or (), strict=False)
        elif isinstance(value, Mapping):
            pairs = zip(value.keys(), value.values(), strict=True)
        else:
            pairs = zip(labels, value if isinstance(value, list) else (), strict=False)
        texts = tuple((k, v) for k, v in pairs if k in labels and isinstance(v, str) and v.strip())
        if texts:
            return texts
    return ()
