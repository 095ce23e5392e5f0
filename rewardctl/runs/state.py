"""What identifies a run, how far it is, and both as the content of ``run.json``. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

MAX_PROBLEMS = 200
"""Lines with a problem, and repeated ids, that ``run.json`` lists one by one; problems are also counted."""

_COUNTS = ("batches", "bytes", "last_line", "lines", "rows", "scored")


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """What a run is: definition, judge, data and target. ``data_key`` is a digest of the data's content.

    ``verdicts_of`` names the run whose verdicts are used, "" if all questions are asked.
    """

    definition: Mapping[str, str]
    judge: str
    data: str
    data_key: str
    target: str = ""
    limit: int = 0
    verdicts_of: str = ""

    def difference(self, before: Mapping[str, Any]) -> str:
        """Why a run with the ``run.json`` ``before`` can't be continued by this one; "" if it can.

        Paths may differ: the definition and the data are compared by their content.
        """
        was = before.get("definition")
        old: Mapping[str, Any] = was if isinstance(was, dict) else {}
        if old.get("sha256") != self.definition["sha256"]:
            return (
                f"it is a run of the definition {old.get('name')} {old.get('version')}, and this is "
                f"{self.definition['name']} {self.definition['version']}"
            )
        if before.get("data_key") != self.data_key:
            return f"its data, {before.get('data')}, had another content than {self.data} has now"
        names = {
            "judge": "--judge",
            "target": "--target",
            "limit": "--limit",
            "verdicts_of": "source of verdicts",
        }
        other = [name for name in names if (before.get(name) or "") != (getattr(self, name) or "")]
        return " and ".join(
            f"its {names[name]} was {before.get(name) or '(none)'}, and this is "
            f"{getattr(self, name) or '(none)'}"
            for name in other
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """What is in the folder: whole batches, their bytes, the last line, and counts.

    ``lines`` are lines of the data, ``rows`` the rows in them and the lines without one. ``problems`` have
    the keys line, reason and detail. ``repeated`` are pairs of a line and the earlier line with its id.
    ``wall_s`` adds up the programs that made the run.
    """

    batches: int = 0
    bytes: int = 0
    last_line: int = 0
    lines: int = 0
    rows: int = 0
    scored: int = 0
    wall_s: float = 0.0
    reward_sum: float = 0.0
    unscored: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Mapping[str, Any], ...] = ()
    repeated: tuple[tuple[int, int], ...] = ()

    def plus(self, other: "Progress") -> "Progress":
        """This and the next batch together."""
        unscored = dict(self.unscored)
        for reason, count in other.unscored.items():
            unscored[reason] = unscored.get(reason, 0) + count
        return Progress(
            batches=self.batches + other.batches,
            bytes=self.bytes + other.bytes,
            last_line=other.last_line or self.last_line,
            lines=self.lines + other.lines,
            rows=self.rows + other.rows,
            scored=self.scored + other.scored,
            wall_s=self.wall_s + other.wall_s,
            reward_sum=self.reward_sum + other.reward_sum,
            unscored=unscored,
            problems=(*self.problems, *other.problems)[:MAX_PROBLEMS],
            repeated=(*self.repeated, *other.repeated)[:MAX_PROBLEMS],
        )


def as_json(identity: RunIdentity, about: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """The content of ``run.json`` without its format. ``about`` holds what else is known of the run."""
    counts = asdict(progress)
    problems, repeated, wall_s = (counts.pop(name) for name in ("problems", "repeated", "wall_s"))
    return {
        **asdict(identity),
        **about,
        "rows": progress.rows,
        "wall_s": round(wall_s, 3),
        "problems": problems,
        "repeated_ids": repeated,
        "progress": counts,
    }


def read_progress(info: Mapping[str, Any]) -> Progress:
    """The progress in the content of ``run.json``. Raises ValueError if it is not what was written there."""
    saved = info.get("progress")
    if not isinstance(saved, dict) or not all(_is_count(saved.get(name)) for name in _COUNTS):
        raise ValueError("it does not say how far the run is")
    known = {name: value for name, value in saved.items() if name in Progress.__dataclass_fields__}
    if not isinstance(known.get("reward_sum"), int | float) or not isinstance(known.get("unscored"), dict):
        raise ValueError("it does not say what was scored")
    problems, repeated = (info.get(name) for name in _LISTS)
    wall_s = info.get("wall_s")
    return replace(
        Progress(**known),
        wall_s=float(wall_s) if isinstance(wall_s, int | float) else 0.0,
        problems=tuple(problems if isinstance(problems, list) else ()),
        repeated=tuple(map(tuple, repeated if isinstance(repeated, list) else ())),
    )


_LISTS = ("problems", "repeated_ids")
_WRITTEN = {"run", "progress", "rows", "wall_s", *_LISTS, *RunIdentity.__dataclass_fields__}


def about_of(info: Mapping[str, Any]) -> dict[str, Any]:
    """What ``run.json`` says beside identity and progress: the ``about`` that it was written with."""
    return {name: value for name, value in info.items() if name not in _WRITTEN}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
