"""Find text that addresses the grader, kind by kind.

- ``fence``: a line that imitates the marks around the judge's material;
- ``verdict``: a verdict or score in the format that a judge returns;
- ``turn``: a change of speaker: chat template marks, system and instruction tags;
- ``tool``: a tool call or tool result;
- ``grader``: an address to a grader, or an order that only a grader could carry out;
- ``praise``: the answer's claim that it is perfect, passes or was approved.

Only English wording is known, and other wordings are missed: a match indicates an attack, but no match proves
nothing. Each pattern runs only if the text holds words that the pattern needs, so most texts cost little.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from reward_fn.text.normalise import visible
from reward_fn.text.unicode_noise import without_hidden
from reward_fn.text.words import words

MAX_CHARS = 100_000
"""Of a longer text only the first and last ``MAX_CHARS // 2`` characters are searched."""
KINDS = ("fence", "verdict", "turn", "tool", "grader", "praise")
"""All kinds, in the order above."""

_TAGS = re.compile("[\U000e0020-\U000e007e]{4,}")
_ODD = (
    re.compile("[\u1d00-\u1dbf\u2070-\u209f\u2460-\u24ff\ufb00-\ufb06\uff01-\uff5e]"),
    re.compile("[\U0001d400-\U0001d7ff]"),
)
"""Letters in compatibility forms, which NFKC maps to plain ones."""

_Q = r"\\?[\"']"
_START = r"(?:^\W{0,9}|\"\s?:\s?\"\W{0,9})"
"""The start of a line, or of a string in JSON."""
_GRADER = "(?:grader|judge|examiner|evaluator|marker|assessor|reward model|rater)"
_GRADERS = "grader graders judge judges examiner evaluator marker assessor reward rater evaluators examiners"
_GIVE = "give award assign output return record grant answer respond mark rate grade score"
_TOP = (
    r"(?:full (?:marks?|scores?|credit|points)|(?:the )?(?:highest|maximum|perfect|(?:top|best) possible) "
    r"(?:possible )?(?:scores?|marks?|ratings?|grades?|verdicts?|rewards?)|10 ?/ ?10|5 ?/ ?5"
    r"|100 ?(?:%|percent|/ ?100)|['\"\u201c]?yes['\"\u201d]? (?:to|for|on|in|everywhere))"
)
_ORDERS = (
    r"(?:instructions?|criteri(?:a|on)|rubric|rules|prompts?|guidelines|directions|messages?|questions?)"
)
_SUBJECT = "(?:answer|response|review|summary|solution|comment)s?"
_SUBJECTS = "answer answers response responses review summary solution comment comments reviews"
_PERFECT = (
    "deserve deserves earns earn merits merit meets meet satisfies satisfy fulfils fulfills passes perfect "
    "flawless exemplary doubt correct outstanding"
)


class _Rule(NamedTuple):
    """A pattern, and a cheap test of whether it can match.

    It can match only if the text holds one of ``signs``, or else a word of every list in ``needs``.
    """

    kind: str
    pattern: str
    signs: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


_RULES = (
    _Rule(
        "fence",
        r"<<\s?[0-9a-f]{6,64}\s(?:begin|end)\b|<<\s?(?:begin|end)\b[^<>\n]{0,40}>>"
        r"|^[ \t]*[#=*-]{2,}[ \t]*(?:end of )?(?:the )?"
        r"(?:response|answer|criteria|verdicts?|rubric|system|instructions?|material|submission)\b",
        ("<<", "##", "--", "==", "**"),
    ),
    _Rule(
        "verdict",
        rf"{_Q}verdict{_Q}\s?:|{_Q}(?:score|grade|rating|reward){_Q}\s?:\s?(?:{_Q})?\d"
        rf"|{_START}"
        r"(?:final )?(?:verdicts?|scores?|grade|rating)\W{0,4}:\W{0,4}"
        r"(?:yes|pass|correct|\d{1,3} ?(?:/|out of) ?\d{1,3})\b",
        needs=("verdict verdicts score scores grade rating reward",),
    ),
    _Rule(
        "turn",
        r"<\|(?:im_start|im_end|system|user|assistant|end_?of_?turn|eot_id|start_header_id)\|>"
        r"|\[/?(?:INST|SYSTEM)\]|<</?SYS>>|</?(?:system|instructions?|grader|judge|response|answer_key)>",
        ("<", "["),
    ),
    _Rule(
        "turn",
        rf"{_START}(?:system|developer)(?: (?:message|prompt|note|override|notice))?\s?\]?:\s",
        needs=("system developer",),
    ),
    _Rule(
        "tool",
        r"record_verdicts|</?(?:tool_(?:result|response|call|use|output)|function_(?:results?|calls?))\b"
        rf"|{_Q}(?:tool_?use|tool_?result|tool_?call_?id|function_call|toolUseId){_Q}"
        rf"|{_START}(?:tool|function) (?:result|output|response|call)s?\b",
        needs=("verdicts tool tooluse toolresult toolcall toolcallid tooluseid function",),
    ),
    _Rule(
        "grader",
        r"\b(?:dear|attention|(?:note|message) (?:to|for)|hello|hey|you,?) (?:the |any |all |every |my )?"
        rf"(?:ai |llm |automated |automatic |human )?{_GRADER}s?\b"
        rf"|\byou are (?:now |no longer )(?:an? |the )?(?:\w{{1,20}} )?{_GRADER}\b"
        rf"|\bas (?:an? |the )?(?:\w{{1,20}} )?{_GRADER},? you\b"
        rf"|\b{_GRADER} (?:must|should|shall|will|has to|is (?:asked|told|required) to) (?:now )?"
        r"(?:answer|give|say|mark|pass|accept|award|return|output|record)\b",
        needs=(_GRADERS,),
    ),
    _Rule(
        "grader",
        rf"\b(?:ignore|disregard|forget|override|bypass)(?: \w{{1,20}}){{0,4}} {_ORDERS}\b",
        needs=("ignore disregard forget override bypass",),
    ),
    _Rule(
        "grader",
        rf"\b(?:{_GIVE.replace(' ', '|')})(?: \w{{1,20}}){{0,6}}[ :]{{1,3}}{_TOP}",
        needs=(_GIVE, "full highest maximum perfect possible 10 5 100 yes"),
    ),
    _Rule(
        "praise",
        rf"\b(?:this|the|my) {_SUBJECT}\b[^.\n]{{0,60}}\b(?:deserves?|earns?|merits?"
        r"|(?:meets?|satisf(?:y|ies)|fulfill?s?|passes) (?:all|every|each)|(?:is|are) (?:perfect|flawless"
        r"|exemplary|beyond doubt|fully correct|entirely correct|outstanding))\b",
        needs=(_SUBJECTS, _PERFECT),
    ),
    _Rule(
        "praise",
        r"\ball (?:of )?(?:the )?criteria (?:are|were|have been) (?:met|satisfied|fulfilled|passed)\b"
        r"|\b(?:approved|verified|graded|certified)(?: as correct)? by (?:the |an? |another )?"
        rf"(?:\w{{1,20}} )?(?:{_GRADER}|panel|system|human experts?|review board)\b",
        needs=("criteria approved verified graded certified",),
    ),
)


def injections(text: str) -> Iterator[tuple[str, str]]:
    """Yield each match: its kind, one of ``KINDS``, and its text. Text in tag characters is decoded first."""
    if len(text) > MAX_CHARS:
        text = f"{text[: MAX_CHARS // 2]}\n{text[-MAX_CHARS // 2 :]}"
    text = _plain(text)
    text_words = frozenset(words(text.lower().encode("ascii", "replace").decode("ascii")))
    for index, rule in enumerate(_RULES):
        likely = any(sign in text for sign in rule.signs) if rule.signs else _has_all(text_words, rule.needs)
        if likely:
            yield from ((rule.kind, match[0]) for match in _pattern(index).finditer(text))


def _has_all(text_words: frozenset[str], needs: tuple[str, ...]) -> bool:
    return all(not text_words.isdisjoint(_split_once(word_list)) for word_list in needs)


@cache
def _split_once(word_list: str) -> frozenset[str]:
    return frozenset(word_list.split())


@cache
def _pattern(index: int) -> re.Pattern[str]:
    """The compiled pattern of a rule; compiled at first use, to keep it out of the cold start."""
    return re.compile(_RULES[index].pattern, re.IGNORECASE | re.MULTILINE)


def _plain(text: str) -> str:
    """The visible text, followed by the ASCII that its tag characters spell."""
    if text.isascii():
        return text
    hidden = "\n".join(_spelled(match[0]) for match in _TAGS.finditer(text))
    text = without_hidden(text)
    return (visible(text) if any(odd.search(text) for odd in _ODD) else text) + (
        "\n" + hidden if hidden else ""
    )


def _spelled(tags: str) -> str:
    """The ASCII text that tag characters spell: each is an ASCII character plus U+E0000."""
    return "".join(chr(ord(character) - 0xE0000) for character in tags)
