"""Find the labelled option that a text commits to: "(B)", "option B, since …", "Paris", "that leaves B".

A label that the text rejects ("A is wrong", "it can't be C") is never its choice.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from reward_fn.text import choice_words as words
from reward_fn.text.normalise import folded, visible

MAX_SPAN_CHARS = 300
"""Only this many characters of a marked answer are read: the choice comes first, its reasons after."""
HEAD_CHARS, TAIL_CHARS = 400, 1200
"""How much of an unmarked text is read from its start and its end."""
SHORT_SENTENCE_WORDS = 4
"""A later sentence of at most this many words that names another label revokes the choice: "No wait, C."."""

_EDGES = " \t\n.,;:!?\"'()[]{}<>*_`-"


class Choices:
    """The labels of one question, and the texts of its options where they are known."""

    def __init__(self, labels: Sequence[str], texts: Mapping[str, str]) -> None:
        self._labels = {label.casefold(): label for label in labels}
        self._texts = {_core(text): label for label, text in texts.items()}
        alone, letters = _alone(labels), all(len(label) == 1 for label in labels)
        case = re.NOFLAG if letters else re.IGNORECASE
        ends = "" if letters else words.WORD_END
        rejecting = "|".join(word for word in words.REJECTING.split("|") if word not in self._labels)
        self._first = re.compile(rf"[\W_]{{0,20}}{words.OPENING}[\W_]{{0,20}}{alone}", re.IGNORECASE)
        self._joined = re.compile(
            rf"{words.JOINT if letters else words.WORD_JOINT}[\W_]{{0,20}}{alone}{ends}", case
        )
        self._bracketed = re.compile(rf"[(\[]\s*{alone}\s*[)\]]", case)
        self._rejecting = re.compile(rf"\b(?:{rejecting})\b|{words.REJECTING_FORMS}", re.IGNORECASE)
        self._rejected = re.compile(
            rf"(?:\W{{1,5}}(?:(?:and|or)\s+)?{alone}){{0,9}}"
            rf"(?:[\W_]{{0,6}}(?:(?:{words.IS})\s+(?:\w+\s+){{0,2}}?(?:{rejecting})\b"
            rf"|{words.REJECTED_JOINED}(?:{words.REJECTING_FORMS}))"
            rf"|{words.REJECTED_BESIDE})",
            re.IGNORECASE,
        )
        before = rf"(?<!\w)(?i:{words.BEFORE})|{words.BEFORE_JOINED}"
        if not letters:
            before += f"|{words.WORD_BEFORE}"
        self._concluded = re.compile(rf"(?:{before}){words.FILLER}{alone}{ends}", case)
        self._confirmed = re.compile(alone + words.AFTER, case)
        self._line = re.compile(rf"[\W_]*(?i:option\s+)?{alone}\s*(?:[).:,*]|$)", case)
        self._lone = re.compile(rf"[\W_]*{alone}[\W_]*", case)

    def label_of(self, text: str) -> str | None:
        """The single label that a text names, by label or by option text; None for no label or several."""
        labels = self.named_in(text, marked=True)
        return labels.pop() if len(labels) == 1 else None

    def named_in(self, span: str, *, marked: bool) -> set[str]:
        """The labels that a span commits to: none, one, or several if it hedges.

        ``marked`` says that an answer mark precedes the span, so that a capital A is a label and not an
        article. Text after "because" or "not" commits to nothing.
        """
        span = visible(span[:MAX_SPAN_CHARS]).strip()
        if label := self._text_in(span):
            return {label}
        first = self._first.match(span)
        if first is None or _is_word(first, span, capitals=not marked) or self._is_rejected(first, span):
            bracketed = {
                self._label(match)
                for sentence in self._clauses_not_rejecting(span)
                for match in self._bracketed.finditer(sentence)
            }
            return bracketed or self.concluded_in(span)
        label, rest = self._label(first), span[first.end() :]
        if other := self._texts.get(_core(rest)):
            return {label, other}
        return {label, *self._further(rest)}

    def _text_in(self, span: str) -> str | None:
        """The label of the option whose text a span is, or starts with: "It's Paris, not Rome"; else None."""
        if label := self._texts.get(_core(span)):
            return label
        lead = words.LEAD.match(span)
        clauses = list(self._clauses_not_rejecting(span[lead.end() :])) if lead else []
        label = self._texts.get(_core(clauses[0])) if clauses else None
        further = folded(" ".join(clauses[1:]))
        return None if any(text in further for text in self._texts) else label

    def concluded_in(self, text: str) -> set[str]:
        """The labels that an unmarked text concludes with, in its sentences or in its first or last line."""
        if len(text) > HEAD_CHARS + TAIL_CHARS:
            text = f"{text[:HEAD_CHARS]}\n{text[-TAIL_CHARS:]}"
        text = visible(text).replace("\u2019", "'")
        labels: set[str] = set()
        sentences = [sentence for sentence in words.SENTENCE.split(text) if sentence.strip()]
        for sentence in (text, *sentences[:1], *sentences[-1:]):
            if lone := self._lone.fullmatch(sentence):
                labels.add(self._label(lone))
        for sentence in self._clauses_not_rejecting(text):
            for pattern in (self._concluded, self._confirmed):
                for match in pattern.finditer(sentence):
                    if not _is_word(match, sentence, capitals=True):
                        labels |= {self._label(match), *self._further(sentence[match.end("label") :])}
        return labels or self._of_lines(text)

    def _further(self, rest: str) -> Iterator[str]:
        """Later labels that compete with the first one: in the same sentence, or as a second thought."""
        same, *later = words.SENTENCE.split(rest)
        yield from self._joined_in(same)
        for sentence in later:
            is_short = len(sentence.split()) <= SHORT_SENTENCE_WORDS
            if (is_short or words.SECOND_THOUGHT.search(sentence)) and not self._rejecting.search(sentence):
                yield from self._joined_in(sentence)

    def _joined_in(self, sentence: str) -> Iterator[str]:
        """The labels after a joining word or sign, up to a reason; none if the sentence rejects something."""
        sentence = words.REASON.split(sentence)[0]
        if not self._rejecting.search(sentence):
            for match in self._joined.finditer(sentence):
                if not _is_word(match, sentence, capitals=True):
                    yield self._label(match)

    def taken_back_in(self, rest: str) -> set[str]:
        """The labels in lines after the answer that revoke it: "Wait, C."."""
        lines = [line for line in rest[:TAIL_CHARS].splitlines() if words.TAKEN_BACK.match(line)]
        return {label for line in lines for label in self._joined_in(visible(line))}

    def _of_lines(self, text: str) -> set[str]:
        """The labels of the first and the last line.

        The first line counts if it starts with a label and no other line starts with another one; the last
        line counts if it is only a label.
        """
        lines = [line for line in text.splitlines() if line.strip()]
        begun = [(line, match) for line in lines if (match := self._line.match(line))]
        starts = {self._label(match) for _, match in begun}
        is_chosen = len(starts) == 1 and begun[0][0] == lines[0] and not self._rejecting.search(lines[0])
        last = [match for line in lines[-1:] if (match := self._lone.fullmatch(line))]
        return (starts if is_chosen else set()) | {self._label(match) for match in last}

    def _clauses_not_rejecting(self, text: str) -> Iterator[str]:
        """The clauses of a text that reject nothing."""
        for sentence in words.SENTENCE.split(text):
            for start, end in _clauses(sentence):
                if not self._rejecting.search(sentence, start, end):
                    yield sentence[start:end]

    def _is_rejected(self, match: re.Match[str], text: str) -> bool:
        return self._rejected.match(text, match.end("label")) is not None

    def _label(self, match: re.Match[str]) -> str:
        return self._labels[match["label"].casefold()]


def _alone(labels: Sequence[str]) -> str:
    """A pattern for any label as a word of its own. Unspaced scripts may stand right beside a Latin label."""
    any_label = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    around = words.LATIN if any_label.isascii() else words.ANY_SCRIPT
    return rf"(?<![{around}.])(?P<label>{any_label})(?![{around}]|\.\d)"


def _clauses(sentence: str) -> Iterator[tuple[int, int]]:
    """Start and end of each clause; a joining word belongs to the clause that it starts."""
    start = 0
    for joint in words.CLAUSE.finditer(sentence):
        if joint.start() > start:
            yield start, joint.start()
            start = joint.start()
    yield start, len(sentence)


def _core(text: str) -> str:
    return folded(text).strip(_EDGES)


def _is_word(match: re.Match[str], text: str, *, capitals: bool) -> bool:
    """Whether a matched label is an ordinary word: the article "a", the word "no", the pronoun "I".

    ``capitals`` says that a capital A at the very start of the text may be an article, too.
    """
    label, end = match["label"], match.end("label")
    if label.casefold() == "no":
        return words.DETERMINED.match(text, end) is not None
    if label == "I":
        return words.PRONOUN.match(text, end) is not None
    if label not in ("a", "A") or not words.NOUN.match(text, end):
        return False
    starts = re.search(r"(?:^[\W_]*|[.!?:]\s*)$", text[: match.start("label")]) is not None
    return label == "a" or (starts and (capitals or match.start("label") > 0))
