"""Deterministic checks, one module each. The module's name is the check's name in definitions.

A module has ``PARAMETERS``, the JSON Schema of its parameters, and ``build(parameters, folder)``, which
compiles them once, at load, into a function ``Rollout -> CheckResult | Unscored``. ``build`` raises
ValueError that names the mistake. ``folder`` holds the files that the definition names, and ``FILES`` lists
the parameters that may name files. A check returns Unscored if the data set, and not the response, prevents
an answer. It never raises on hostile text.

A module whose name begins with ``_`` is a helper. Custom checks lie outside this package:
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
"""The parameters that may name a file, for a module without ``FILES``."""


class CheckModule(NamedTuple):
    """A check's module as loaded; ``source`` is the file of a custom check, None for a shipped one."""

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
    """The shipped check of that name, imported at its first use. Raises KeyError for an unknown name."""
    if name not in available():
        raise KeyError(name)
    module = import_module(f"{__name__}.{name}")
    return CheckModule(module.PARAMETERS, module.build, getattr(module, "FILES", FILES))
