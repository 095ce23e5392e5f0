"""Does a text tell somebody what to do? A list of verbs that instructions begin with, and of empty words."""

from rewardctl.emulate.material import Field
from rewardctl.emulate.words import split, stems, word_set

LENGTH_WORDS = (5, 120)
"""An instruction is at least and at most so long; beyond that nobody follows it."""

_INSTRUCTIONS = word_set(
    """
    accept add agree align allow amend apply approve attach bind bring cap carve change clarify confine
    cut define delete demand drop draft end exclude extend fix give grant include increase insert keep
    let limit list lower make move name narrow obtain omit oblige pay permit prohibit propose provide
    raise redraft reduce refuse reject remove rename renegotiate replace require restore restrict
    reverse revise reword rewrite seek set shorten specify split state stipulate strike substitute swap
    tighten turn widen write calculate compute solve use call send check open close run install
    """
)
_DUTIES = word_set("must should needs ought")
EMPTY_STEMS = stems(
    split(
        "review consider carefully please lawyer counsel legal advice advise look checking check problem "
        "issue discuss talk talking further better improve appropriate necessary consult consulting may "
        "important attention potential potentially risk concern thing things generally situation"
    )
)
"""Words of advice that advises nothing."""


def is_instruction(field: Field) -> bool:
    """Whether a text tells somebody what to do, in a length that can be followed."""
    words = field.words
    begins = not _INSTRUCTIONS.isdisjoint(words[:3])
    return LENGTH_WORDS[0] <= len(words) <= LENGTH_WORDS[1] and (begins or not _DUTIES.isdisjoint(words))
