"""The pattern of the words that mark an answer, in the languages that the language check knows best."""

import re
from functools import lru_cache

_NOUNS = (
    "antwort ergebnis l\u00f6sung respuesta r\u00e9ponse reponse resposta risposta antwoord svar vastaus "
    "odpowied\u017a "
    "odpov\u011b\u010f odpove\u010f v\u00e1lasz r\u0103spuns r\u0103spunsul cevap yan\u0131t jawaban "
    "\u0111\u00e1p~\u00e1n tr\u1ea3~l\u1eddi "
    "\u043e\u0442\u0432\u0435\u0442 \u0432\u0456\u0434\u043f\u043e\u0432\u0456\u0434\u044c "
    "\u043e\u0442\u0433\u043e\u0432\u043e\u0440 \u03b1\u03c0\u03ac\u03bd\u03c4\u03b7\u03c3\u03b7 "
    "\u0627\u0644\u0625\u062c\u0627\u0628\u0629 \u0627\u0644\u0627\u062c\u0627\u0628\u0629 "
    "\u0627\u0644\u062c\u0648\u0627\u0628 \u062c\u0648\u0627\u0628 \u067e\u0627\u0633\u062e "
    "\u05ea\u05e9\u05d5\u05d1\u05d4 \u05d4\u05ea\u05e9\u05d5\u05d1\u05d4 "
    "\u0909\u0924\u094d\u0924\u0930 \u091c\u0935\u093e\u092c \u0989\u09a4\u09cd\u09a4\u09b0 "
    "\u0625\u062c\u0627\u0628\u0629 jibu \u00ecd\u00e1h\u00f9n idahun id\u00e1h\u00f9n \u00e0d\u00e1h\u00f9n "
    "\u0c38\u0c2e\u0c3e\u0c27\u0c3e\u0c28\u0c02 "
    "\u0baa\u0ba4\u0bbf\u0bb2\u0bcd \u0e04\u0e33\u0e15\u0e2d\u0e1a"
).split()
"""The word for an answer in German, the Romance, Germanic and Slavic languages, Finnish, Hungarian, Turkish,
Indonesian, Vietnamese, Greek, Arabic, Persian, Urdu, Hebrew, Hindi, Marathi, Bengali, Swahili, Yoruba,
Telugu, Tamil and Thai."""
_JOINED_NOUNS = (
    "\u7b54\u6848 \u7b54\u590d \u7b54\u66f0 "
    "\u6b63\u89e3 \u7b54\u3048 \u89e3\u7b54 \u56de\u7b54 \uc815\ub2f5 \ub2f5\ubcc0 \ub2f5"
).split()
"""The same for Chinese, Japanese and Korean, which put no space around it."""
LAST_VERBS = "\u3067\u3059|\u3067\u3042\u308b|\uc785\ub2c8\ub2e4|\uc774\ub2e4"
"""The verb after an answer in a Japanese or Korean sentence, as a pattern."""
_WORDS = tuple(word.replace("~", " ") for word in _NOUNS)
_IS = "is|was|are|(?:(?:seems|appears|has) to|would|should|must|will) be"
_COPULAS = (
    r"ist|lautet|es|est|\u00e9|\u00e8|este|jest|je|\u00e4r|er|on|l\u00e0|adalah|to|\u0647\u0648|\u0647\u064a"
    r"|\u05d4\u05d5\u05d0|\u05d4\u05d9\u05d0|\u03b5\u03af\u03bd\u03b1\u03b9|\u0939\u0948|\u0e04\u0e37\u0e2d"
)
_JOINED_COPULAS = "\u662f|\u4e3a|\u70ba|\u9009|\u9078|\u306f|\uc740|\ub294"
_SPACE = r"[ \t\u00a0\u202f]"
_GAP = r"[ \t\u00a0\u202f*_\"'`]{0,6}"
_COLON = r"[:\uff1a\u0983]"
_BETWEEN = (
    rf"(?:{_SPACE}(?:to|for|of|the|this|that|your|our|my|question|problem|task|exercise|puzzle|here|therefore"
    r"|thus|then|finale?|correct[aeo]?|corrett?[ao]|richtige|corect|corespunz\u0103tor|yang|benar|tepat|choice|option|juiste"
    r"|\u05d4\u05e0\u05db\u05d5\u05e0\u05d4|\u0111\u00fang"
    r"|\u0627\u0644\u0635\u062d\u064a\u062d\u0629?|\u0627\u0644\u0646\u0647\u0627\u0626\u064a\u0629?)){0,6}"
)
_KIND = rf"(?:(?:the|my|your|our|final|correct|right|best|short){_SPACE}){{0,3}}"
_REPLY = "\u7b54"
"""Marks a Chinese answer only before a colon at the start of a line; elsewhere it ends other words."""
_PREFIX = r"^[ \t>]*+[^\w\n]{0,12}+"


def has_foreign_mark(text: str) -> bool:
    """Whether a text may hold a mark in a language other than English."""
    lowered = text.lower()
    return any(word in lowered for word in (*_WORDS, *_JOINED_NOUNS, _REPLY))


@lru_cache(maxsize=8)
def mark_pattern(nouns: str, line: str, *, wide: bool) -> re.Pattern[str]:
    """The pattern of all marks but boxes; its first matching group is the marked text.

    With ``wide`` it includes the marks of other languages, and takes more time.
    """
    foreign = "|" + "|".join(_WORDS) if wide else ""
    reply = f"|{_REPLY}" if wide else ""
    copulas = rf"(?:{_IS}{'|' + _COPULAS if wide else ''})(?!\w)"
    bare = rf"\b(?:{'|'.join(_WORDS)}){_BETWEEN}{_SPACE}+(?P<next>(?:(?-i:[A-Z])(?!\w)|\d).*)$"
    joined = "|".join(_JOINED_NOUNS)
    after_joined = (
        rf"(?:\u3011|[^\w\n]{{0,6}}(?:(?:{_JOINED_COPULAS})|{_COLON}|=))[ \t]*{_COLON}?[ \t]*(?P<joined>.*)$"
    )
    return re.compile(
        rf"{_PREFIX}{_KIND}(?:{line}{foreign}{reply}){_GAP}{_COLON}{_GAP}(?P<line>.*)$"
        rf"|{_PREFIX}{_KIND}(?:{nouns}{foreign}{'|' + joined if wide else ''})[^\w\n]{{0,8}}(?P<heading>)$"
        r"|####[ \t]*(?P<hashes>.*)$"
        rf"|\b(?:{nouns}{foreign}){_BETWEEN}{_GAP}(?:{copulas}|[=\u2014\u2013]|{_COLON})"
        rf"{_SPACE}*{_COLON}?{_GAP}(?P<phrase>.*)$" + (f"|{bare}|(?:{joined}){after_joined}" if wide else ""),
        re.IGNORECASE | re.MULTILINE,
    )
