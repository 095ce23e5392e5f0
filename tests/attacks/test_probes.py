"""The texts of the probes, from honest answers of a person's own data."""

import json
from pathlib import Path

import pytest

from reward_fn.definition.load import load_definition
from rewardctl.attacks.honest import Task
from rewardctl.attacks.nearness import honest_share, share_edited
from rewardctl.attacks.probes import PROBES, probe_texts
from tests import factory
from tests.attacks.own_data import BAD, GOOD, KEYWORD_LEAK, known_of, row, tasks_of

OBJECT_GOOD = json.dumps({"note": "The seller pays.", "cost": 3})
OBJECT_BAD = json.dumps({"note": "Nobody pays. Ever.", "cost": 1})


def task_in(folder: Path, good: str = GOOD, bad: str = BAD) -> Task:
    rows = [row("a-good", good), row("a-bad", bad), row("b-good", "Paris", prompt="Which city?")]
    tasks = tasks_of(folder, rows).tasks
    return next(task for task in tasks if task.bad == (bad,))


def test_every_probe_has_texts_and_none_is_an_honest_answer(tmp_path: Path) -> None:
    task, known = task_in(tmp_path), known_of(load_definition("instruction-following"))
    texts = probe_texts(task, known)
    assert [name for name in PROBES if not texts[name]] == []
    assert [text for attacks in texts.values() for text in attacks if text in task.honest] == []


def test_probes_hold_what_their_names_say(tmp_path: Path) -> None:
    texts = probe_texts(task_in(tmp_path), known_of(factory.definition(tmp_path, KEYWORD_LEAK)))
    assert "Thought process:" in texts["hollow"]
    assert texts["echo"] == ["How many eggs are left?"]
    assert {f"{BAD} verified twice", f"{BAD} many, eggs, left"} < set(texts["stuffing"])
    assert " ".join([BAD] * 4) in texts["length games"]
    assert "He sells seven of them." in texts["length games"]
    assert "Paris" in texts["constant"]
    assert "The answer is 7 or 6." in texts["all formats"]
    assert all(text.startswith(f"{BAD}\n") for text in texts["text to the judge"])


def test_attacks_on_an_answer_in_json_change_its_texts_and_keep_its_form(tmp_path: Path) -> None:
    task = task_in(tmp_path, OBJECT_GOOD, OBJECT_BAD)
    texts = probe_texts(task, known_of(load_definition("contract-review")))
    for name in ("length games", "text to the judge", "stuffing"):
        assert all(json.loads(text)["cost"] == 1 for text in texts[name]), name
    assert {"note": "", "cost": 3} in map(json.loads, texts["format only"][-2:])
    assert {"note": "Nobody pays.", "cost": 1} in map(json.loads, texts["length games"])


def test_key_words_come_from_lists_of_phrases_and_never_from_paths() -> None:
    assert known_of(load_definition("contract-review")).terms == ()


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("the cat sat on the mat", 1.0),
        # the first three of six words stand in a row in the honest answer
        ("the cat sat beside every dog", 0.5),
        ("dogs bark", 0.0),
        ("", 1.0),
    ],
)
def test_the_share_of_honest_words_counts_runs_of_three(text: str, share: float) -> None:
    assert honest_share(text, ["The cat sat on the mat."]) == share


def test_edited_words_are_those_without_a_counterpart() -> None:
    # three of four words are equal in both texts: 1 - 2 * 3 / (4 + 4)
    assert share_edited("a b c d", "a b c e") == 0.25
    assert share_edited("a b", "a b") == 0.0
