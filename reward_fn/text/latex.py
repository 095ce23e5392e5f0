"""Replace LaTeX around a number by plain signs: fractions, operators, text and typesetting commands."""

import re
from collections.abc import Mapping

_SIGNS: Mapping[str, str] = {
    **dict.fromkeys(("times", "ast"), "\u00d7"),
    **dict.fromkeys(("cdot", "bullet"), "\u00b7"),
    "div": "\u00f7",
    **dict.fromkeys(("approx", "sim", "simeq", "cong"), "\u2248"),
    **dict.fromkeys(("pm", "mp"), "\u00b1"),
    **dict.fromkeys(("ne", "neq"), "\u2260"),
    **dict.fromkeys(("le", "leq", "leqslant"), "\u2264"),
    **dict.fromkeys(("ge", "geq", "geqslant"), "\u2265"),
    "lt": "<",
    "gt": ">",
    "in": "=",  # "x \\in \\{18\\}" has one solution; an interval shows both ends
    "infty": "\u221e",
    "pi": "\u03c0",
    "sqrt": "\u221a",
    **dict.fromkeys(("circ", "degree"), "\u00b0"),
    **dict.fromkeys(("textdollar", "pounds", "euro", "percent"), " "),
    **dict.fromkeys(("quad", "qquad", "displaystyle", "textstyle", "left", "right", "bf", "rm", "it"), " "),
    **dict.fromkeys(("angle", "triangle", "measuredangle"), " "),
    **dict.fromkeys(("bigl", "bigr", "big", "Big", "limits"), " "),
}
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_WRAPPER = re.compile(
    r"\\(?:text(?:bf|rm|it|normal)?|math(?:rm|bf|it|sf|bb)|mbox|operatorname|boxed|fbox|underline)\s?\{"
)
_ARGUMENT = r"(\{(?:[^{}]|\{[^{}]{1,20}\}){1,60}\}|\d)"
_FRACTION = re.compile(rf"\\[dtc]?frac\s?{_ARGUMENT}\s?{_ARGUMENT}")
_GROUPS = re.compile(r",\\!(?=\d{3})|\\,(?=\d{3})|\{,\}(?=\d)")
_TIE = re.compile(r"(?<=[\d}])\s?~|~(?=\s?[A-Za-z{])")
_DEGREES = re.compile(r"\^\s?\{?\s?\u00b0\s?\}?")
_SPACING = re.compile(r"\\[,!;: ()\[\]]|\\(?=[$%])|[{}$`]")
_SIGNED_GROUP = re.compile(r"([-\u2212])\s?\(\s?([\d.,/ ]{1,60})\)")


def plain_math(text: str) -> str:
    """The text with LaTeX as plain signs. Unknown commands stay, with their backslash.

    "\\frac{a}{b}" becomes "a/b", "-(18)" becomes "-18". Removed commands leave a space, so that two numbers
    do not merge.
    """
    if "\\" in text or "{" in text:
        text = _GROUPS.sub(",", text)
        text = _COMMAND.sub(_sign, _WRAPPER.sub(" {", _FRACTION.sub(_fraction, text)))
        text = _TIE.sub(" ", text)
        text = _DEGREES.sub("\u00b0", text)
    return _SIGNED_GROUP.sub(r"\1\2", _SPACING.sub(" ", text))


def _fraction(match: re.Match[str]) -> str:
    above, below = (part.removeprefix("{").removesuffix("}").strip() for part in match.groups())
    return match[0] if _has_letters(above) or _has_letters(below) else f" {above}/{below}"


def _has_letters(text: str) -> bool:
    return any(map(str.isalpha, text))


def _sign(match: re.Match[str]) -> str:
    return _SIGNS.get(match[1], match[0])
