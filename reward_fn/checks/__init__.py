"""Deterministic checks, one module each; the module's name is the check's name in definitions.

A module has ``PARAMETERS``, the JSON Schema of its parameters, and ``build(parameters, folder)``, which
compiles them once, at load, into a function ``Rollout -> CheckResult | Unscored``. ``build`` raises
ValueError naming what is wrong; ``folder`` is where files named by the definition lie, and ``FILES`` names
the parameters that name some. A check returns Unscored if the data, not the rollout, keep it from an answer,
and never raises on hostile text.

A module whose name begins with ``_`` is a helper. Checks of one's own lie outside this package:
:mod:`reward_fn.checks.own.folders` finds and guards them.
"""

import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from reward_fn.types.check import Check

FILES = ("schema",)
"""Parameters that may name a file beside the definition, in a module that does not say which."""


class CheckModule(NamedTuple):
    """What a module of this package offers; ``source`` is the file of a check of one's own."""

    parameters: Mapping[str, Any]
    build: Callable[[Mapping[str, Any], Path], Check]
    files: tuple[str, ...] = FILES
    source: Path | None = None


@cache
def available() -> tuple[str, ...]:
    """The names of the checks that ship, sorted."""
    names = (module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)
    return tuple(sorted(name for name in names if not name.startswith("_")))


def load(name: str) -> CheckModule:
    """The check of that name; only those a definition uses are imported. KeyError for an unknown one."""
    if name not in available():
        raise KeyError(name)
    module = import_module(f"{__name__}.{name}")
    return CheckModule(module.PARAMETERS, module.build, getattr(module, "FILES", FILES))
