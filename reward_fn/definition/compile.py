"""Compile a reward definition from the bytes of its TOML file, before anything is paid for.

The data is checked against ``definition.schema.json``, then by the rules that a schema can't express. All
mistakes are reported in one :class:`DefinitionError`, each with its path in the file. A definition with
mistakes is never served in part.
"""

import hashlib
import tomllib
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from reward_fn.definition.check_entries import ROLES, CheckEntries
from reward_fn.definition.form import check_form
from reward_fn.definition.judge import JudgeForm
from reward_fn.definition.lint import lint
from reward_fn.errors import DefinitionError
from reward_fn.judge.ask.modes import mode_of
from reward_fn.reserved_names import RESERVED
from reward_fn.text.patterns import DEFINITION_S, probing_within
from reward_fn.types.check import CheckSpec
from reward_fn.types.definition import MIN_COVERAGE, Definition
from reward_fn.types.rubric import JudgeSpec

MAX_NAME_CHARS = 80
"""The most characters of a definition's name in a message."""


def compile_definition(
    raw: bytes,
    name: str,
    *,
    folder: Path | None,
    judge_model: str = "",
    judges_allowed: Collection[str] | None = None,
) -> Definition:
    """The definition with the bytes ``raw``; ``name`` stands for it in messages until its own is known.

    ``folder`` holds the files that it names, None if it may name none. ``judge_model`` replaces its model;
    it may name the models ``judges_allowed`` only, None allows all. Raises DefinitionError.
    """
    try:
        data = tomllib.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DefinitionError(name, [f"is not TOML: {error}"]) from error
    try:
        with probing_within(DEFINITION_S):
            return _Compiler(data, name, folder, judge_model, judges_allowed).compile(raw)
    except RecursionError as error:  # dotted keys nest deeper than the parser's own limit
        raise DefinitionError(name, ["is nested too deeply"]) from error


class _Compiler:
    """One pass over one file that collects mistakes and raises them together."""

    def __init__(
        self,
        data: dict[str, Any],
        name: str,
        folder: Path | None,
        judge_model: str,
        judges_allowed: Collection[str] | None,
    ) -> None:
        self._title = str(data.get("name") if isinstance(data.get("name"), str) else name)[:MAX_NAME_CHARS]
        self._judge_model = judge_model
        self._judges_allowed = judges_allowed
        self._keys = {key for key, value in data.items() if value}
        self._has_criteria = isinstance(data.get("judge"), dict) and "criterion" in data["judge"]
        self._mistakes, self._data = check_form(data)
        self._checks = CheckEntries(self._data, folder, self._mistakes)
        self._mistakes += self._checks.unknown_checks(data)
        self._places: dict[str, str] = {}
        """For each name of a check or criterion the place that uses it first."""

    def compile(self, raw: bytes) -> Definition:
        """The definition. Raises DefinitionError with all mistakes."""
        low, high = self._range()
        compiled = {role: self._compile_checks(role, low) for role in ROLES}
        judge = self._judge(low)
        if not self._keys & {"score", "judge"}:
            self._mistakes.append(
                "the definition has neither a [[score]] nor a [judge]: nothing would be rewarded"
            )
        if self._mistakes:
            raise DefinitionError(self._title, self._mistakes)
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

    def _compile_checks(self, role: str, low: float) -> tuple[CheckSpec, ...]:
        for place, name in self._checks.names(role):
            self._take(name, place)
        return tuple(self._checks.compile(role, low))

    def _range(self) -> tuple[float, float]:
        low, high = self._data.get("range", (0.0, 1.0))
        if low >= high:
            self._mistakes.append(f"range: [{low}, {high}] is empty; the first must be the smaller")
        rewards = [(f"gate[{i}].reward", gate.get("reward", low)) for i, gate in self._checks.entries("gate")]
        rewards.append(("judge.empty", self._data.get("judge", {}).get("empty", low)))
        for place, reward in rewards:
            if low < high and not low <= reward <= high:
                self._mistakes.append(f"{place}: {reward} lies outside the range [{low}, {high}]")
        return float(low), float(high)

    def _judge(self, low: float) -> JudgeSpec | None:
        data = self._data.get("judge")
        if data is None:
            return None
        rubric = JudgeForm(data, self._judge_model, self._judges_allowed, has_criteria=self._has_criteria)
        spec = rubric.compile(low)
        for name in mode_of(spec).names:
            self._take(name, f'judge.mode "{spec.mode}"')
        for place, name in rubric.names:
            self._take(name, place)
        self._mistakes += rubric.mistakes
        return replace(spec, taken=frozenset(self._places))

    def _take(self, name: str, place: str) -> None:
        """Note that ``place`` uses a name; a name that is reserved or used twice is a mistake."""
        if name in RESERVED:
            self._mistakes.append(f"{place}.name: {name!r} is reserved for results and logs; choose another")
        elif name in self._places:
            self._mistakes.append(
                f"{place}.name: {name!r} is taken by {self._places[name]}; give one of them a name"
            )
        self._places.setdefault(name, place)

    def _version(self, raw: bytes) -> str:
        """12 hex digits of a hash over the file, what it refers to, and the model that replaces its own."""
        sha256 = hashlib.sha256(raw + b"\x00" + self._judge_model.encode())
        for content in self._checks.contents():
            sha256.update(content)
        return sha256.hexdigest()[:12]
