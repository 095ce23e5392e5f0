"""What works in a definition and is likely not what was meant: ways in which a reward leaks.

Every rule looks at the file as it stands, after it was found valid. ``docs/definitions.md`` explains each
warning; none keeps a definition from being served.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reward_fn.definition.judge_mode import mode_named
from reward_fn.judge.models.catalogue import takes_tools
from reward_fn.types.definition import LintWarning

FORM_CHECKS = frozenset(
    {"hollow_answer", "json_schema", "length", "format", "language", "unicode_noise", "safety", "repetition"}
    | {"forbidden_content", "echo", "injection_marks"}
)
"""Checks of the form of an answer: an answer can satisfy them all and be wrong."""

MIN_EQUAL_CRITERIA = 2
_OWN_KEYS = frozenset({"name", "weight", "reward", "min_score"})
_PRESENCE = re.compile(
    r"^\s*(?:do|does|is|are|has|have)\b[^?]{0,80}?\b"
    r"(?:include|mention|contain|have|has|provide|list|use|refer|state|present|there)\b[^?]{0,80}\?\s*$",
    re.IGNORECASE,
)
_BETWEEN = r"\b(?:of|between|in|on|at|for|from|by|with|without|about|than|under|against) "
_VERBS = r"(?:is|are|was|were|has|have|does|do|did|can|will|would|should)\b"
_NOUN = rf"(?!{_VERBS})[\w'-]+"
_PAIR = re.compile(
    rf"{_BETWEEN}(the |an? |)(?!the |an? ){_NOUN}(?: {_NOUN})? (?:and|as well as) \1{_NOUN}(?: {_NOUN})?"
    rf"(?=$|[,;:]| {_BETWEEN})",
    re.IGNORECASE,
)
"""Two nouns under one preposition, up to the end of the phrase: "the rules of grammar and punctuation"."""
_TWO_THINGS = re.compile(r"\b(?:and|as well as)\b", re.IGNORECASE)
_QUALITY = re.compile(
    r"\b(?:correct|right|accurate|every|all|each|only|exactly|consistent|support|follow|without|enough|concrete"
    r"|complete|relevant|faithful|true|same|match|at least|no more than|that (?:is|are|would|can))\w*\b",
    re.IGNORECASE,
)


_SCALE = re.compile(
    r"(?:^|[.!?:;] )(?:please )?(?:rate|score|grade|rank|evaluate|assess|judge)\b(?! (?:whether|if)\b)"
    r"|(?:^|[.!?:;] )(?:how\b|to what (?:extent|degree)\b|what (?:score|rating|grade|mark)\b)"
    r"|\bon a scale\b|\bout of (?:5|10|100|five|ten)\b"
    r"|\b(?:score|rating|grade|points|stars|marks?)\b.{0,20}\b[01] ?(?:to|and|-|–) ?\d+",
    re.IGNORECASE,
)
"""Questions that yes or no does not answer: an order to rate, how good something is, a range of marks."""
_BRACES = re.compile(r"\{\{[^{}\n]{0,60}\}\}|\{[A-Za-z_][\w.]{0,40}\}|\$\{\w{1,40}\}|<\|?[a-z_]+\|>")


def lint(data: Mapping[str, Any]) -> tuple[LintWarning, ...]:
    """The warnings about a definition's data, in the order of its parts."""
    return tuple(warning for rule in _RULES for warning in rule(data))


def _shaping_without_outcome(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    if data.get("combine") == "minimum":
        return
    for i, entry in enumerate(data.get("score", [])):
        if entry["check"] in FORM_CHECKS:
            message = (
                f"{entry['check']!r} pays for form, whether or not the outcome is right; make it a gate or a "
                'penalty, or set combine = "minimum"'
            )
            yield LintWarning("shaping-without-outcome", f"score[{i}]", message)


def _penalty_never_bites(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    gates = [gate for gate in data.get("gate", []) if gate.get("min_score", 1.0) == 1.0]
    for i, penalty in enumerate(data.get("penalty", [])):
        if any(_same_check(penalty, gate) for gate in gates):
            message = "a gate with the same parameters passes only what this penalty leaves alone"
            yield LintWarning("penalty-never-bites", f"penalty[{i}]", message)


def _same_check(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    bare = [{key: value for key, value in entry.items() if key not in _OWN_KEYS} for entry in (one, other)]
    return bare[0] == bare[1]


def _few_values(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    judge = data.get("judge", {})
    weights = [criterion.get("weight", 1.0) for criterion in judge.get("criterion", [])]
    if len(weights) >= MIN_EQUAL_CRITERIA and len(set(weights)) == 1 and not data.get("score"):
        message = (
            f"{len(weights)} equal weights leave only {len(weights) + 1} rewards, so groups tie and teach "
            "nothing; unequal ones cost nothing"
        )
        yield LintWarning("few-values", "judge.criterion", message)


def _presence_only(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    for i, criterion in enumerate(data.get("judge", {}).get("criterion", [])):
        question = " ".join(criterion["question"].split())
        asks_for_presence = _PRESENCE.match(question) and not _QUALITY.search(question)
        if asks_for_presence and "quote_from" not in criterion and criterion.get("weight", 1.0) > 0:
            message = "asks only whether something is there, which padding satisfies; ask if it is right"
            yield LintWarning("presence-only", f"judge.criterion[{i}]", message)


def _asks_two_things(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    for i, criterion in enumerate(data.get("judge", {}).get("criterion", [])):
        asked = " ".join(criterion["question"].partition("?")[0].split())
        several = criterion["question"].count("?") > 1
        if several or _TWO_THINGS.search(_PAIR.sub("", asked)):
            message = "asks two things, so a no does not say which, and judges differ; make them two criteria"
            yield LintWarning("asks-two-things", f"judge.criterion[{i}]", message)


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
    stops = {"hollow_answer", "json_schema"}
    if "judge" in data and not any(gate["check"] in stops for gate in data.get("gate", [])):
        message = (
            'empty answers and openers such as "Thought process:" reach the judge, and mostly pass it; '
            "add the gate hollow_answer"
        )
        yield LintWarning("no-hollow-gate", "judge", message)


def _asks_for_a_scale(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    judge = data.get("judge", {})
    for i, criterion in enumerate(judge.get("criterion", []) if mode_named(judge).takes_choices else []):
        if "choices" not in criterion and _SCALE.search(" ".join(criterion["question"].split())):
            message = (
                "asks for a place on a scale, but the answer is yes or no; ask whether it is good enough, or "
                "give choices, worst first"
            )
            yield LintWarning("asks-for-a-scale", f"judge.criterion[{i}]", message)


def _template_braces(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    for i, criterion in enumerate(data.get("judge", {}).get("criterion", [])):
        if braces := _BRACES.search(criterion["question"]):
            message = (
                f"holds {braces[0][:40]!r}, which nothing fills in; the judge sees the prompt, the response "
                "and the documents anyway: name them in words"
            )
            yield LintWarning("template-braces", f"judge.criterion[{i}]", message)


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
    _presence_only,
    _asks_two_things,
    _few_voters,
    _unused_choices,
    _unknown_model,
    _asks_for_a_scale,
    _template_braces,
    _similarity_alone,
)
