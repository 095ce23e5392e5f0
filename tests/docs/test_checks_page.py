"""What docs/own_checks.md shows is run: the check, its definition, and every row of the SQL table."""

import re
from pathlib import Path

import pytest

from reward_fn.checks import _sqlite_query
from reward_fn.checks.own import folders, guard
from reward_fn.checks.sql_result import PARAMETERS
from reward_fn.pipeline import CHECKS_SHARE
from reward_fn.types.check import CheckResult
from rewardctl.own_check_files import files_of_new_check
from tests import factory
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "own_checks.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([^`]+)` \| `(SELECT [^`]+)` \| (1|0|unscored) \|$", PAGE, re.MULTILINE)


def block(info: str) -> str:
    found = re.search(rf"^```{info}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found, info
    return found[1]


def test_the_check_of_the_page_works_with_its_definition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(folders.CHECKS_PATH, str(tmp_path))
    (tmp_path / "names_its_source.py").write_text(block("python check"), encoding="utf-8")
    check = factory.definition(tmp_path, block("toml own check")).scores[0].check
    assert check(factory.rollout("According to the survey, yes.")) == CheckResult(1.0)
    assert check(factory.rollout("Yes.")) == CheckResult(0.0)


def test_the_command_of_the_page_writes_that_check() -> None:
    code = files_of_new_check("names_its_source")["names_its_source.py"]
    assert block("python check").splitlines()[-1] == code.splitlines()[-1]


def test_the_table_has_every_outcome() -> None:
    assert [earned for _, _, earned in ROWS] == ["1", "0", "0", "0", "unscored"]


@pytest.mark.parametrize(("answer", "right", "earned"), ROWS)
def test_an_answer_of_the_table_earns_what_it_says(
    answer: str, right: str, earned: str, tmp_path: Path
) -> None:
    served = factory.definition(tmp_path, block("toml sql"))
    assert served.warnings == ()
    found = served.scores[0].check(factory.rollout(answer, reference_answer={"sql": right}))
    score = f"{found.score:g}" if isinstance(found, CheckResult) else "unscored"
    assert score == earned


def test_the_bounds_of_the_page_are_the_codes() -> None:
    bounds = " ".join(PAGE.split())
    assert f"{_sqlite_query.MAX_STEPS // 1_000_000} million steps" in bounds
    assert (_sqlite_query.TIME_LIMIT_S, "a quarter of a second of processor time" in bounds) == (0.25, True)
    assert f"{_sqlite_query.MAX_ROWS:,} rows" in bounds
    assert f"{_sqlite_query.HEAP_BYTES // 1_000_000} MB" in bounds
    assert "values of 100,000 bytes" in bounds
    assert 100_000 in _sqlite_query.LIMITS.values()
    assert f"for one rollout; {guard.TIME_LIMIT_S:g} by default" in bounds
    assert (CHECKS_SHARE, "share half of the time" in bounds) == (0.5, True)
    assert PARAMETERS["properties"]["seeds"]["minItems"] == 2
