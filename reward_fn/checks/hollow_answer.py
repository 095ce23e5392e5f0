"""Answers with nothing in them: 0 for empty, punctuation-only and opener-only text, else 1.

Such "master keys" pass a judge 80 to 90 % of the time (arXiv 2507.08794), so they must not reach one.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reward_fn.text.answer import answer_region
from reward_fn.text.normalise import folded, has_letters
from reward_fn.types import Check, CheckResult, Rollout

PARAMETERS: Mapping[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}

MAX_OPENER_CHARS = 120
"""An answer of more characters than this is no mere opener."""

_NOUN = (
    "(?:thought process|thoughts?|reasoning|analysis|explanation|solution|answer|response|review|summary"
    "|report)"
)
_VERB = "(?:solve|think|work|go|start|begin|break|analy[sz]e|review)"
_TASK = "(?: (?:this|the|it))?(?: (?:problem|question|task|contract|document))?"
_OPENER = re.compile(
    rf"(?:the )?(?:final )?{_NOUN}|ok|okay|sure|certainly|of course|alright|(?:step|part) (?:1|one)"
    rf"|(?:here is|here's|below is) (?:the|my|an?) (?:[a-z]+ )?{_NOUN}"
    rf"|(?:let us|let's|let me|we|i)(?: will| can|'ll)? (?:now )?{_VERB}"
    rf"(?: (?:about|through|with|down|by|on))?{_TASK}(?: down)?"
    r"(?: carefully)?(?: (?:one )?step[- ]by[- ]step)?"
    r"|l\u00f6sung|loesung|soluci\u00f3n|respuesta|\u89e3|\u89e3\u7b54|\u7b54\u6848|\u304b\u3044\u3068\u3046"
)


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """No parameters."""
    return _check


def _check(rollout: Rollout) -> CheckResult:
    answer = answer_region(rollout.response)
    if not has_letters(answer):
        return CheckResult(0.0, "no letter or digit")
    if len(answer) <= MAX_OPENER_CHARS and _is_opener(folded(answer)):
        return CheckResult(0.0, "only an opener")
    return CheckResult(1.0)


def _is_opener(text: str) -> bool:
    sentences = [part.strip(" #*\"'-_") for part in re.split(r"[.:!?\n,]+", text)]
    sentences = [part for part in sentences if part]
    return bool(sentences) and all(_OPENER.fullmatch(part) for part in sentences)
