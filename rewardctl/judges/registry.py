"""Judges without a language model, by name. Each entry makes its brain when the judge is opened."""

from collections.abc import Callable, Mapping
from pathlib import Path

from rewardctl.judges.brains import Brain
from rewardctl.judges.minilm import HEAD, PREFIX


def _yes() -> Brain:
    from rewardctl.judges.yes import always_yes

    return always_yes


def _siblings() -> Brain:
    from rewardctl.judges.siblings import by_siblings

    return by_siblings


def _minilm() -> Brain:
    return open_brain(PREFIX + HEAD)


BRAINS: Mapping[str, Callable[[], Brain]] = {"minilm": _minilm, "siblings": _siblings, "yes": _yes}


def is_brain(name: str) -> bool:
    """Whether a judge's name is one of BRAINS, or minilm:FILE."""
    return name in BRAINS or name.startswith(PREFIX)


def open_brain(name: str) -> Brain:
    """The brain of that name, ready to decide. Raises ValueError if something that it needs is missing."""
    if not name.startswith(PREFIX):
        return BRAINS[name]()
    from rewardctl.judges.minilm.brain import minilm_brain

    return minilm_brain(Path(name.removeprefix(PREFIX)))


def model_name(name: str) -> str:
    """The name of the model that answers: that of the brain, and for minilm a hash of its trained head.

    Raises ValueError if the head can't be read.
    """
    if name != "minilm" and not name.startswith(PREFIX):
        return name
    from rewardctl.judges.minilm.head import read_head

    path = Path(name.removeprefix(PREFIX) if name.startswith(PREFIX) else HEAD)
    return f"minilm-{read_head(path).sha256[:12]}"
