"""A reward definition: one TOML file, checked and compiled before anything is paid for.

The file is checked against ``definition.schema.json``, then by the rules that a schema can't say; all
mistakes are reported in one :class:`DefinitionError`, each with its path in the file. Nothing half-valid is
ever served.
"""

import difflib
import hashlib
import json
import logging
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from reward_fn import checks
from reward_fn.aggregate import FLAGS, RUBRIC
from reward_fn.errors import DefinitionError
from reward_fn.types import MAX_ITEMS, CheckSpec, Criterion, Definition, Document, JudgeSpec, Reason

SHIPPED = Path(__file__).parent / "rewards"
ROLES = ("gate", "score", "penalty", "metric")
_OWN_KEYS = {"gate": ("reward", "min_score"), "score": ("weight",), "penalty": ("weight",), "metric": ()}
RESERVED = frozenset(
    {*FLAGS, RUBRIC, "id", "aggregate_reward_score", "metrics_list", "index", "prompt", "response"}
    | {"gate", "group", "details", "reasons", "definition", "definition_version", "request_id", "error"}
    | {"level", "location", "message", "timestamp", "service", "cold_start", "xray_trace_id", "asctime"}
    | vars(logging.makeLogRecord({})).keys()
)
"""Names with a meaning in results or log lines; no check or criterion may take one."""

_GARBLED = frozenset({Reason.REFUSED, Reason.MALFORMED, Reason.INCOMPLETE})
_PROVOKED = frozenset({Reason.FILTERED, Reason.OVERFLOW})


def load_definition(name: str, *, judge_model: str = "") -> Definition:
    """The shipped definition of that name, or the one at that path (anything with a "/" or ".toml").

    ``judge_model`` replaces the model that the definition names. Raises DefinitionError.
    """
    path = Path(name) if "/" in name or name.endswith(".toml") else SHIPPED / f"{name}.toml"
    try:
        raw = path.read_bytes()
        data = tomllib.loads(raw.decode("utf-8"))
    except OSError as error:
        shipped = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.toml")))
        remedy = f"name a shipped one ({shipped}) or the path of a .toml file"
        raise DefinitionError(name, [f"cannot be read ({error.strerror}); {remedy}"]) from error
    except ValueError as error:
        raise DefinitionError(name, [f"is not TOML: {error}"]) from error
    return _Compiler(data, path, judge_model).compile(raw)


class _Compiler:
    """One pass over one file; collects mistakes as it goes and raises them together."""

    def __init__(self, data: dict[str, Any], path: Path, judge_model: str) -> None:
        self._data = data
        self._folder = path.parent
        self._origin = str(data.get("name") if isinstance(data.get("name"), str) else path.name)
        self._judge_model = judge_model
        self._mistakes: list[str] = []
        self._taken: dict[str, str] = {}

    def compile(self, raw: bytes) -> Definition:
        self._check_form()
        self._check_range()
        compiled = {role: tuple(self._checks(role)) for role in ROLES}
        judge = self._judge()
        if not self._data.get("score") and "judge" not in self._data:
            self._mistakes.append(
                "the definition has neither a [[score]] nor a [judge]: nothing would be rewarded"
            )
        if self._mistakes:
            raise DefinitionError(self._origin, self._mistakes)
        low, high = map(float, self._data.get("range", [0.0, 1.0]))
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
            on_error=self._data.get("on_error", {}).get("policy", "neutral"),
        )

    def _check_form(self) -> None:
        """The schema's mistakes end the pass: what follows relies on the form."""
        self._mistakes += [
            f"{path}: is {value}, must be a finite number" for path, value in _not_finite(self._data)
        ]
        schema = json.loads((Path(__file__).parent / "definition.schema.json").read_text(encoding="utf-8"))
        errors = sorted(
            Draft202012Validator(schema).iter_errors(self._data), key=lambda e: list(map(str, e.path))
        )
        self._mistakes += [_explained(error) for error in errors]
        if self._mistakes:
            self._mistakes += self._unknown_checks()
            raise DefinitionError(self._origin, self._mistakes)

    def _unknown_checks(self) -> Iterator[str]:
        for role in ROLES:
            entries = self._data.get(role)
            for i, entry in enumerate(entries if isinstance(entries, list) else ()):
                name = entry.get("check") if isinstance(entry, dict) else None
                if isinstance(name, str) and name not in checks.available():
                    yield f"{role}[{i}].check: {_unknown('check', name, checks.available())}"

    def _check_range(self) -> None:
        low, high = self._data.get("range", [0.0, 1.0])
        if low >= high:
            self._mistakes.append(f"range: [{low}, {high}] is empty; the first must be the smaller")
        rewards = [
            (f"gate[{i}].reward", g.get("reward", low)) for i, g in enumerate(self._data.get("gate", []))
        ]
        rewards.append(("judge.empty", self._data.get("judge", {}).get("empty", low)))
        for place, reward in rewards:
            if not low <= reward <= high:
                self._mistakes.append(f"{place}: {reward} lies outside the range [{low}, {high}]")

    def _checks(self, role: str) -> Iterator[CheckSpec]:
        for i, entry in enumerate(self._data.get(role, [])):
            place, check = f"{role}[{i}]", entry["check"]
            try:
                module = checks.load(check)
            except KeyError:
                self._mistakes.append(f"{place}.check: {_unknown('check', check, checks.available())}")
                continue
            parameters = {k: v for k, v in entry.items() if k not in {"check", "name", *_OWN_KEYS[role]}}
            errors = list(Draft202012Validator(module.parameters).iter_errors(parameters))
            self._mistakes += [_explained(error, place) for error in errors]
            name = entry.get("name", check)
            self._take(name, place)
            if errors:
                continue
            try:
                built = module.build(parameters, self._folder)
            except ValueError as error:
                self._mistakes.append(f"{place}: {error}")
                continue
            yield CheckSpec(
                name=name,
                check=built,
                weight=float(entry.get("weight", 1.0)),
                reward=float(entry.get("reward", self._data.get("range", [0.0])[0])),
                min_score=float(entry.get("min_score", 1.0)),
            )

    def _judge(self) -> JudgeSpec | None:
        data = self._data.get("judge")
        if data is None:
            return None
        documents = tuple(
            Document(d["name"], tuple(d["source"]), d.get("optional", False))
            for d in data.get("document", [])
        )
        criteria = tuple(self._criteria(data, {d.name for d in documents}))
        if len({d.name for d in documents}) < len(documents):
            self._mistakes.append("judge.document: two documents have the same name")
        if data.get("min_items", 0) > data.get("max_items", MAX_ITEMS):
            self._mistakes.append("judge.min_items: is more than max_items")
        if not any(c.weight > 0 for c in criteria):
            self._mistakes.append(
                "judge.criterion: no criterion has a weight above 0, so none could be earned"
            )
        for key in ("min_items", "max_items", "empty"):
            if key in data and "items" not in data:
                self._mistakes.append(f"judge.{key}: has no meaning without judge.items")
        return JudgeSpec(
            models=(self._judge_model or data["model"], *data.get("fallback", [])),
            criteria=criteria,
            structure=data.get("structure", "tool"),
            documents=documents,
            show_prompt=data.get("show_prompt", True),
            items=data.get("items", ""),
            min_items=data.get("min_items", 0),
            max_items=data.get("max_items", MAX_ITEMS),
            empty=float(data.get("empty", self._data.get("range", [0.0])[0])),
            weight=float(data.get("weight", 1.0)),
            max_tokens=data.get("max_tokens"),
            provoked=_PROVOKED | _GARBLED if data.get("provoked") == "floor" else _PROVOKED,
        )

    def _criteria(self, data: Mapping[str, Any], documents: set[str]) -> Iterator[Criterion]:
        for i, entry in enumerate(data["criterion"]):
            place = f"judge.criterion[{i}]"
            self._take(entry["name"], place)
            scope = entry.get("scope", "item" if "items" in data else "answer")
            if scope == "item" and "items" not in data:
                self._mistakes.append(
                    f'{place}.scope: "item" needs judge.items, the list whose elements are judged'
                )
            for name in entry.get("quote_from", []):
                if name not in documents:
                    self._mistakes.append(f"{place}.quote_from: {_unknown('document', name, documents)}")
            yield Criterion(
                name=entry["name"],
                question=entry["question"].strip(),
                weight=float(entry.get("weight", 1.0)),
                scope=scope,
                essential=entry.get("essential", False),
                quote_from=tuple(entry.get("quote_from", [])),
                maps_to=entry.get("maps_to", ""),
            )

    def _take(self, name: str, place: str) -> None:
        if name in RESERVED:
            self._mistakes.append(f"{place}.name: {name!r} is reserved for results and logs; choose another")
        elif name in self._taken:
            self._mistakes.append(
                f"{place}.name: {name!r} is taken by {self._taken[name]}; give one of them a name"
            )
        self._taken.setdefault(name, place)

    def _version(self, raw: bytes) -> str:
        """12 hex digits over the file, the files it refers to, and the judge model that replaces its own."""
        seen = hashlib.sha256(raw + b"\x00" + self._judge_model.encode())
        for role in ROLES:
            for entry in self._data.get(role, []):
                if isinstance(entry.get("schema"), str):
                    seen.update((self._folder / entry["schema"]).read_bytes())
        return seen.hexdigest()[:12]


def _not_finite(node: Any, place: str = "") -> Iterator[tuple[str, float]]:
    """NaN and infinities, which TOML can write and a JSON Schema can't refuse."""
    if isinstance(node, float) and not math.isfinite(node):
        yield place, node
    children: Iterable[tuple[str, Any]] = ()
    if isinstance(node, dict):
        children = ((f"{place}.{key}".lstrip("."), child) for key, child in node.items())
    elif isinstance(node, list):
        children = ((f"{place}[{i}]", child) for i, child in enumerate(node))
    for where, child in children:
        yield from _not_finite(child, where)


def _explained(error: ValidationError, place: str = "") -> str:
    for step in error.absolute_path:
        place += f"[{step}]" if isinstance(step, int) else f".{step}"
    message = error.message if len(error.message) < 300 else f"{error.message[:300]}…"
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        allowed = list(error.schema.get("properties", {})) if isinstance(error.schema, dict) else []
        unknown = [key for key in error.instance if key not in allowed]
        message = "; ".join(_unknown("key", key, allowed) for key in unknown)
    return f"{place.lstrip('.') or 'the file'}: {message}"


def _unknown(kind: str, name: str, known: Iterable[str]) -> str:
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"unknown {kind} {name!r}; {hint}known: {', '.join(known) or 'none'}"
