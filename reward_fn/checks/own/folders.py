"""Custom checks: found in folders outside this package, and loaded with a definition that names them.

A module there has ``check(rollout, **parameters)``, or ``PARAMETERS`` and ``build`` like a check that ships.
It is trusted code: it runs in the function's process with the function's permissions. ``docs/own_checks.md``
is the guide; :mod:`reward_fn.checks.own.guard` holds a check to its limits.
"""

import hashlib
import importlib.util
import inspect
import keyword
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from reward_fn import checks
from reward_fn.checks.own.guard import TIME_LIMIT_S, guarded
from reward_fn.types.check import Check

CHECKS_PATH = "CHECKS_PATH"
"""The environment variable with the folder of custom checks, for development and the build."""
FOLDER = "checks"
BESIDE_PACKAGE = Path(__file__).resolve().parents[3] / FOLDER
"""The folder if CHECKS_PATH is not set: the project's ``checks/``, which the build copies to the artifact."""
PACKAGES = "site-packages"
"""The folder inside it in which the build installs the checks' requirements."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
ANY_PARAMETERS: Mapping[str, Any] = {"type": "object"}
TIME_LIMIT = "time_limit_s"
_TIME_LIMIT_FORM = {"type": "number", "exclusiveMinimum": 0, "maximum": 60}


def is_name(name: str) -> bool:
    """Whether a custom check may have that name."""
    return bool(NAME.fullmatch(name)) and not keyword.iskeyword(name)


def folders(definition_folder: Path | None) -> list[Path]:
    """The existing folders of custom checks, in order of search: beside the definition, then CHECKS_PATH.

    Raises ValueError if CHECKS_PATH is not a folder.
    """
    beside = [definition_folder / FOLDER] if definition_folder else []
    named = os.environ.get(CHECKS_PATH, "").strip()
    if named and not Path(named).is_dir():
        raise ValueError(
            f"{CHECKS_PATH}={named!r} is not a folder; name the folder of your checks, or unset it"
        )
    places = [*beside, Path(named) if named else BESIDE_PACKAGE]
    return [place for place in dict.fromkeys(place.resolve() for place in places) if place.is_dir()]


def available(definition_folder: Path | None) -> dict[str, Path]:
    """The file of each custom check, by its name. Raises ValueError as :func:`folders` does."""
    paths: dict[str, Path] = {}
    for folder in folders(definition_folder):
        for path in sorted(folder.glob("*.py")):
            if is_name(path.stem):
                paths.setdefault(path.stem, path)
    return paths


def load(name: str, path: Path) -> checks.CheckModule:
    """The check in that file, guarded.

    Raises ValueError if the file can't be imported, has neither ``check`` nor ``build``, or has the name of a
    shipped check.
    """
    if name in checks.available():
        raise ValueError(f"{_shown(path)} has the name of a shipped check; rename the file")
    module = _imported(name, path)
    build = getattr(module, "build", None)
    call = getattr(module, "check", None)
    if callable(build):
        make: Callable[[Mapping[str, Any], Path], Any] = build
    elif callable(call):
        make = _simple(name, call)
    else:
        raise ValueError(
            f"{_shown(path)} has neither check(rollout) nor build(parameters, folder); write one"
        )

    def build_guarded(parameters: Mapping[str, Any], folder: Path) -> Check:
        for_module = {key: value for key, value in parameters.items() if key != TIME_LIMIT}
        limit_s = float(parameters.get(TIME_LIMIT, TIME_LIMIT_S))
        return guarded(name, _built(make, for_module, folder, path), limit_s)

    schema = dict(getattr(module, "PARAMETERS", ANY_PARAMETERS))
    schema["properties"] = {**schema.get("properties", {}), TIME_LIMIT: _TIME_LIMIT_FORM}
    return checks.CheckModule(schema, build_guarded, tuple(getattr(module, "FILES", ())), path)


def _simple(name: str, call: Callable[..., Any]) -> Callable[[Mapping[str, Any], Path], Any]:
    """``check(rollout, **parameters)`` as a builder, which raises ValueError for other parameters."""

    def build(parameters: Mapping[str, Any], _: Path) -> Callable[[Any], Any]:
        try:
            inspect.signature(call).bind(None, **parameters)
        except TypeError as error:
            raise ValueError(f"check {name!r} does not take these parameters: {error}") from error
        return lambda rollout: call(rollout, **parameters)

    return build


def _built(
    make: Callable[[Mapping[str, Any], Path], Any], parameters: Mapping[str, Any], folder: Path, path: Path
) -> Callable[[Any], Any]:
    """The function that the module builds. Raises ValueError for any error of the module."""
    try:
        built = make(parameters, folder)
    except ValueError:
        raise
    except Exception as error:  # custom code may raise anything
        raise ValueError(f"build of {_shown(path)} fails: {_where(error, path)}") from error
    if not callable(built):
        raise ValueError(f"build of {_shown(path)} returns {type(built).__name__}, not a function")
    checked: Callable[[Any], Any] = built
    return checked


def _imported(name: str, path: Path) -> ModuleType:
    """The module, executed again. It may import other modules of its folder: ``from . import _helper``."""
    packages = path.parent / PACKAGES
    if packages.is_dir() and str(packages) not in sys.path:
        sys.path.append(str(packages))  # last, so that it replaces no module of the function
    package = f"own_checks_{hashlib.sha256(str(path.parent).encode()).hexdigest()[:12]}"
    if package not in sys.modules:
        parent = ModuleType(package)
        parent.__path__ = [str(path.parent)]
        sys.modules[package] = parent
    spec = importlib.util.spec_from_file_location(f"{package}.{name}", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{_shown(path)} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # custom code, as above
        del sys.modules[spec.name]
        raise ValueError(f"{_shown(path)} can't be imported: {_where(error, path)}") from error
    return module


def _where(error: Exception, path: Path) -> str:
    """An error with its line in the module, and the remedy for a missing package."""
    lines = [number for file, number in _frames(error) if file == str(path)]
    if isinstance(error, SyntaxError):
        lines = [error.lineno or 0]
    place = f" at line {lines[-1]}" if lines else ""
    remedy = ""
    if isinstance(error, ModuleNotFoundError):
        remedy = f"; pin it, with its hash, in {path.parent.name}/requirements.txt and build again"
    return f"{type(error).__name__}: {error}{place}{remedy}"


def _frames(error: Exception) -> Iterator[tuple[str, int]]:
    trace = error.__traceback__
    while trace:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


def _shown(path: Path) -> str:
    """The file's folder and name, for messages."""
    return f"{path.parent.name}/{path.name}"
