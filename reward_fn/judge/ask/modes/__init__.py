"""The modes of judging, by name. Every part of the project that depends on the mode reads this registry.

To add a mode: write a module with its :class:`~reward_fn.judge.ask.mode.Mode`, put the record into ``MODES``,
add its text to ``prompts/``, and document it in ``docs/definitions.md``.
"""

from collections.abc import Iterator, Sequence

from reward_fn.judge.ask.inquiry import Inquiry
from reward_fn.judge.ask.mode import Mode
from reward_fn.judge.ask.modes.group import GROUP
from reward_fn.judge.ask.modes.pairwise import PAIRWISE
from reward_fn.judge.ask.modes.pointwise import POINTWISE
from reward_fn.types.material import Material
from reward_fn.types.rubric import JudgeSpec

__all__ = ["GROUP", "MODES", "PAIRWISE", "POINTWISE", "inquiries", "mode_of"]

MODES: dict[str, Mode] = {mode.name: mode for mode in (POINTWISE, PAIRWISE, GROUP)}
"""Every mode by the name that definitions use; the first is the default."""


def mode_of(spec: JudgeSpec) -> Mode:
    """The mode that a rubric names."""
    return MODES[spec.mode]


def inquiries(materials: Sequence[Material], spec: JudgeSpec) -> Iterator[Inquiry]:
    """The inquiries about all material of a batch, in the mode of the definition's ``spec``."""
    return mode_of(spec).build(materials)
