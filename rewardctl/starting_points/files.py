"""The files that `rewardctl new` writes."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from reward_fn.definition.load import load_definition
from reward_fn.event.parse import parse_rows
from reward_fn.pipeline import examine
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from rewardctl.starting_points import MINIMAL
from rewardctl.starting_points.points import StartingPoint, starting_point

LABELLER = "example"
HIGH, LOW = ">= 0.9", "<= 0.3"
"""What the best and the worst row of every starting point earn."""

_NAME_LINE = re.compile(r'^name = ".*"$', re.MULTILINE)


def files_of(name: str, point_name: str) -> dict[str, str]:
    """The text of each file by its name: definition, event, labels, cases, and a schema."""
    point = starting_point(point_name)
    definition = load_definition(str(point.definition))
    return {
        f"{name}.toml": _definition_text(name, point_name, point),
        f"{name}.event.json": json.dumps(point.rows, indent=1, ensure_ascii=False) + "\n",
        f"{name}.labels.jsonl": _lines(_labels(point, definition)),
        f"{name}.cases.jsonl": _lines(_cases(name, point)),
        **dict(_beside(point)),
    }


def _definition_text(name: str, point_name: str, point: StartingPoint) -> str:
    """The definition's file under its new name."""
    text = _NAME_LINE.sub(f'name = "{name}"', point.definition.read_text(encoding="utf-8"), count=1)
    if point_name == MINIMAL:
        return text
    return (
        f"# Begun from the shipped definition {point_name}. `rewardctl check` names every mistake in this\n"
        f"# file; docs/definitions.md lists every key.\n{text}"
    )


def _beside(point: StartingPoint) -> Iterator[tuple[str, str]]:
    """The files that the definition names, such as a JSON Schema."""
    data = tomllib.loads(point.definition.read_text(encoding="utf-8"))
    for entry in (*data.get("gate", ()), *data.get("score", ())):
        if isinstance(file := entry.get("schema"), str):
            yield file, (point.definition.parent / file).read_text(encoding="utf-8")


def _labels(point: StartingPoint, definition: Definition) -> Iterator[dict[str, Any]]:
    """The verdicts as labels; rows that no judge sees are labelled as a whole: the first is good."""
    for place, row in enumerate(point.rows):
        label: dict[str, Any] = {"id": row["id"], "labeller": LABELLER, "repeat": 0}
        verdicts = point.verdicts.get(row["id"])
        yield {**label, **(_answers(row, verdicts, definition) if verdicts else {"overall": not place})}


def _answers(
    row: Mapping[str, Any], verdicts: Mapping[str, str | list[str]], definition: Definition
) -> dict[str, Any]:
    """The verdicts on one row in the form of labels: those on items by the item's place."""
    (examined,) = (examine(entry, definition) for entry in parse_rows([row]))
    material = examined.material if isinstance(examined, Examined) else None
    criteria = {each.name: each for each in material.spec.criteria} if material else {}
    count = len(material.items or ()) if material else 0
    labels: dict[str, Any] = {}
    items: dict[str, dict[str, str]] = {}
    for name, answer in verdicts.items():
        if criteria[name].scope == "answer":
            labels[name] = answer
            continue
        for place, each in enumerate(answer if isinstance(answer, list) else [answer] * count):
            items.setdefault(str(place), {})[name] = each
    return {"labels": labels, **({"items": items} if items else {})}


def _cases(name: str, point: StartingPoint) -> Iterator[dict[str, Any]]:
    """The best row beats all others; it earns nearly everything, and the worst one little."""
    ids = [row["id"] for row in point.rows]
    data = f"{name}.event.json"
    yield _case("the good answer beats the others", data, point, ids, better=ids[0], worse=ids[1:])
    yield _case("the good answer earns nearly all", data, point, ids[:1], expect={ids[0]: HIGH})
    yield _case("the bad answer earns little", data, point, ids[-1:], expect={ids[-1]: LOW})


def _case(title: str, data: str, point: StartingPoint, ids: list[str], **expected: Any) -> dict[str, Any]:
    verdicts = {key: point.verdicts[key] for key in ids if key in point.verdicts}
    return {"name": title, "data": data, **expected, **({"verdicts": verdicts} if verdicts else {})}


def _lines(values: Iterator[dict[str, Any]]) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)
