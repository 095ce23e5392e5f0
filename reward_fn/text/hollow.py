"""Detect empty answers: no text, punctuation only, "N/A", or an opener without the content it announces."""

from reward_fn.text.answer import answer_region
from reward_fn.text.lazy import lazy
from reward_fn.text.normalise import folded, has_letters

MAX_OPENER_CHARS = 120
"""A longer answer is never just an opener."""

_NOUN = (
    "(?:th(?:ought|inking) process|thoughts?|reasoning|analysis|explanation|solution|answer|response|review"
    "|summary|report|result|conclusion)"
)
_WORK = (
    "(?:quer(?:y|ies)|sql|code|json|function|script|program|emails?|letter|translation|table|list|plan|draft|essay"
    "|poem|story|text|output|file|version|implementation)"
)
_MAKE = (
    "(?:write|create|provide|generate|produce|give|translate|summari[sz]e|explain|draft|calculate|compute|do)"
)
_VERB = "(?:see|solve|think|work|go|start|begin|break|analy[sz]e|review|answer)"
_THING = "(?:problem|question|task|contract|document|request)"
_TASK = f"(?: (?:this|the|it|your))?(?: {_THING})?"
_OPENER = lazy(
    rf"(?:so |therefore |thus )?(?:the |my )?(?:final |correct )?{_NOUN}(?: is)?(?: as follows| below)?"
    r"|ok|okay|sure|certainly|of course|alright|absolutely|got it|(?:step|part) (?:1|one)"
    rf"|(?:here is|here's|here are|below is) (?:(?:the|my|your|an?) )?(?:[a-z]+ )?{_NOUN}(?: to{_TASK})?"
    rf"|(?:here is|here's|here are|below is|this is) (?:(?:the|my|your|an?) )?(?:[a-z-]+ ){{0,2}}{_WORK}"
    r"(?: (?:you|that|for|to|as|below|in) .{0,60}| below| requested)?"
    rf"|(?:let me|(?:i|we)(?: will|'ll|'m going to| am going to)) (?:now )?{_MAKE}(?: you)?"
    r"(?: (?:the|an?|this|it|that|your)(?: [a-z-]+){0,3})?(?: for you)?(?: now| below)?"
    r"|(?:i|we)(?: can|'ll| will|'d| would)(?: be (?:happy|glad|able) to)?(?: certainly| gladly)?"
    r" (?:help|assist)"
    rf"(?: you)?(?: with (?:that|this|it|{_TASK}))?"
    r"|here (?:you go|it is)|as requested|(?:i )?hope (?:this|that) helps"
    rf"|(?:let us|let's|let me|we|i)(?: will| can|'ll)? (?:now )?{_VERB}"
    rf"(?: (?:about|through|with|down|by|on))?{_TASK}(?: down)?"
    rf"(?: carefully)?(?: (?:one )?step[- ]by[- ]step)?(?: to (?:solve|answer){_TASK})?"
    rf"|(?:we|i) need to (?:solve|think|analy[sz]e|answer)(?: about)?{_TASK}(?: carefully)?"
    rf"|to (?:solve|answer|analy[sz]e) (?:this|the|it|your)(?: {_THING})?"
    rf"|(?:great|good) question|thank you for{_TASK}"
)
_LEAD = lazy(
    r"(?:first(?:ly| of all)?|to (?:begin|start)(?: with)?|so|then|now|next|well|therefore|thus|hmm+|thinking"
    "|output|d'abord|tout d'abord|zuerst|zun\u00e4chst|primero|\u9996\u5148)"
    r" ?(?:[,:]|\.\.)[\W_]*"
)
"""Words that are an opener only before a comma, colon or dots, which announce more."""
_FOREIGN_OPENERS = frozenset(
    (
        # German, French, Spanish, Italian, Portuguese
        "l\u00f6sung|loesung|antwort|erkl\u00e4rung|die antwort lautet|die antwort ist|"
        "die l\u00f6sung lautet|die l\u00f6sung ist|die l\u00f6sung ist wie folgt|"
        "hier ist die antwort|hier ist die l\u00f6sung|schritt 1|r\u00e9ponse|solution|"
        "r\u00e9solution|explication|la r\u00e9ponse est|la solution est|voici la r\u00e9ponse|"
        "voici la solution|\u00e9tape 1|soluci\u00f3n|respuesta|explicaci\u00f3n|la respuesta es|"
        "la soluci\u00f3n es|aqu\u00ed est\u00e1 la respuesta|paso 1|soluzione|risposta|"
        "la risposta \u00e8|la soluzione \u00e8|resposta|solu\u00e7\u00e3o|a resposta \u00e9|"
        "a solu\u00e7\u00e3o \u00e9|"
        # Dutch, Swedish, Polish, Russian, Turkish, Arabic, Hindi
        "antwoord|oplossing|svar|l\u00f6sning|odpowied\u017a|rozwi\u0105zanie|"
        "\u043e\u0442\u0432\u0435\u0442|\u0440\u0435\u0448\u0435\u043d\u0438\u0435|cevap|"
        "\u00e7\u00f6z\u00fcm|\u0627\u0644\u0625\u062c\u0627\u0628\u0629|"
        "\u0627\u0644\u062c\u0648\u0627\u0628|\u0627\u0644\u062d\u0644|"
        "\u0909\u0924\u094d\u0924\u0930|\u0938\u092e\u093e\u0927\u093e\u0928|"
        # Chinese, Japanese, Korean
        "\u89e3|\u89e3\u7b54|\u7b54|\u7b54\u6848|\u56de\u7b54|\u89e3\u6790|\u5206\u6790|"
        "\u601d\u8003\u8fc7\u7a0b|\u7b54\u6848\u662f|\u7b54\u6848\u5982\u4e0b|"
        "\u89e3\u7b54\u5982\u4e0b|\u56de\u7b54\u5982\u4e0b|\u4ee5\u4e0b\u662f\u7b54\u6848|"
        "\u597d\u7684|\u5f53\u7136|\u5f53\u7136\u53ef\u4ee5|claro|por supuesto|bien s\u00fbr|nat\u00fcrlich|"
        "gerne|\u043a\u043e\u043d\u0435\u0447\u043d\u043e|\u304b\u3044\u305b\u3064|\u89e3\u8aac|\u7b54\u3048|\u7b54\u3048\u306f|\u304b\u3044\u3068\u3046|"
        "\u7b54\u3048\u306f\u4ee5\u4e0b\u306e\u901a\u308a\u3067\u3059|\ub2f5|\uc815\ub2f5|"
        "\ub2f5\ubcc0|\ud480\uc774"
    ).split("|")
)
"""Openers in other languages."""
_PLACEHOLDERS = frozenset(
    "n/a|not applicable|tbd|tba|todo|to be determined|to be added|placeholder|your answer|your answer here"
    "|insert answer here|insert your answer here|answer here|answer goes here|no answer|no answer provided"
    "|no answer given|no response|none provided|none given|working on it|lorem ipsum|left blank"
    "|intentionally left blank|this page is intentionally left blank".split("|")
)
"""Placeholders for an answer that is pending or left out."""
_NOT_APPLICABLE = lazy(r"\bn(?:\.|\s?/)\s?a\b\.?")
_SYMBOLS = lazy("[\u2200-\u22ff]")
"""Mathematical symbols: "\u2205" and "\u2264" are answers, though they are not letters."""
_EMPTY_FENCE = lazy(r"(?:`{3,}|~{3,})[ \t]*[\w+#./-]{0,40}\s*(?:`{3,}|~{3,}|\Z)")
_MAX_PROMISE_WORDS = 12
_FRAME = lazy(
    r'\{ ?"(?:final_)?answer" ?: ?(?:" ?"|null) ?\}'
    r"|\\boxed ?\{(?: |\\text ?\{ ?\})*\}|</?(?:answer|solution|response|final_answer)>"
)
"""An empty container for an answer. An unpaired tag is as empty as a pair."""
_BOX = lazy(r"\\(?:boxed|text) ?\{([^{}]*)\}")
_ENDS = lazy(r"[.:!?\n,\u3002]+")


def why_hollow(response: str) -> str:
    """The reason why a response's answer is empty; "" if it says something."""
    return why_empty(answer_region(response))


def why_empty(answer: str) -> str:
    """The reason why an answer is empty; "" if it says something."""
    if not has_letters(answer) and not _SYMBOLS.search(answer):
        return "no letter or digit"
    if len(answer) > MAX_OPENER_CHARS:
        return ""
    answer = _EMPTY_FENCE.sub(".", answer)
    if not has_letters(answer) and not _SYMBOLS.search(answer):
        return "an empty code fence"
    one_line = "\n" not in answer.strip(" .\n")
    return "only an opener" if _is_opener(folded(answer), one_line=one_line) else ""


def _is_opener(text: str, *, one_line: bool) -> bool:
    """Whether every sentence of a folded text is an opener or a placeholder."""
    text = _NOT_APPLICABLE.sub("n/a", _BOX.sub(r" \1 ", _FRAME.sub(".", text)))
    while lead := _LEAD.match(text):
        text = text[lead.end() :]
    sentences = [part for sentence in _ENDS.split(text) if (part := sentence.strip(" #*\"'-_$\\[]()<>"))]
    if one_line and sentences and text.rstrip(" *_.\"'").endswith(":") and _announces(sentences[-1]):
        sentences.pop()
    return all(
        part in _FOREIGN_OPENERS or part in _PLACEHOLDERS or _OPENER.fullmatch(part)
        for part in sentences
        if part
    )


def _announces(sentence: str) -> bool:
    """Whether a sentence before a final colon only announces content that would follow."""
    return len(sentence.split()) <= _MAX_PROMISE_WORDS and not any(map(str.isnumeric, sentence))
