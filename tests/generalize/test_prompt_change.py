"""What a change does to a prompt, and what it leaves alone."""

import re
from pathlib import Path

from reward_fn.definition.load import load_definition
from reward_fn.judge.ask.modes import mode_of
from reward_fn.judge.ask.system_text import PROMPTS, system_text
from rewardctl.emulate.judge.material import read_material
from rewardctl.generalize.prompt_change import PromptChange, reworded, shuffled
from tests.factory import build_question, rollout
from tests.replay.two_criteria import two

LOOKALIKE = '[\n{"name": "Right"},\n{"name": "Clear"}\n]'


def test_every_fixed_text_but_the_format_is_reworded() -> None:
    spec = load_definition("contract-review").judge
    assert spec
    original = system_text(mode_of(spec), spec.criteria, "Mind the gap.")
    parts = {path.stem: path.read_text("utf-8") for path in PROMPTS.glob("*.txt")}
    present = {name for name, text in parts.items() if text in original}
    for number in (1, 2):
        text = reworded(original, number)
        assert {name for name in present if parts[name] in text} == {"reply"}
        assert text.endswith("\nInstructions for this task:\nMind the gap.\n")
    assert reworded(original, 0) == original


def test_criteria_change_places_and_nothing_else_does(tmp_path: Path) -> None:
    spec = two(tmp_path).judge
    assert spec
    static = build_question(rollout("x", prompt=LOOKALIKE), spec).static
    other = shuffled(static, 1)
    assert other != static
    assert sorted(other.replace(",\n", "\n")) == sorted(static.replace(",\n", "\n"))
    assert list(read_material([other]).criteria) == list(read_material([static]).criteria)[::-1]
    assert LOOKALIKE in other, "text of the rollout stays as it is"
    assert shuffled(static, None) == static


def test_an_order_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    spec = load_definition("rag-faithfulness").judge
    assert spec
    static = build_question(rollout("x", metadata={"context": "c"}), spec).static
    assert shuffled(static, 1) == shuffled(static, 1)
    assert len({shuffled(static, seed) for seed in range(6)}) > 1


def test_a_changed_definition_has_another_version_and_hash(tmp_path: Path) -> None:
    served = two(tmp_path)
    changed = PromptChange("wording-1", (("Right", "Is it true?"),)).definition(served)
    assert changed.judge
    assert served.judge
    assert [c.question for c in changed.judge.criteria] == ["Is it true?", served.judge.criteria[1].question]
    assert changed.version == f"{served.version}~wording-1"
    assert re.fullmatch(r"[0-9a-f]{64}", changed.sha256)
    assert changed.sha256 != served.sha256
    assert changed.sha256 != PromptChange("repeat").definition(served).sha256
