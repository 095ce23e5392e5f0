"""Warnings about a valid definition: settings that work but probably don't do what its author meant.

Every rule reads the data of a valid file. ``docs/definitions.md`` explains each warning. A definition with
warnings is served all the same.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reward_fn.definition import question_lint
from reward_fn.definition.judge_mode import mode_named
from reward_fn.judge.models.catalogue import takes_tools
from reward_fn.types.definition import LintWarning

FORM_CHECKS = frozenset(
    {"hollow_answer", "json_schema", "length", "format", "language", "unicode_noise", "safety", "repetition"}
    | {"forbidden_content", "echo", "injection_marks"}
)
"""Checks of an answer's form. A wrong answer can pass all of them."""

MIN_EQUAL_CRITERIA = 2
_ROLE_KEYS = frozenset({"name", "weight", "reward", "min_score"})


def lint(data: Mapping[str, Any]) -> tuple[LintWarning, ...]:
    """The warnings about a definition's data, in the order of its parts."""
    return tuple(warning for rule in _RULES for warning in rule(data))


def _shaping_without_outcome(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    if data.get("combine") == "minimum":
        return
    for i, entry in enumerate(data.get("score", [])):
        if entry["check"] in FORM_CHECKS:
            message = (
                f"{entry['check']!r} pays for form, whether or not the outcome is right; make it a penalty, "
                'or a gate or combine = "minimum" if the base model passes it. A gate that it never passes '
                "leaves nothing to learn; `rewardctl report` on its rollouts shows whether it does"
            )
            yield LintWarning("shaping-without-outcome", f"score[{i}]", message)


def _penalty_never_bites(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    gates = [gate for gate in data.get("gate", []) if gate.get("min_score", 1.0) == 1.0]
    for i, penalty in enumerate(data.get("penalty", [])):
        if any(_same_check(penalty, gate) for gate in gates):
            message = "a gate with the same parameters passes only what this penalty leaves alone"
            yield LintWarning("penalty-never-bites", f"penalty[{i}]", message)


def _same_check(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two entries run the same check with the same parameters."""
    parameters = [
        {key: value for key, value in entry.items() if key not in _ROLE_KEYS} for entry in (one, other)
    ]
    return parameters[0] == parameters[1]


def _few_values(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    judge = data.get("judge", {})
    weights = [criterion.get("weight", 1.0) for criterion in judge.get("criterion", [])]
    if len(weights) >= MIN_EQUAL_CRITERIA and len(set(weights)) == 1 and not data.get("score"):
        message = (
            f"{len(weights)} equal weights leave only {len(weights) + 1} rewards, so groups tie and teach "
            "nothing; unequal ones cost nothing"
        )
        yield LintWarning("few-values", "judge.criterion", message)


def _few_voters(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    votes, judge = data.get("judge", {}).get("votes", 1), data.get("judge", {})
    if votes % 2 == 0 and judge.get("rule", "majority") == "majority" and "escalate" not in judge:
        message = f"{votes} votes can tie, and a tie counts as the worse answer; take an odd number"
        yield LintWarning("votes-can-tie", "judge.votes", message)


def _unused_choices(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    judge = data.get("judge", {})
    for i, criterion in enumerate([] if mode_named(judge).takes_choices else judge.get("criterion", [])):
        if "choices" in criterion:
            message = "a comparison is answered better, same or worse, never by these choices; leave them out"
            yield LintWarning("choices-unused", f"judge.criterion[{i}]", message)


def _unknown_model(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    judge = data.get("judge", {})
    if judge.get("structure", "tool") != "tool":
        return
    places = {f"judge.{key}": judge[key] for key in ("model", "escalate") if key in judge}
    for key in ("fallback", "panel"):
        places |= {f"judge.{key}[{i}]": model for i, model in enumerate(judge.get(key, []))}
    for place, model in places.items():
        if not takes_tools(model):
            message = (
                f"it is not known here whether {model[:80]!r} takes a forced tool; try one rollout, and "
                'set structure = "text" where its calls fail'
            )
            yield LintWarning("unknown-model", place, message)


def _no_hollow_gate(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    catches_hollow = {"hollow_answer", "json_schema"}
    if "judge" in data and not any(gate["check"] in catches_hollow for gate in data.get("gate", [])):
        message = (
            'empty answers and openers such as "Thought process:" reach the judge, and mostly pass it; '
            "add the gate hollow_answer, and see with `rewardctl report` that the base model passes it"
        )
        yield LintWarning("no-hollow-gate", "judge", message)


def _similarity_alone(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    scores = [entry["check"] for entry in data.get("score", [])]
    if scores and set(scores) == {"text_similarity"} and "judge" not in data:
        message = (
            "shared words alone make the reward: a negation costs nothing, padding and copies earn; add a "
            "check of the outcome, or a judge"
        )
        yield LintWarning("similarity-alone", "score", message)


_RULES: tuple[Callable[[Mapping[str, Any]], Iterator[LintWarning]], ...] = (
    _shaping_without_outcome,
    _penalty_never_bites,
    _no_hollow_gate,
    _few_values,
    question_lint.presence_only,
    question_lint.asks_two_things,
    _few_voters,
    _unused_choices,
    _unknown_model,
    question_lint.asks_for_a_scale,
    question_lint.template_braces,
    _similarity_alone,
)
