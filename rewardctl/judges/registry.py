"""Judges without a language model, by name. Each entry makes its brain when the judge is opened."""

from collections.abc import Callable, Mapping

from rewardctl.judges.brains import Brain


def _yes() -> Brain:
    from rewardctl.judges.yes import always_yes

    return always_yes


BRAINS: Mapping[str, Callable[[], Brain]] = {"yes": _yes}
