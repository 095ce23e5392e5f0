"""From a record, its siblings and its definition to an explanation. Pure."""

import json
from collections.abc import Iterator, Sequence

from reward_fn.paths import find_text
from reward_fn.types.definition import Definition
from rewardctl.explain.case import case_of
from rewardctl.explain.checks import check_lines
from rewardctl.explain.criteria import criterion_lines
from rewardctl.explain.group import compare, group_of
from rewardctl.explain.marks import response_of
from rewardctl.explain.parts import Turn
from rewardctl.explain.recorded import Record, Recorded
from rewardctl.explain.reward_steps import reward_steps
from rewardctl.explain.rubric_steps import rubric_sum
from rewardctl.explain.types import CallLine, Case, Explanation
from rewardctl.explain.why import why_sentence
from rewardctl.judges import STAND_IN


def explain(record: Record, siblings: Sequence[Record], definition: Definition | None) -> Explanation:
    """Explain a record's reward.

    ``siblings`` may be any records: those of the same group and definition count, and the record itself is
    left out. ``definition`` should be the one that scored the record; if its version differs, a note says so.
    None explains what the record alone tells. Raises KeyError, TypeError or ValueError for a record that is
    not in the form of ``docs/traces.md``.
    """
    recorded = Recorded(record, definition)
    group = group_of(recorded, [Recorded(other, definition) for other in siblings])
    case, criteria = case_of(recorded), criterion_lines(recorded)
    rollout = recorded.rollout
    return Explanation(
        id=record.get("id"),
        line=record.get("line"),
        definition=str(record.get("definition") or ""),
        definition_version=str(record.get("definition_version") or ""),
        group=record.get("group"),
        reward=recorded.reward,
        low=definition.low if definition else None,
        high=definition.high if definition else None,
        imputed=bool(record.get("imputed")),
        case=case,
        why=why_sentence(recorded, case),
        prompt=tuple(Turn(turn.role, turn.text) for turn in rollout.messages) if rollout else (),
        reference=(find_text(rollout, ["reference_answer"]) or "") if rollout else "",
        response=response_of(recorded, criteria),
        checks=check_lines(recorded, case),
        criteria=criteria,
        rubric=rubric_sum(recorded),
        steps=reward_steps(recorded, case, group),
        comparison=compare(recorded, group),
        calls=tuple(_calls(record)),
        notes=tuple(_notes(recorded, case)),
        items=tuple(_items(recorded)),
    )


def _items(recorded: Recorded) -> Iterator[str]:
    """The judged list's elements as JSON; a text element as it is."""
    for item in (recorded.material.items if recorded.material else None) or ():
        yield item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)


def _calls(record: Record) -> Iterator[CallLine]:
    for call in record.get("calls") or ():
        yield CallLine(
            str(call["model"]),
            float(call["latency_s"]),
            int(call["input_tokens"]),
            int(call["output_tokens"]),
            int(call.get("shared_by", 1)),
            call.get("failure") or "",
        )


def _notes(recorded: Recorded, case: Case) -> Iterator[str]:
    """What the explanation can't know."""
    record, definition = recorded.record, recorded.definition
    models = {call["model"] for call in record.get("calls") or ()}
    models.update(definition.judge.models if definition and definition.judge else ())
    if STAND_IN in models:
        yield "The judge was the offline stand-in, which compares words: its verdicts mean nothing."
    name, version = record.get("definition"), record.get("definition_version")
    sha256 = record.get("definition_sha256")
    if definition is None:
        yield f"The definition {name!r} is not at hand: weights, questions and the sum can't be shown."
    elif definition.version != version and (not sha256 or definition.sha256 != sha256):
        yield (
            f"The record was scored by {name} {version}, but {definition.name} {definition.version} is at "
            "hand: weights and questions may differ."
        )
    if not record.get("checks") and not record.get("verdicts") and recorded.rollout and case != "unknown":
        yield "The record holds scores only, as a deployed function answers: no reasons and no verdicts."
    known = {criterion.name for criterion in recorded.criteria}
    unknown = {entry["criterion"] for entry in record.get("verdicts") or ()} - known
    if definition is not None and unknown:
        yield f"The definition at hand lacks the criteria {', '.join(sorted(unknown))}."
