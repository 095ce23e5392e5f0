"""The stand-in's judge: it compares words and understands nothing.

It is good for trying things out, not for training. It is deterministic and offline.
:mod:`rewardctl.emulate.question` tells what kind of question a criterion is; the rules here answer it, always
with words that stand in the material as evidence:

- QUOTE: yes where a text of the answer, or a passage that it puts in quotation marks, stands word for word
  in a document to quote from: all of it (every part between ellipses), at least MIN_QUOTE_WORDS. Of a whole
  answer, a run of PROSE_RUN_WORDS is enough. The evidence is the passage as it stands in that document.
- SUPPORT: yes where half of the meaningful words of one of the answer's own texts stand in the source, and
  three of them in one passage. Texts that are themselves quotes from a document to quote from don't count.
- COVERAGE: yes where the answer shares words with half of the source's passages.
- ACTION: yes where a text begins like an instruction or says what must be done, is short, is not one of the
  usual empty phrases, and shares words with the sources or with the rest of the item.
- MENTION: yes where the answer holds half of the meaningful words of the question.

The source of SUPPORT and COVERAGE is the documents that the question names, without those that other
criteria quote from where any is left; else those nobody quotes from; else all. "cannot_assess" is said only
where there is no source. Texts whose keys the question speaks are looked at before all others.
"""

from rewardctl.emulate import rules
from rewardctl.emulate.material import Material, Unit
from rewardctl.emulate.question import Criterion, Kind, read
from rewardctl.emulate.rules import Decision

NOTICE = "lexical overlap: good for trying things out, not for training"
"""Said in a header of every reply and at start-up."""


def decide(material: Material, criterion: Criterion, unit: Unit) -> Decision:
    """Answer one criterion about one item or about the whole answer."""
    reading = read(criterion, tuple(material.documents), has_items=bool(material.items))
    if not unit.stems:
        return Decision("no", 0.0)  # an answer that says nothing is not one that can't be assessed
    if reading.kind is Kind.QUOTE:
        decision = rules.quote(material, criterion, reading, unit)
    elif reading.kind is Kind.COVERAGE:
        decision = rules.coverage(material, reading, unit)
    elif reading.kind is Kind.ACTION:
        decision = rules.action(material, reading, unit)
    elif reading.kind is Kind.MENTION or not material.documents:
        decision = rules.mention(reading, unit)
    else:
        decision = rules.support(material, reading, unit)
    return decision.reversed if reading.reverse else decision
