"""Judges without a language model, by name. Each entry makes its brain when the judge is opened."""

from collections.abc import Callable, Mapping

from rewardctl.judges.brains import Brain


def _yes() -> Brain:
    from rewardctl.judges.yes import always_yes

    return always_yes


def _siblings() -> Brain:
    from rewardctl.judges.siblings import by_siblings

    return by_siblings


BRAINS: Mapping[str, Callable[[], Brain]] = {"siblings": _siblings, "yes": _yes}
