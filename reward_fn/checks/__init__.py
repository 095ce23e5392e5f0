"""Deterministic checks, one module each; the module's name is the check's name in definitions.

A module has ``PARAMETERS``, the JSON Schema of its parameters, and ``build(parameters, folder)``, which
compiles them once, at load, into a function ``Rollout -> CheckResult | Unscored``. ``build`` raises
ValueError naming what is wrong; ``folder`` is where files named by the definition lie. A check returns
Unscored where the data, not the rollout, keeps it from an answer, and never raises on hostile text.
"""

import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from reward_fn.types import Check


class CheckModule(NamedTuple):
    """What a module of this package offers."""

    parameters: Mapping[str, Any]
    build: Callable[[Mapping[str, Any], Path], Check]


@cache
def available() -> tuple[str, ...]:
    """The names of all checks, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> CheckModule:
    """The check of that name; only those a definition uses are imported. KeyError for an unknown one."""
    if name not in available():
        raise KeyError(name)
    module = import_module(f"{__name__}.{name}")
    return CheckModule(module.PARAMETERS, module.build)
