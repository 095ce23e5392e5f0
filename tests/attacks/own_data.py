"""Data, definitions and scorers for tests of `rewardctl attack --data`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reward_fn.judge.base import Judge
from reward_fn.pipeline import Scorer
from reward_fn.types.definition import Definition
from rewardctl.attacks import SHIPPED_CORPUS
from rewardctl.attacks.attempts import Standard
from rewardctl.attacks.board import standards_of
from rewardctl.attacks.corpus import load_corpus
from rewardctl.attacks.honest import Tasks, read_tasks
from rewardctl.attacks.probes import Known, known_texts
from rewardctl.attacks.worth import Worth, worth_of
from tests import factory

CORPUS = load_corpus(SHIPPED_CORPUS)
NUMBER = '[[score]]\ncheck = "numeric_answer"\nweight = 1.0\n'
LENGTH_LEAK = f'name = "leak"\n{NUMBER}[[score]]\ncheck = "length"\nmin_words = 120\nweight = 2.0\n'
PHRASES = '[[score]]\ncheck = "required_content"\nphrases = ["verified twice"]\nweight = 1.0\n'
KEYWORD_LEAK = f'name = "leak"\n{NUMBER}{PHRASES}'
CRITERION = '[[judge.criterion]]\nname = "Polite"\nquestion = "Is it polite?"\n'
POLITE = f'name = "own"\n[judge]\nmodel = "medium"\n{CRITERION}'
POLITE_IN_A_GROUP = f'name = "own"\n[judge]\nmodel = "medium"\nmode = "group"\nstanding = 0.0\n{CRITERION}'
GOOD, BAD = "Six eggs are left.\nA: 6", "He sells seven of them.\nA: 7"


def row(identity: str, answer: str, prompt: str = "How many eggs are left?", **fields: Any) -> dict[str, Any]:
    """A row; the right answer is 6."""
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    return {"id": identity, "messages": turns, "reference_answer": {"answer": "6"}, **fields}


ROWS = [row("a-good", GOOD), row("a-bad", BAD)]


def write(folder: Path, rows: Sequence[Any] = ROWS) -> str:
    """Write rows as JSON Lines and return the path."""
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return str(path)


def tasks_of(
    folder: Path, rows: Sequence[Any] = ROWS, worth: Worth | None = None, *, field: str = "", count: int = 9
) -> Tasks:
    """The tasks in rows; by default by ids that end in good, mediocre and bad."""
    source = worth or worth_of("*good", "*mediocre", "*bad")
    return read_tasks(write(folder, rows), source, field=field, count=count, seed=0)


def scorer_of(folder: Path, toml: str, judge: Judge | None = None) -> Scorer:
    """A scorer of a definition in TOML."""
    return Scorer(factory.definition(folder, toml), judge)


def known_of(definition: Definition) -> Known:
    """The texts that probes are made of."""
    return known_texts(definition, CORPUS)


def standard_in(folder: Path, scorer: Scorer, rows: Sequence[Any] = ROWS) -> Standard:
    """The standard of the only prompt in rows."""
    (standard,), without = standards_of(tasks_of(folder, rows).tasks, scorer)
    assert without == ()
    return standard
