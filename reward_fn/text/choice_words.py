"""Patterns of the words around a label: they choose it, reject it, join it to another, or revoke it."""

import re

OPENING = (
    r"(?:the\s+)?(?:(?:correct|right|best|final)\s+)?(?:(?:answer|option|choice|letter)\s*)?(?:is\s+|:\s*)?"
    r"(?:(?:la|el|le|die|der|das|de|het|a|o|il|\u03b7|donc|daher|quindi|portanto|lettre|letra|lettera"
    r"|buchstabe"
    r"|opci[o\u00f3]n|opzione|op\u00e7\u00e3o|optie|alternativ[ae]|pilihan|vaihtoehto"
    r"|\u0432\u0430\u0440\u0438\u0430\u043d\u0442|\u0431\u0443\u043a\u0432\u0430|\u9009\u9879)\s*){0,2}"
)
REASON = re.compile(
    r"\b(?:because|since|whereas|while|not|unlike|rather than|instead of)\b"
    r"|\u56e0\u4e3a|\u7531\u4e8e|\u800c\u4e0d\u662f|\u800c\u975e",
    re.IGNORECASE,
)
NOUN = re.compile(r" (?!(?:is|was|because|since|as|or|and|but)\b)[a-z]")
DETERMINED = re.compile(
    r" (?!(?:it|this|that|th[eo]se|they|the|there|he|she|we|you|i|because|since|as|and|or|but)\b)[a-z]"
)
"""After a "no" that is a determiner and not an answer: "no doubt"."""
LEAD = re.compile(r"\W*(?:it|that|this)(?:'s| is| was| would be)\s+", re.IGNORECASE)
"""Before an option's text in a sentence: "It's Paris"."""
PRONOUN = re.compile(r"['\u2019]|\s+[a-z]")
_OR = (
    r"oder|und|ou|et|o|u|y|e|oppure|of|en|lub|oraz|eller|och|og|veya|ve|atau|dan"
    r"|ho\u1eb7c|v\u00e0|\u0438\u043b\u0438|\u0438|\u0430\u0431\u043e|\u0447\u0438|\u0623\u0648|\u0648"
)
_OR_JOINED = (
    "\u6216|\u548c|\u4e0e|\u8fd8\u662f|\u307e\u305f\u306f|\u3082\u3057\u304f\u306f|\u304b(?=[A-Z])"
    "|\u3068(?=[A-Z])|\ub610\ub294|\uc640 |\uacfc "
    "|\u0e2b\u0e23\u0e37\u0e2d|\u0e41\u0e25\u0e30|\u092f\u093e|\u0914\u0930"
)
"""Words between labels in other languages. Those of this second list may touch a label."""
JOINT = (
    rf"(?i:^|[,;/&|(\[{{]|{_OR_JOINED}"
    rf"|\b(?:{_OR}|or|and|is|was|be|s|either|but|maybe|perhaps|possibly|also|wait))"
)
WORD_JOINT = r"(?i:^|[,;/&|(\[{]|\b(?:or|and|either|but|maybe|perhaps|possibly|also|wait))"
SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=;)(?=[A-Za-z]?[\u4e00-\u9fff])|\n+|\u3002")
CLAUSE = re.compile(
    r"\u800c\u662f|\u3067\u306f\u306a\u304f|\uc544\ub2c8\ub77c"
    r"|,?\s*\b(?:sondern|sino|maar|ma|mais|\u043d\u043e|\u0430|so|thus|therefore|hence|but|which"
    r"|(?:that )?leav(?:es?|ing)(?! out))\b|:\s"
    r"|,\s*not\b|\u800c\u4e0d\u662f|\u800c\u975e"
    r"|,\s*(?=(?:the (?:correct )?(?:answer|option|choice)|it's|c'est|es|l'option|\w+ is)\b"
    r"|[A-Za-z]?[\u4e00-\u9fff])"
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
    r"niet|geen|inte|ikke|bukan|salah|yanl\u0131\u015f|de\u011fil|kh\u00f4ng|n\u00e3o|nie|incorrecte"
    r"|incorrecto"
    r"|scorrett[ao]|no es|no son|non|\u043d\u0435|\u043d\u0435\u0432\u0435\u0440\u043d\w*"
    r"|\u043d\u0435\u043f\u0440\u0430\u0432\u0438\u043b\u044c\u043d\w*|"
    "wrong|incorrect|false|not|never|cannot|neither|nor|except|unlike|impossible|invalid|distractors?"
    "|tempting"
    "|traps?|falsch|nicht|incorrecta?|faux|fausse|pas|errad[ao]|sbagliat[ao]"
)
IS = r"is|are|was|seems|looks|ist|est|es|est\u00e1|\u00e8|\u00e9"
REJECTING_FORMS = (
    r"n't\b|n\u2019t\b|\b(?:rul(?:e|es|ed|ing) (?:\w+ ){0,3}out|eliminat\w+|exclud\w+|reject\w*|discard\w*"
    r"|dismiss\w*|leaves out|fails?|ignores?|contradict\w*)\b"
    r"|\bno (?:reason|evidence|way|sign|basis|proof|support)\b"
    r"|\u8aa4|\u9055\u3046|\ud2c0|\uc544\ub2c8(?!\ub77c)|\uc544\ub2d9"
    r"|\u3067\u306f\u306a\u3044|\u3058\u3083\u306a\u3044|\u3067\u3042\u308a\u307e\u305b\u3093"
    r"|\u9593\u9055|\u0e44\u0e21\u0e48|\u0e1c\u0e34\u0e14|\u0928\u0939\u0940\u0902|\u0917\u0932\u0924"
    r"|\u0644\u064a\u0633|\u062e\u0637\u0623|\u4e0d|\u6709\u8bef|\u9519|\u932f|\u9519\u8bef"
)
REJECTED_JOINED = (
    r"(?:[\u306f\uac00\ub294\uc740\uc774]\s?|\u7684[\u4e00-\u9fff]{0,4}?"
    r"|[\u9879\u662f\u4e5f\u90fd\u5747\u5219]{0,3})"
)
"""Between a label and the word that rejects it, without spaces: "A\u7684\u8bf4\u6cd5\u6709\u8bef"."""
REJECTED_BESIDE = (
    r"\u3067\u306f\u306a\u304f|[\uac00\uc774] \uc544\ub2c8\ub77c"
    r"|[\W_]{1,4}(?:wrong|incorrect|false|falsch|faux|fausse|\u043d\u0435\u0432\u0435\u0440\u043d\w*"
    r"|\u043d\u0435\u043f\u0440\u0430\u0432\u0438\u043b\u044c\u043d\w*)\b"
    r"|\s+(?:(?:ca|could|would|does|did|is)n['\u2019]t|cannot|can not)\b"
)
"""Directly after a label, this rejects only that label: "A) incorrect", "A can't"."""
BEFORE = (
    r"(?:leav(?:es?|ing)|left with|remain(?:s|ing)?(?: is)?|choos(?:e|ing)|chose|pick(?:ed)?|select(?:ed)?"
    r"|go(?:ing|es)? (?:with|for|to)|votes?(?: is| goes)?(?: for| to)?|opt(?:ing)? for|settle on|conclude"
    r"|(?:must|has to|have to|can only|should|would|will) be|so|thus|hence|therefore|only|say"
    r"|(?:it|that)(?:'s| is)|corresponds? to|match(?:es)?|points? to"
    r"|think|believe|guess|probably|likely|definitely|clearly|(?:correct|right|best)(?: \w+)? is|answer is"
    r"|(?:richtig|korrekt) (?:ist|w\u00e4re)"
    r"|(?:correct[ao]|corrett?[ao]|bonne|giusta|certa) (?:es|est|\u00e9|\u00e8)"
    r"|(?:\u043f\u0440\u0430\u0432\u0438\u043b\u044c\u043d|\u0432\u0435\u0440\u043d)\w{2}"
    r" \u0432\u0430\u0440\u0438\u0430\u043d\u0442"
    r"|sondern|sino|maar|ma|mais|c'est|es|ist|\u043d\u043e|\u0430"
    r"|elijo|choisis|w\u00e4hle|escolho|scelgo)"
)
BEFORE_JOINED = (
    r"[:=]|\u800c\u662f|\u3067\u306f\u306a\u304f|\uc544\ub2c8\ub77c\s?|\u9009\u62e9?|\u9078\u629e?"
    r"|\u53ea\u6709(?:\u9009\u9879|\u9009)?"
    r"|(?:\u7b54\u6848|\u9009\u9879)+\u5e94?\u8be5?(?:\u662f|\u4e3a|\u9009)"
)
FILLER = (
    r"[\W_]{0,10}(?:(?:the|an?|option|answer|choice|letter|with|l[ae]|el|o|die|opci\u00f3n|letra"
    r"|lettre)\s+){0,3}"
    r"[\W_]{0,5}"
)
AFTER = (
    r"[\W_]{0,6}(?i:(?:is|must be|seems|remains)\W+(?:\w+\W+){0,2}?(?:correct|right|true|best|answer|left)\b"
    r"|(?:est|es|ist|\u00e8|\u00e9)\s(?:l[ae]\s|a\s)?(?:correcte?|richtig|korrekt|bonne|juste"
    r"|correct[ao]|corrett?[ao]|cert[ao]|giust[ao])\b"
    r"|it is[.!]?$|(?:correct|right|true)\W*$"
    r"|(?:works|fits|remains|holds)\b|\u9879?\u662f?(?:\u6b63\u786e|\u5bf9)|\u9879\u6b63\u786e"
    r"|\u304c\u6b63\u3057\u3044)"
)
WORD_END = r"(?=\s*(?:$|[.,;:!?)\]/&]|or\b|and\b))"
"""After a label that is a word, at the end of its clause: "so true love wins" does not name "true"."""
WORD_BEFORE = r"\bis\b|,"
"""Chooses a label that is a word, but not a letter: "The claim is true", "Well, yes"."""
LATIN = r"A-Za-z0-9_\u00c0-\u024f"
"""Beside one of these characters a Latin label is part of a longer word; other scripts may touch it."""
ANY_SCRIPT = r"\w"
"""The same characters for labels in other scripts."""
