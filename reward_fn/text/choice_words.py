"""The words around a label: those that choose it, reject it, join it to another, or take it back."""

import re

OPENING = (
    r"(?:the\s+)?(?:(?:correct|right|best|final)\s+)?(?:(?:answer|option|choice|letter)\s*)?(?:is\s+|:\s*)?"
    r"(?:(?:la|el|le|die|der|das|de|het|lettre|letra|lettera|buchstabe|opci[o\u00f3]n|opzione|op\u00e7\u00e3o|optie"
    r"|\u0432\u0430\u0440\u0438\u0430\u043d\u0442|\u0431\u0443\u043a\u0432\u0430|\u9009\u9879)\s*){0,2}"
)
REASON = re.compile(
    r"\b(?:because|since|whereas|while|not|unlike|rather than|instead of)\b|\u56e0\u4e3a|\u7531\u4e8e",
    re.IGNORECASE,
)
NOUN = re.compile(r" (?!(?:is|was|because|since|as|or|and|but)\b)[a-z]")
PRONOUN = re.compile(r"['\u2019]|\s+[a-z]")
JOINT = r"(?i:^|[,;/&|(\[{]|\b(?:or|and|is|was|be|s|either|but|maybe|perhaps|possibly|also|wait))"
WORD_JOINT = r"(?i:^|[,;/&|(\[{]|\b(?:or|and|either|but|maybe|perhaps|possibly|also|wait))"
SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+|\u3002")
CLAUSE = re.compile(
    r",?\s*\b(?:so|thus|therefore|hence|but|which|(?:that )?leav(?:es?|ing)(?! out))\b|:\s"
    r"|,\s*not\b"
    r"|,\s*(?=(?:the (?:correct )?(?:answer|option|choice)|it's|\w+ is)\b|[\u4e00-\u9fff])"
)
TAKEN_BACK = re.compile(
    r"\s*(?:no|or|wait|hmm|actually|correction|alternatively|on second thought)\b", re.IGNORECASE
)
SECOND_THOUGHT = re.compile(
    r"\b(?:or|maybe|perhaps|possibly|also|too|wait|actually|instead|alternatively|could|might|either|equally"
    r"|as well)\b",
    re.IGNORECASE,
)
REJECTING = (
    "wrong|incorrect|false|not|never|cannot|neither|nor|except|unlike|impossible|invalid|distractors?|tempting"
    "|traps?|falsch|nicht|incorrecta?|faux|fausse|pas|errad[ao]|sbagliat[ao]"
)
REJECTING_FORMS = (
    r"n't\b|n\u2019t\b|\b(?:rul(?:e|es|ed|ing) (?:\w+ ){0,3}out|eliminat\w+|exclud\w+|reject\w*|discard\w*"
    r"|dismiss\w*|leaves out|fails?|ignores?|contradict\w*)\b|\u4e0d|\u9519|\u932f|\u9519\u8bef"
)
BEFORE = (
    r"(?:leav(?:es?|ing)|left with|remain(?:s|ing)?(?: is)?|choos(?:e|ing)|chose|pick(?:ed)?|select(?:ed)?"
    r"|go(?:ing|es)? (?:with|for|to)|votes?(?: is| goes)?(?: for| to)?|opt(?:ing)? for|settle on|conclude"
    r"|(?:must|has to|have to|can only|should|would|will) be|so|thus|hence|therefore|only|say"
    r"|(?:it|that)(?:'s| is)|corresponds? to|match(?:es)?|points? to"
    r"|think|believe|guess|probably|likely|definitely|clearly|(?:correct|right|best)(?: \w+)? is|answer is"
    r"|elijo|choisis|w\u00e4hle|escolho|scelgo)"
)
BEFORE_JOINED = r"[:=]|\u9009\u62e9?|\u9078\u629e?"
FILLER = r"[\W_]{0,10}(?:(?:the|an?|option|answer|choice|letter|with)\s+){0,3}[\W_]{0,5}"
AFTER = (
    r"[\W_]{0,6}(?i:(?:is|must be|seems|remains)\W+(?:\w+\W+){0,2}?(?:correct|right|true|best|answer|left)\b"
    r"|(?:works|fits|remains|holds)\b|\u6b63\u786e|\u662f\u6b63\u786e|\u9879\u6b63\u786e|\u304c\u6b63\u3057\u3044)"
)
LATIN = r"A-Za-z0-9_\u00c0-\u024f"
