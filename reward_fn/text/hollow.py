"""Answers with nothing in them: empty, punctuation alone, or an opener that promises what does not follow."""

import re

from reward_fn.text.answer import answer_region
from reward_fn.text.normalise import folded, has_letters

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


def why_hollow(response: str) -> str:
    """What is wrong with a response that says nothing; "" for one that says something."""
    answer = answer_region(response)
    if not has_letters(answer):
        return "no letter or digit"
    return "only an opener" if len(answer) <= MAX_OPENER_CHARS and _is_opener(folded(answer)) else ""


def _is_opener(text: str) -> bool:
    sentences = [part.strip(" #*\"'-_") for part in re.split(r"[.:!?\n,]+", text)]
    sentences = [part for part in sentences if part]
    return bool(sentences) and all(_OPENER.fullmatch(part) for part in sentences)
