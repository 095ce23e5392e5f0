"""Read whole numbers written out in English: "eighteen", "two hundred and five dollars"."""

import re
from collections.abc import Sequence

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES = {
    **{word: value for value, word in enumerate(_SMALL)},
    **{word: 10 * value for value, word in enumerate(_TENS, 2)},
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_WORD = rf"(?:{'|'.join((*_VALUES, 'hundred', *_SCALES))})"
_WORDS = rf"\b{_WORD}(?:(?:[ -]| and ){_WORD}){{0,14}}\b"
_OTHERWISE = (
    r"half|halves|thirds?|quarters?|fourths?|\w+(?:fths?|xths?|nths?|ghths?|dths?)|point|dozens?"
    r"|scores?|or|and|of"
    r"|to|more|less|fewer|other|another|times|by|minus|plus|than|not|each|with|without"
)
"""Words that, after a number, change it or make it part of a sentence."""
_ALONE = re.compile(
    rf"\W*(?:(?:the number|exactly|only|just|a total of) )?(?P<words>{_WORDS})(?: (?!(?:{_OTHERWISE}"
    rf"|{_WORD})\b)[^\W\d_]+){{0,2}}\W*",
    re.IGNORECASE,
)
_AFTER_DIGITS = re.compile(rf"(?P<digits>\d[\d,]*) ?\((?P<words>{_WORDS})\)", re.IGNORECASE)
_BEFORE_DIGITS = re.compile(rf"(?P<words>{_WORDS}) ?\((?P<digits>\d[\d,]*)\)", re.IGNORECASE)


def spelled_number(text: str) -> int | None:
    """The number that a text writes out, with a unit of at most two words; None for any other text."""
    match = _ALONE.fullmatch(text)
    return _value(re.split(r"[ -]", match["words"].lower())) if match else None


def said_once(text: str) -> str:
    """The text without number words beside the same number in digits: "18 (eighteen)" becomes "18"."""
    if "(" not in text:
        return text
    return _BEFORE_DIGITS.sub(_digits, _AFTER_DIGITS.sub(_digits, text))


def _digits(match: re.Match[str]) -> str:
    value = _value(re.split(r"[ -]", match["words"].lower()))
    return match["digits"] if str(value) == match["digits"].replace(",", "") else match[0]


def _value(words: Sequence[str]) -> int | None:
    """The number that the words spell; None if they do not form one number, as in "two three"."""
    total, group, scale = 0, 0, 10**12
    for word in words:
        if word == "and":
            continue
        if word == "hundred":
            if not 0 < group < 100:
                return None
            group *= 100
        elif word in _SCALES:
            if not group or _SCALES[word] >= scale:
                return None
            scale = _SCALES[word]
            total, group = total + group * scale, 0
        else:
            value = _VALUES[word]
            room = 10 if value < 10 and group % 100 >= 20 else 100
            if group % room or (group and not value):
                return None
            group += value
    return total + group
