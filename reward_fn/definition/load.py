"""A reward definition: one TOML file, checked and compiled before anything is paid for.

The file is checked against ``definition.schema.json``, then by the rules that a schema can't say; all
mistakes are reported in one :class:`DefinitionError`, each with its path in the file. Nothing half-valid is
ever served.
"""

import hashlib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from reward_fn import checks
from reward_fn.checks.own import folders
from reward_fn.definition.form import check_form, errors_in, explained, unknown
from reward_fn.definition.hints import of_other_roles
from reward_fn.definition.judge import JudgeForm
from reward_fn.definition.lint import lint
from reward_fn.definition.pin import NOTHING_BESIDE
from reward_fn.errors import DefinitionError, DefinitionNotFoundError
from reward_fn.judge.ask.modes import mode_of
from reward_fn.reserved_names import RESERVED
from reward_fn.text.patterns import DEFINITION_S, probing_within
from reward_fn.types.check import Check, CheckSpec
from reward_fn.types.definition import MIN_COVERAGE, Definition
from reward_fn.types.rubric import JudgeSpec

SHIPPED = Path(__file__).parent.parent / "rewards"
ROLES = ("gate", "score", "penalty", "metric")
_OWN_KEYS = {"gate": ("reward", "min_score"), "score": ("weight",), "penalty": ("weight",), "metric": ()}


def load_definition(name: str, *, judge_model: str = "") -> Definition:
    """The shipped definition of that name, or the one at that path (anything with a "/" or ".toml").

    ``judge_model`` replaces the model that the definition names. Raises DefinitionError.
    """
    path = Path(name) if "/" in name or name.endswith(".toml") else SHIPPED / f"{name}.toml"
    try:
        raw = path.read_bytes()
    except OSError as error:
        shipped = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.toml")))
        remedy = f"name a shipped one ({shipped}) or the path of a .toml file"
        mistake = f"cannot be read ({error.strerror}); {remedy}"
        raise DefinitionNotFoundError(name, [mistake]) from error
    return _compiled(raw, name, path.parent, judge_model)


def load_pinned(
    raw: bytes, uri: str, *, judge_model: str = "", judges_allowed: Collection[str] | None = None
) -> Definition:
    """The definition whose file is ``raw``, as stored at ``uri``: one file, with nothing beside it.

    It may ask ``judge_model`` and the tiers and models of ``judges_allowed``, no others; None allows all.
    Raises DefinitionError.
    """
    allowed = None if judges_allowed is None else {*judges_allowed, *([judge_model] if judge_model else [])}
    return replace(_compiled(raw, uri, None, judge_model, allowed), source=uri)


def _compiled(
    raw: bytes, name: str, folder: Path | None, judge_model: str, allowed: Collection[str] | None = None
) -> Definition:
    try:
        data = tomllib.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DefinitionError(name, [f"is not TOML: {error}"]) from error
    try:
        with probing_within(DEFINITION_S):
            return _Compiler(data, name, folder, judge_model, allowed).compile(raw)
    except RecursionError as error:  # dotted keys nest without the parser's noticing
        raise DefinitionError(name, ["is nested too deeply"]) from error


class _Compiler:
    """One pass over one file; collects mistakes as it goes and raises them together."""

    def __init__(
        self,
        data: dict[str, Any],
        name: str,
        folder: Path | None,
        judge_model: str,
        allowed: Collection[str] | None,
    ) -> None:
        self._folder = folder
        self._origin = str(data.get("name") if isinstance(data.get("name"), str) else name)[:80]
        self._judge_model = judge_model
        self._allowed = allowed
        self._given = {key for key, value in data.items() if value}
        self._has_criteria = isinstance(data.get("judge"), dict) and "criterion" in data["judge"]
        self._mistakes, self._data = check_form(data)
        self._own_checks = self._found_checks()
        self._mistakes += _unknown_checks(data, self._own_checks)
        self._taken: dict[str, str] = {}
        self._modules: dict[str, checks.CheckModule] = {}

    def compile(self, raw: bytes) -> Definition:
        low, high = self._range()
        compiled = {role: tuple(self._checks(role, low)) for role in ROLES}
        judge = self._judge(low)
        if not self._given & {"score", "judge"}:
            self._mistakes.append(
                "the definition has neither a [[score]] nor a [judge]: nothing would be rewarded"
            )
        if self._mistakes:
            raise DefinitionError(self._origin, self._mistakes)
        on_error = self._data.get("on_error", {})
        return Definition(
            name=self._data["name"],
            version=self._version(raw),
            low=low,
            high=high,
            gates=compiled["gate"],
            scores=compiled["score"],
            penalties=compiled["penalty"],
            metrics=compiled["metric"],
            judge=judge,
            combine=self._data.get("combine", "sum"),
            on_error=on_error.get("policy", "neutral"),
            min_coverage=float(on_error.get("min_coverage", MIN_COVERAGE)),
            fail_above=float(on_error.get("fail_above", 1.0)),
            canaries=self._data.get("canaries", False),
            warnings=lint(self._data),
            sha256=hashlib.sha256(raw).hexdigest(),
        )

    def _range(self) -> tuple[float, float]:
        low, high = self._data.get("range", (0.0, 1.0))
        if low >= high:
            self._mistakes.append(f"range: [{low}, {high}] is empty; the first must be the smaller")
        rewards = [(f"gate[{i}].reward", gate.get("reward", low)) for i, gate in self._entries("gate")]
        rewards.append(("judge.empty", self._data.get("judge", {}).get("empty", low)))
        for place, reward in rewards:
            if low < high and not low <= reward <= high:
                self._mistakes.append(f"{place}: {reward} lies outside the range [{low}, {high}]")
        return float(low), float(high)

    def _entries(self, role: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The entries of a list of the file, with their places in it, those out of form left out."""
        return ((i, entry) for i, entry in enumerate(self._data.get(role, [])) if entry is not None)

    def _checks(self, role: str, low: float) -> Iterator[CheckSpec]:
        for i, entry in self._entries(role):
            place, name = f"{role}[{i}]", entry.get("name", entry["check"])
            self._take(name, place)
            built = self._built(entry, role, place)
            if built is not None:
                yield CheckSpec(
                    name=name,
                    check=built,
                    weight=float(entry.get("weight", 1.0)),
                    reward=float(entry.get("reward", low)),
                    min_score=float(entry.get("min_score", 1.0)),
                )

    def _built(self, entry: Mapping[str, Any], role: str, place: str) -> Check | None:
        """The check, compiled with its parameters; None where there is a mistake in them."""
        module = self._module(entry["check"], place)
        if module is None:
            return None  # named already
        parameters = {k: v for k, v in entry.items() if k not in {"check", "name", *_OWN_KEYS[role]}}
        for key, mistake in of_other_roles(entry, role, module.parameters.get("properties", {})):
            self._mistakes.append(f"{place}: {mistake}")
            parameters.pop(key, None)
        errors = errors_in(module.parameters, parameters)
        self._mistakes += [explained(error, (place,)) for error in errors]
        if self._folder is None and (named := list(_files(module, entry))):
            self._mistakes += [f"{place}.{parameter}: {NOTHING_BESIDE}" for parameter, _ in named]
            return None
        try:
            return None if errors else module.build(parameters, self._folder or Path())
        except ValueError as error:
            self._mistakes.append(f"{place}: {error}")
            return None

    def _found_checks(self) -> dict[str, Path]:
        """The files of the checks of one's own."""
        try:
            return folders.available(self._folder)
        except ValueError as error:
            self._mistakes.append(str(error))
            return {}

    def _module(self, name: str, place: str) -> checks.CheckModule | None:
        """The check of that name, one that ships or one's own; None if there is a mistake in it."""
        if name in self._modules:
            return self._modules[name]
        try:
            path = self._own_checks.get(name)
            module = checks.load(name) if path is None else folders.load(name, path)
        except KeyError:
            return None
        except ValueError as error:
            self._mistakes.append(f"{place}.check: {error}")
            return None
        return self._modules.setdefault(name, module)

    def _judge(self, low: float) -> JudgeSpec | None:
        data = self._data.get("judge")
        if data is None:
            return None
        rubric = JudgeForm(data, self._judge_model, self._allowed, has_criteria=self._has_criteria)
        spec = rubric.compile(low)
        for name in mode_of(spec).names:
            self._take(name, f'judge.mode "{spec.mode}"')
        for place, name in rubric.names:
            self._take(name, place)
        self._mistakes += rubric.mistakes
        return replace(spec, taken=frozenset(self._taken))

    def _take(self, name: str, place: str) -> None:
        if name in RESERVED:
            self._mistakes.append(f"{place}.name: {name!r} is reserved for results and logs; choose another")
        elif name in self._taken:
            self._mistakes.append(
                f"{place}.name: {name!r} is taken by {self._taken[name]}; give one of them a name"
            )
        self._taken.setdefault(name, place)

    def _version(self, raw: bytes) -> str:
        """12 hex digits over the file, the files it refers to, its own checks, and the judge model that
        replaces its own."""
        seen = hashlib.sha256(raw + b"\x00" + self._judge_model.encode())
        for role in ROLES:
            for _, entry in self._entries(role):
                module = self._modules[entry["check"]]
                if module.source:
                    seen.update(module.source.read_bytes())
                for _, name in _files(module, entry) if self._folder else ():
                    seen.update((self._folder / name).read_bytes() if self._folder else b"")
        return seen.hexdigest()[:12]


def _files(module: checks.CheckModule, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The files that an entry's parameters name, each with its parameter; SQL or a table is no file."""
    for parameter in module.files:
        value = entry.get(parameter)
        for name in value if isinstance(value, list) else [value]:
            if isinstance(name, str) and not re.search(r"[\n;(]", name):
                yield parameter, name


def _unknown_checks(data: Mapping[str, Any], own: Collection[str]) -> Iterator[str]:
    """One mistake per unknown check name, also in entries that have other mistakes."""
    known = [*checks.available(), *own]
    for role in ROLES:
        entries = data.get(role)
        for i, entry in enumerate(entries if isinstance(entries, list) else ()):
            name = entry.get("check") if isinstance(entry, dict) else None
            if isinstance(name, str) and name not in known:
                write = "or write one of your own: rewardctl new-check"
                yield f"{role}[{i}].check: {unknown('check', name, known)}; {write}"
