"""The rules of the lexical judge; what each of them asks for is told in :mod:`rewardctl.emulate.lexical`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from rewardctl.emulate.index import Run, Source, cut
from rewardctl.emulate.instruction import EMPTY_STEMS, is_instruction
from rewardctl.emulate.material import Field, Material, Unit
from rewardctl.emulate.question import Criterion, Reading
from rewardctl.emulate.words import split, stems

MIN_QUOTE_WORDS = 4
MAX_PARTS = 50
PROSE_RUN_WORDS = 12
SUPPORT_SHARE = 0.5
SUPPORT_WORDS = 3
TOPIC_SHARE = 0.25
TOPIC_WORDS = 2
COVERED_SHARE = 0.5
MAX_TOPICS = 400
ACTION_STEMS = 3
MENTION_SHARE = 0.5

_ELLIPSIS = re.compile(r"\[?(?:\.\s?){3}\]?|\[?\u2026\]?")
_QUOTED = re.compile(r"[\"\u201c\u201e\u00ab]([^\"\u201c\u201d\u00bb]{12,2000})[\"\u201c\u201d\u00bb]")
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict ("yes", "no" or "cannot_assess"), a score in [0, 1] for other scales, and the evidence."""

    verdict: str
    score: float
    evidence: str = ""

    @property
    def reversed(self) -> "Decision":
        """The same evidence for the opposite answer; what can't be assessed stays so."""
        if self.verdict == "cannot_assess":
            return self
        return replace(self, verdict="no" if self.verdict == "yes" else "yes", score=1 - self.score)


def _yes_or_no(holds: bool, score: float, evidence: str) -> Decision:
    return Decision("yes" if holds else "no", min(1.0, max(0.0, score)), evidence)


def quote(material: Material, criterion: Criterion, reading: Reading, unit: Unit) -> Decision:
    """Whether a text of the answer stands word for word in a document to quote from."""
    sources = [found for name in criterion.quote_from if (found := material.source(name))]
    if not sources:
        return Decision("cannot_assess", 0.0)
    fields = _spoken_of(unit.fields, reading)
    for source in sources:
        for field in fields:
            if evidence := _verbatim(source, field, prose=criterion.scope != "item"):
                return Decision("yes", 1.0, evidence)
    wanted = frozenset().union(*(field.stems for field in fields))
    evidence, shared = max((s.nearest_passage(wanted) for s in sources), key=lambda found: found[1])
    return Decision("no", 0.0, evidence if shared >= 2 else "")


def _verbatim(source: Source, field: Field, *, prose: bool) -> str:
    """The passage of the source that the field quotes, "" where it quotes none."""
    for parts in _quotes(field):
        run = _longest_part(source, parts)
        if run.length >= MIN_QUOTE_WORDS:
            return source.quote(run)
    if prose and (run := source.longest_run(field.words)).length >= PROSE_RUN_WORDS:
        return source.quote(run)
    return ""


def _quotes(field: Field) -> Iterator[list[list[str]]]:
    """What may be meant as a quote, in parts: the whole text, then what it puts in quotation marks."""
    text = field.text
    yield _parts(text) if _has_ellipsis(text) else [field.words]
    yield from (_parts(match[1]) for match in islice(_QUOTED.finditer(text), MAX_PARTS))


def _has_ellipsis(text: str) -> bool:
    return "\u2026" in text or ".." in text or ". ." in text


def _parts(text: str) -> list[list[str]]:
    """The words of each part between ellipses."""
    return [words for part in _ELLIPSIS.split(text, MAX_PARTS) if (words := split(part))]


def _longest_part(source: Source, parts: list[list[str]]) -> Run:
    """The longest part; an empty run where not every part is in the source."""
    longest = Run()
    for words in parts:
        run = source.find(words)
        if not run.length:
            return Run()
        longest = max(longest, run, key=lambda each: each.length)
    return longest


def support(material: Material, reading: Reading, unit: Unit) -> Decision:
    """Whether the answer's own words stand in the sources."""
    sources = _sources(material, reading)
    if not sources:
        return Decision("cannot_assess", 0.0)
    found = [
        (len(wanted & source.stems) / len(wanted), wanted, source)
        for source in sources
        for wanted in _own_words(material, unit)
    ]
    found.sort(key=lambda each: each[0], reverse=True)
    for share, wanted, source in found:
        evidence, shared = source.nearest_passage(wanted)
        if share < SUPPORT_SHARE or shared >= SUPPORT_WORDS:
            return _yes_or_no(share >= SUPPORT_SHARE, share, evidence if shared >= 2 else "")
    return Decision("no", found[0][0])


def coverage(material: Material, reading: Reading, unit: Unit) -> Decision:
    """Whether the answer speaks of half of the sources' passages."""
    topics = [
        (len(found & unit.stems) / len(found), len(found & unit.stems) >= TOPIC_WORDS, source, number)
        for source in _sources(material, reading)
        for number, found in enumerate(source.passage_stems[:MAX_TOPICS])
        if len(found) > TOPIC_WORDS
    ]
    if not topics:
        return Decision("cannot_assess", 0.0)
    covered = [topic for topic in topics if topic[1] and topic[0] >= TOPIC_SHARE]
    share = len(covered) / len(topics)
    holds = share >= COVERED_SHARE
    shown = max(topics, key=lambda t: t[0]) if holds else min(topics, key=lambda t: t[0])
    return _yes_or_no(holds, share, shown[2].passage(shown[3]))


def action(material: Material, reading: Reading, unit: Unit) -> Decision:
    """Whether a text tells somebody what to do."""
    fields = _spoken_of(unit.fields, reading)
    sources = [source.stems for name in material.documents if (source := material.source(name))]
    for field in filter(is_instruction, fields):
        known = [*sources, *(each.stems for each in unit.fields if each is not field)]
        left = wanted = field.stems - EMPTY_STEMS
        for other in known:
            left -= other
        if len(wanted) - len(left) >= ACTION_STEMS:
            return Decision("yes", 1.0, cut(field.text))
    longest = max(fields, key=lambda field: len(field.words))
    return Decision("no", 0.0, cut(longest.text))


def mention(reading: Reading, unit: Unit) -> Decision:
    """Whether the answer holds the question's words."""
    if not reading.stems:
        return Decision("cannot_assess", 0.0)
    share = len(reading.stems & unit.stems) / len(reading.stems)
    sentences = (part for field in unit.fields for part in _SENTENCE.split(field.text))
    best = max(sentences, key=lambda part: len(reading.stems & stems(split(part))), default="")
    return _yes_or_no(share >= MENTION_SHARE, share, cut(best) if share else "")


def _spoken_of(fields: tuple[Field, ...], reading: Reading) -> list[Field]:
    """The fields whose keys the question speaks, else all."""
    return [f for f in fields if f.text and f.name_words & reading.words] or [f for f in fields if f.text]


def _sources(material: Material, reading: Reading) -> list[Source]:
    """The documents to compare with: see the head of this module."""
    names = [name for name in material.documents if name != "prompt"] or list(material.documents)
    named = [name for name in names if name in reading.named]
    for chosen in (_unquoted(named, material), named, _unquoted(names, material), names):
        if found := [source for name in chosen if (source := material.source(name))]:
            return found
    return []


def _unquoted(names: Iterable[str], material: Material) -> list[str]:
    return [name for name in names if name not in material.quoted]


def _own_words(material: Material, unit: Unit) -> list[frozenset[str]]:
    """The stems of each text that is the answer's own; where none says enough, those of all together."""
    quoted = [source for name in material.quoted if (source := material.source(name))]
    own = [field for field in unit.fields if not any(source.contains(field.words) for source in quoted)]
    texts = [field.stems for field in own if len(field.stems) >= SUPPORT_WORDS]
    return texts or [unit.stems]
