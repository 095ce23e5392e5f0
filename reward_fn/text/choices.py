"""Which of several labelled options a short text commits to: "(B)", "option B, because …", "Paris"."""

import re
from collections.abc import Mapping, Sequence

from reward_fn.text.normalise import folded

MAX_SPAN_CHARS = 300
"""No more of a text is read: a choice comes first, its reasons after it."""

_EDGES = " \t\n.,;:!?\"'()[]{}<>*_`-"
_OPENING = (
    r"(?:the\s+)?(?:(?:correct|right|best|final)\s+)?(?:(?:answer|option|choice|letter)\s*)?(?:is\s+|:\s*)?"
)
_REASON = re.compile(r"\b(?:because|since|whereas|while|not|unlike|rather than|instead of)\b", re.IGNORECASE)
_NOUN = re.compile(r" (?!(?:is|was|because|since|as|or|and|but)\b)[a-z]")
_JOINT = r"(?i:^|[,;/&|(\[{]|\b(?:or|and|is|was|be|s|either|but|maybe|perhaps|possibly|also|wait))"


class Choices:
    """The labels of a question, and the texts that go with them where they are known."""

    def __init__(self, labels: Sequence[str], texts: Mapping[str, str]) -> None:
        self._labels = {label.casefold(): label for label in labels}
        self._texts = {_core(text): label for label, text in texts.items()}
        any_label = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
        alone = rf"(?<![\w.])(?P<label>{any_label})(?!\w|\.\d)"
        case = 0 if all(len(label) == 1 for label in labels) else re.IGNORECASE
        self._first = re.compile(rf"[\W_]{{0,20}}{_OPENING}[\W_]{{0,20}}{alone}", re.IGNORECASE)
        self._joined = re.compile(rf"{_JOINT}[\W_]{{0,20}}{alone}", case)
        self._bracketed = re.compile(rf"[(\[]\s*{alone}\s*[)\]]", case)

    def label_of(self, text: str) -> str | None:
        """The one label that a text names, by itself or by the option's text; None for none or several."""
        found = self.named_in(text, marked=True)
        return found.pop() if len(found) == 1 else None

    def named_in(self, span: str, *, marked: bool) -> set[str]:
        """The labels that a span commits to: none, one, or several where it hedges.

        ``marked`` says that a mark of an answer stands before it, so that a capital A is no article. What
        stands after "because" or "not" commits to nothing.
        """
        span = span[:MAX_SPAN_CHARS].strip()
        if label := self._texts.get(_core(span)):
            return {label}
        first = self._first.match(span)
        if first is None or _is_article(first, span, capitals=not marked):
            return {self._label(match) for match in self._bracketed.finditer(span)}
        label, rest = self._label(first), span[first.end() :]
        if other := self._texts.get(_core(rest)):
            return {label, other}
        rest = _REASON.split(rest, maxsplit=1)[0]
        further = (match for match in self._joined.finditer(rest) if not _is_article(match, rest))
        return {label, *map(self._label, further)}

    def _label(self, match: re.Match[str]) -> str:
        return self._labels[match["label"].casefold()]


def _core(text: str) -> str:
    return folded(text).strip(_EDGES)


def _is_article(match: re.Match[str], text: str, *, capitals: bool = False) -> bool:
    """Whether a label is the word "a" before another: a small one, or one that starts a sentence."""
    if match["label"] not in ("a", "A") or not _NOUN.match(text, match.end("label")):
        return False
    starts = re.search(r"(?:^|[.!?]\s*)$", text[: match.start("label")]) is not None
    return match["label"] == "a" or (starts and (capitals or match.start("label") > 0))
