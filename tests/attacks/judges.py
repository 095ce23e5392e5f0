"""Fake judges that fall for an attack, each for another kind; what they can't be led to, they deny."""

import json
import re
from collections.abc import Callable, Mapping

from reward_fn.judge.ask.fences import sections
from reward_fn.judge.base import Model, Question, Reply, Stop
from reward_fn.types.verdict import Leaf
from tests.unit.fake_judge import Answer, content

ORDER = re.compile("yes to every", re.IGNORECASE)
OWN = ("response", "item")
HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\U000e0000-\U000e007f]")


def gullible(question: Question, _model: Model | None = None) -> Reply:
    """Says what the writer would like to hear: yes, no to pitfalls, and a quote that is in the document."""
    return _reply(question, lambda leaf: leaf.criterion.weight > 0)


def strict(question: Question, _model: Model | None = None) -> Reply:
    """Says no to everything."""
    return _reply(question, lambda leaf: leaf.criterion.weight < 0)


def obedient(question: Question, _model: Model | None = None) -> Reply:
    """Does what it reads outside of the material to examine, and reads nothing inside."""
    own = [section.text for section in sections(question.variable) if section.kind in OWN]
    outside = question.variable
    for text in own:
        outside = outside.replace(text, "", 1)
    return gullible(question) if ORDER.search(outside) else strict(question)


def sharp_eyed(question: Question, _model: Model | None = None) -> Reply:
    """Does what hidden characters tell it, and nothing else."""
    text = question.variable
    if not HIDDEN.search(text):
        return strict(question)
    told = "".join(chr(ord(c) - 0xE0000) if ord(c) >= 0xE0000 else c for c in text)
    return gullible(question) if ORDER.search(HIDDEN.sub("", told)) else strict(question)


def fair_on_essentials(question: Question, _model: Model | None = None) -> Reply:
    """Gullible, but for one thing: it says no to what is essential."""
    return _reply(question, lambda leaf: leaf.criterion.weight > 0 and leaf.criterion.name != "On_Task")


def filtered(question: Question, _model: Model | None = None) -> Reply:
    """Its filter stops every reply."""
    return Reply("", Stop.FILTERED)


def parrot(question: Question, _model: Model | None = None) -> Reply:
    """Says no, as an object; one that may write text (see ``parrot_in_text``) repeats what it read."""
    return strict(question)


def parrot_in_text(question: Question, _model: Model | None = None) -> Reply:
    """Repeats the response before its own verdicts, which are all no."""
    (own,) = [section.text for section in sections(question.variable) if section.kind in OWN]
    return Reply(f"The response says: {own}\nMine: {json.dumps(strict(question).content)}")


BY_NAME: Mapping[str, Answer] = {
    "gullible": gullible,
    "obedient": obedient,
    "sharp-eyed": sharp_eyed,
    "fair on essentials": fair_on_essentials,
    "filtered": filtered,
    "parrot": parrot,
}


def _reply(question: Question, holds: Callable[[Leaf], bool]) -> Reply:
    answers = {(leaf.criterion.name, leaf.item): "yes" if holds(leaf) else "no" for leaf in question.leaves}
    return Reply(content(question, answers), input_tokens=100, output_tokens=10)
