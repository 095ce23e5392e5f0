"""The tables on where the answer stands: each example is read as the page says."""

import json
import re
from typing import Any

import pytest

from reward_fn.text.answer import find_answer
from reward_fn.types.check import CheckResult
from tests.conftest import ROOT
from tests.factory import check, definition, rollout

PAGE = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Where the answer stands")[2].partition("\n## ")[0]


def examples(heading: str) -> list[tuple[str, str]]:
    """The rows of the table with that heading of the second column, each cell a JSON string."""
    table = SECTION.partition(f"| response | {heading} |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\".*\")` \| `(\".*\")` \|$", table, re.MULTILINE)
    return [(json.loads(left), json.loads(right)) for left, right in (map(unescaped, row) for row in rows)]


def unescaped(cell: str) -> str:
    """A cell as it reads: Markdown needs a backslash before a bar."""
    return cell.replace("\\|", "|")


def test_both_tables_are_found() -> None:
    assert (len(examples("answer")), len(examples("says"))) == (12, 11)


@pytest.mark.parametrize(("response", "answer"), examples("answer"))
def test_the_answer_is_where_the_page_says(response: str, answer: str) -> None:
    assert find_answer(response).text == answer


@pytest.mark.parametrize(("response", "says"), examples("says"))
@pytest.mark.parametrize("name", ["numeric_answer", "exact_answer"])
def test_marks_say_what_the_page_says(name: str, response: str, says: str) -> None:
    for reference in ("18", "20"):
        result = check(name)(rollout(response, reference_answer=reference))
        assert isinstance(result, CheckResult)
        assert result.score == float(says == reference)


PLACES = re.findall(r"^\| `(\{ .* \}|\".*\")` \|", SECTION.partition("| `answer` | is |")[2], re.MULTILINE)


@pytest.mark.parametrize("place", PLACES)
def test_each_place_can_stand_in_a_definition(place: str, tmp_path: Any) -> None:
    toml = f'name = "x"\n[[score]]\ncheck = "exact_answer"\nanswer = {place}\n'
    (spec,) = definition(tmp_path, toml).scores
    response = "<query>A</query>\n```sql\nA\n```\nIt runs A"
    reference = "It runs A" if "last_line" in place else "A"
    assert spec.check(rollout(response, reference_answer=reference)) == CheckResult(1.0)


def test_there_are_four_kinds_of_places() -> None:
    assert len(PLACES) == 4
