"""docs/judging.md lists every mode, and shows what the judge is told in each of them word for word."""

import re

import pytest

from reward_fn.judge.ask.modes import MODES
from reward_fn.judge.ask.system_text import PROMPTS, prompt_parts
from reward_fn.types.rubric import Criterion
from tests.docs.markdown import keys, page, sections, tables

PAGE = page("judging.md")
DEFAULT, *OTHERS = MODES.values()
CRITERIA = (
    Criterion("a", "b?", scope="item", quote_from=("c",), quote_of="d"),
    Criterion("e", "f?", -1.0, choices=("g", "h"), may_not_apply=True),
)
"""Criteria that need every line of the fixed text."""


def told(mode: str) -> str:
    """The block that shows the text of a mode, "" if there is none."""
    found = re.search(rf"^```text {mode}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def fixed(*names: str) -> str:
    return "".join((PROMPTS / f"{name}.txt").read_text(encoding="utf-8") for name in names)


def differing(name: str) -> list[str]:
    """The texts that a mode has in place of the default's."""
    mode = MODES[name]
    texts = (mode.prompt, mode.quote_prompt, mode.verdict_prompt)
    return [text for text in texts if text not in prompt_parts(DEFAULT, CRITERIA)]


def test_the_table_of_modes_is_the_registry() -> None:
    (table,) = [table for table in tables(sections(PAGE)["Modes"]) if table[0][0] == "mode"]
    assert keys(table) == list(MODES)
    assert [int(row[3].split()[0]) for row in table[1:]] == [mode.questions for mode in MODES.values()]


def test_the_text_of_the_default_mode_is_shown_whole() -> None:
    assert told(DEFAULT.name) == fixed(*prompt_parts(DEFAULT, CRITERIA))


@pytest.mark.parametrize("name", [mode.name for mode in OTHERS])
def test_the_lines_in_which_a_mode_differs_are_shown(name: str) -> None:
    assert told(name) == fixed(*differing(name))


def test_no_text_is_hidden() -> None:
    shown = {*prompt_parts(DEFAULT, CRITERIA), *(text for mode in OTHERS for text in differing(mode.name))}
    assert shown == {path.stem for path in PROMPTS.glob("*.txt")}
