"""Read a corpus of attacks on judges.

Its folder has one ``scenario-*.toml`` for each definition, a row with honest answers, and one
``corpus/*.toml`` for each family of attacks on these rows.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

TAGS = 0xE0000
"""The first of Unicode's tag characters, an invisible copy of ASCII."""


class CorpusError(ValueError):
    """The corpus can't be used; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """The row that attacks on a definition answer; ``bar`` is what fair verdicts give ``mediocre``."""

    definition: str
    row: Mapping[str, Any]
    mediocre: str
    good: str
    bar: float


@dataclass(frozen=True, slots=True)
class Attack:
    """One hostile response to the row of the definition ``on``."""

    name: str
    on: str
    response: str


@dataclass(frozen=True, slots=True)
class Family:
    """Attacks of one kind.

    ``stopped_by`` is "code" if the checks and rules in ``defence`` stop them, whatever the judge says, and
    "judge" if only the judge can; ``watched_by`` is then the metric that counts them. ``judge`` names the
    fake judge of the tests that believes them.
    """

    name: str
    why: str
    stopped_by: str
    defence: tuple[str, ...]
    watched_by: str
    judge: str
    attacks: tuple[Attack, ...]


class Corpus(NamedTuple):
    """All families, in the order of their files, and the scenarios by definition."""

    families: tuple[Family, ...]
    scenarios: Mapping[str, Scenario]

    def scenario(self, definition: str) -> Scenario:
        """The scenario of a definition. Raises CorpusError if it has none."""
        if definition not in self.scenarios:
            known = ", ".join(sorted(self.scenarios))
            raise CorpusError(
                f"the corpus has no scenario for the definition {definition!r}, only for {known}; write "
                f"scenario-{definition}.toml and attacks on it, and give their folder with --corpus"
            )
        return self.scenarios[definition]


def load_corpus(folder: Path) -> Corpus:
    """Load a corpus. Raises CorpusError if a file can't be read or names an unknown scenario."""
    scenarios = {s.definition: s for s in map(_scenario, sorted(folder.glob("scenario-*.toml")))}
    families = tuple(_family(path, scenarios) for path in sorted((folder / "corpus").glob("*.toml")))
    if not scenarios or not families:
        raise CorpusError(f"{folder}: holds no scenario-*.toml or no corpus/*.toml; give another folder")
    return Corpus(families, scenarios)


def rows_of(scenario: Scenario, responses: Sequence[str]) -> list[dict[str, Any]]:
    """The responses as rows of an event; an id is the place of its response."""
    prompt = scenario.row["prompt"]
    rest = {key: value for key, value in scenario.row.items() if key != "prompt"}
    return [
        {
            "id": str(place),
            "messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}],
            **rest,
        }
        for place, response in enumerate(responses)
    ]


def attacks_on(corpus: Corpus, definition: str) -> Iterator[tuple[Family, Attack]]:
    """The attacks on a definition's row, each with its family."""
    for family in corpus.families:
        yield from ((family, attack) for attack in family.attacks if attack.on == definition)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path.name}: can't be read: {error}") from error


def _scenario(path: Path) -> Scenario:
    data = _read(path)
    row: dict[str, Any] = {
        key: data[key] for key in ("prompt", "reference_answer", "metadata") if key in data
    }
    try:
        honest = data["honest"]
        return Scenario(data["definition"], row, honest["mediocre"], honest["good"], float(data["bar"]))
    except KeyError as error:
        raise CorpusError(f"{path.name}: has no {error}, which every scenario needs") from error


def _family(path: Path, scenarios: Mapping[str, Scenario]) -> Family:
    data = _read(path)
    try:
        attacks = tuple(
            Attack(entry["name"], entry["on"], _response(entry, scenarios[entry["on"]]))
            for entry in data["attack"]
        )
        return Family(
            data["family"],
            data["why"],
            data["stopped_by"],
            tuple(data["defence"]),
            data.get("watched_by", ""),
            data["judge"],
            attacks,
        )
    except KeyError as error:
        raise CorpusError(f"{path.name}: has no {error}, or there is no scenario with that name") from error


def _response(entry: Mapping[str, Any], scenario: Scenario) -> str:
    """The text of an attack: comments, or ``response`` and ``copy`` repeated ``times``, then ``after``."""
    hidden = "".join(chr(TAGS + ord(character)) for character in entry.get("tags", ""))
    if "comment" in entry:
        comments = [dict(comment) for comment in entry["comment"]] * entry.get("comments_times", 1)
        comments[0]["recommended_action"] += hidden
        return json.dumps({"comments": comments}, ensure_ascii=False)
    text: str = entry.get("response", "") + (_copied(scenario.row, entry["copy"]) if "copy" in entry else "")
    text = text * entry.get("times", 1) + entry.get("after", "") + hidden
    return text.upper() if entry.get("upper") else text


def _copied(row: Mapping[str, Any], path: str) -> str:
    """The texts at a path into the row, joined by line breaks; a list stands for all its elements."""
    values: list[Any] = [row]
    for key in path.split("."):
        values = [value[key] for value in values]
        values = [each for value in values for each in (value if isinstance(value, list) else [value])]
    return "\n".join(map(str, values))
