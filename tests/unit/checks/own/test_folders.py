"""Checks of one's own: where they are found, how they may be written, what a failure costs."""

import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reward_fn import checks
from reward_fn.checks.own import folders
from reward_fn.checks.own.guard import guarded
from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition, load_pinned
from reward_fn.errors import DefinitionError
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.text import batch_time
from reward_fn.text.patterns import Allowance, compile_pattern
from reward_fn.types.check import CheckResult
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored
from rewardctl.cli import main
from tests.check_cases import OWN_CASES, Case, read_cases
from tests.factory import rollout, row

DEFINITION = 'name = "mine"\n[[score]]\ncheck = "rule"\n'


@pytest.fixture(autouse=True)
def _no_checks_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(folders.CHECKS_PATH, raising=False)


def write(folder: Path, code: str, definition: str = DEFINITION) -> Path:
    """A definition with a module ``rule`` in ``checks/`` beside it."""
    (folder / "checks").mkdir(exist_ok=True)
    (folder / "checks" / "rule.py").write_text(code, encoding="utf-8")
    path = folder / "mine.toml"
    path.write_text(definition, encoding="utf-8")
    return path


def load(folder: Path, code: str, definition: str = DEFINITION) -> Definition:
    return load_definition(str(write(folder, code, definition)))


def results(served: Definition, *responses: str) -> tuple[Result, ...]:
    rows = [row(response, id=str(i)) for i, response in enumerate(responses)]
    batch = score_batch(rows, Scorer(served), Deadline.after(60.0))
    return batch.results


# Writing one


def test_a_function_check_beside_the_definition_is_a_check(tmp_path: Path) -> None:
    served = load(tmp_path, "def check(rollout):\n    return rollout.response == 'yes'\n")
    assert [result.reward for result in results(served, "yes", "no")] == [1.0, 0.0]


def test_parameters_of_the_definition_arrive_as_keywords(tmp_path: Path) -> None:
    code = "def check(rollout, *, limit):\n    return min(1, len(rollout.response) / limit)\n"
    served = load(tmp_path, code, DEFINITION + "limit = 4\n")
    assert [result.reward for result in results(served, "ab", "abcdef")] == [0.5, 1.0]


@pytest.mark.parametrize(
    ("keys", "named"),
    [("", "argument: 'limit'"), ("limit = 1\nsize = 2\n", "'size'")],  # in the words of Python's version
)
def test_a_parameter_that_the_function_does_not_take_is_a_mistake(
    tmp_path: Path, keys: str, named: str
) -> None:
    with pytest.raises(DefinitionError, match=r"score\[0\]: check 'rule' does not take") as caught:
        load(tmp_path, "def check(rollout, *, limit):\n    return True\n", DEFINITION + keys)
    assert named in str(caught.value)


def test_a_module_may_be_written_like_one_that_ships(tmp_path: Path) -> None:
    code = """
PARAMETERS = {"type": "object", "properties": {"word": {"type": "string"}}, "additionalProperties": False}
FILES = ("words",)

def build(parameters, folder):
    word = parameters["word"]
    return lambda rollout: word in rollout.response
"""
    served = load(tmp_path, code, DEFINITION + 'word = "a"\n')
    assert [result.reward for result in results(served, "a", "b")] == [1.0, 0.0]
    with pytest.raises(DefinitionError, match="unknown key 'wort'; did you mean 'word'"):
        load(tmp_path, code, DEFINITION + 'wort = "a"\n')


def test_a_module_may_import_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "_words.py").write_text("WORD = 'a'\n")
    code = "from . import _words\ndef check(rollout):\n    return _words.WORD == rollout.response\n"
    assert results(load(tmp_path, code), "a")[0].reward == 1.0
    assert "_words" not in folders.available(tmp_path)


def test_it_works_in_every_role(tmp_path: Path) -> None:
    toml = """
name = "mine"
range = [-1.0, 1.0]
[[gate]]
check = "rule"
reward = -0.5
[[score]]
check = "length"
max_chars = 100
[[penalty]]
check = "rule"
name = "again"
weight = 0.25
[[metric]]
check = "rule"
name = "told"
"""
    code = "def check(rollout):\n    return {'fail': 0, 'half': 0.5}.get(rollout.response, 1)\n"
    served = load(tmp_path, code, toml)
    # A gate passes at 1 alone, so "half" fails it as "fail" does; the gate's reward is absolute.
    assert [result.reward for result in results(served, "pass", "half", "fail")] == [1.0, -0.5, -0.5]


# Where they are found


def test_the_folder_beside_the_definition_comes_before_checks_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "rule.py").write_text("def check(rollout):\n    return False\n")
    (other / "second.py").write_text("def check(rollout):\n    return 0.5\n")
    monkeypatch.setenv(folders.CHECKS_PATH, str(other))
    served = load(
        tmp_path, "def check(rollout):\n    return True\n", DEFINITION + '[[score]]\ncheck = "second"\n'
    )
    assert results(served, "x")[0].reward == 0.75


def test_a_stored_definition_may_name_a_check_that_was_built_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rule.py").write_text("def check(rollout):\n    return True\n")
    monkeypatch.setenv(folders.CHECKS_PATH, str(tmp_path))
    served = load_pinned(DEFINITION.encode(), "ssm:/mine:1")
    assert results(served, "x")[0].reward == 1.0


def test_the_code_of_a_check_is_part_of_the_definitions_version(tmp_path: Path) -> None:
    one = load(tmp_path, "def check(rollout):\n    return True\n")
    other = load(tmp_path, "def check(rollout):\n    return False\n")
    assert one.version != other.version
    assert one.sha256 == other.sha256


def test_the_checks_that_ship_are_not_those_of_ones_own(tmp_path: Path) -> None:
    write(tmp_path, "def check(rollout):\n    return True\n")
    assert "rule" not in checks.available()
    assert folders.available(tmp_path)["rule"] == tmp_path / "checks" / "rule.py"
    assert not folders.available(tmp_path).keys() & set(checks.available())


# Mistakes


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("import no_such_package\n", "ModuleNotFoundError: No module named 'no_such_package' at line 1"),
        ("import no_such_package\n", "pin it, with its hash, in checks/requirements.txt"),
        ("def check(rollout)\n", "SyntaxError"),
        ("x = 1 / 0\n", "ZeroDivisionError: division by zero at line 1"),
        ("x = 1\n", "neither check(rollout) nor build(parameters, folder)"),
        ("def build(parameters, folder):\n    return 5\n", "returns int, not a function"),
        ("def build(parameters, folder):\n    raise ValueError('words: too many')\n", "words: too many"),
        ("def build(parameters, folder):\n    return parameters['x']\n", "KeyError: 'x' at line 2"),
    ],
)
def test_a_module_that_can_t_be_used_is_a_mistake_of_the_definition(
    tmp_path: Path, code: str, named: str
) -> None:
    with pytest.raises(DefinitionError) as caught:
        load(tmp_path, code)
    assert any(mistake.startswith("score[0]") and named in mistake for mistake in caught.value.mistakes)


def test_a_name_that_ships_can_t_be_taken_over(tmp_path: Path) -> None:
    write(tmp_path, "")
    (tmp_path / "checks" / "length.py").write_text("def check(rollout):\n    return True\n")
    (tmp_path / "mine.toml").write_text('name = "mine"\n[[score]]\ncheck = "length"\nmax_chars = 5\n')
    with pytest.raises(DefinitionError, match=r"length.py has the name of a shipped check; rename"):
        load_definition(str(tmp_path / "mine.toml"))


def test_a_path_that_is_no_folder_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(folders.CHECKS_PATH, str(tmp_path / "nowhere"))
    with pytest.raises(
        DefinitionError, match=r"CHECKS_PATH='.*nowhere' is not a folder; name the folder of your"
    ):
        load(tmp_path, "def check(rollout):\n    return True\n")


def test_an_unknown_check_names_ones_own_too(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="unknown check 'rul'; did you mean 'rule'") as caught:
        load(tmp_path, "def check(rollout):\n    return True\n", DEFINITION.replace('"rule"', '"rul"'))
    assert "rewardctl new-check" in str(caught.value)


# What it may return


@pytest.mark.parametrize(
    ("returned", "score"),
    [(True, 1.0), (False, 0.0), (1, 1.0), (0, 0.0), (0.25, 0.25), (Fraction(1, 4), 0.25)],
)
def test_a_bool_or_a_number_from_0_to_1_is_a_score(returned: Any, score: float) -> None:
    found = guarded("rule", lambda _: returned)(rollout("x"))
    assert found == CheckResult(score)
    assert isinstance(found, CheckResult)
    assert type(found.score) is float
    assert guarded("rule", lambda _: CheckResult(returned, "why"))(rollout("x")) == CheckResult(score, "why")


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (None, "None"),
        (2, "a value of type int, out of range"),
        (-1, "a value of type int, out of range"),
        (10**400, "a value of type int, out of range"),
        (1.5, "1.5"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        ("secret yes", "a value of type str"),
        ([1], "a value of type list"),
        (CheckResult(float("nan")), "nan"),
        (CheckResult("secret"), "a value of type str"),  # type: ignore[arg-type]
    ],
)
def test_anything_else_is_that_rollouts_own_failure(returned: Any, told: str) -> None:
    found = guarded("rule", lambda _: returned)(rollout("x"))
    expected = f"check rule: returned {told}; return a bool or a number from 0 to 1"
    assert found == Unscored(Reason.CHECK_FAILED, expected)


def test_a_check_may_leave_a_rollout_unscored_by_itself() -> None:
    missing = Unscored(Reason.NO_SOURCE, "no tests")
    assert guarded("rule", lambda _: missing)(rollout("x")) is missing


@pytest.mark.parametrize(
    "error", ["ValueError('secret')", "SystemExit(3)", "KeyboardInterrupt()", "RecursionError()"]
)
def test_an_exception_costs_its_own_rollout_alone(tmp_path: Path, error: str) -> None:
    served = load(
        tmp_path,
        f"def check(rollout):\n    if rollout.response == 'b':\n        raise {error}\n    return 1\n",
    )
    good, bad, after = results(served, "a", "b", "c")
    assert (good.reward, after.reward) == (1.0, 1.0)
    assert (bad.reward, bad.imputed) == (0.5, True)
    kind = error.partition("(")[0]
    assert bad.reasons == (Unscored(Reason.CHECK_FAILED, f"check rule: raised {kind}"),)


# Time


def test_a_check_that_hangs_costs_its_own_rollout_alone(tmp_path: Path) -> None:
    code = """
import threading
def check(rollout):
    if rollout.response == "b":
        threading.Event().wait()
    return True
"""
    served = load(tmp_path, code, DEFINITION + "time_limit_s = 0.05\n")
    good, bad, after = results(served, "a", "b", "c")
    assert (good.reward, after.reward) == (1.0, 1.0)
    assert bad.reasons == (Unscored(Reason.CHECK_FAILED, "check rule: took longer than 0.05 s"),)


def test_a_loop_of_pure_python_is_ended_not_only_abandoned() -> None:
    ended = threading.Event()

    def loop(_: Rollout) -> bool:
        try:
            while True:
                pass
        finally:
            ended.set()

    assert isinstance(guarded("rule", loop, 0.05)(rollout("x")), Unscored)
    assert ended.wait(timeout=60)


def test_a_check_has_no_more_time_than_the_batch_has_for_checks() -> None:
    now = [0.0]
    check = guarded("rule", lambda _: True)
    with batch_time.of_batch(Deadline(10.0, lambda: now[0]).remaining_s):
        assert check(rollout("x")) == CheckResult(1.0)
        now[0] = 10.0
        assert check(rollout("x")) == Unscored(Reason.DEADLINE, "check rule: no time left")
    assert check(rollout("x")) == CheckResult(1.0)  # the time of one batch binds no other


def test_what_a_check_searches_counts_against_its_batch() -> None:
    """The check runs in a thread of its own, which must see the budget of the batch that called it."""
    search = compile_pattern("(a+)+$")
    check = guarded("rule", lambda _: search("a" * 1000 + "!", Allowance()) is None)
    for _ in range(2):  # the thread is kept; the budget is not
        with batch_time.of_batch(lambda: 60.0) as budget:
            assert check(rollout("x")) == CheckResult(1.0)
        assert 0.0 < budget.searches_s < 1.0


@pytest.mark.parametrize("limit", ["0", "61", '"1"'])
def test_a_time_limit_out_of_bounds_is_a_mistake(tmp_path: Path, limit: str) -> None:
    with pytest.raises(DefinitionError, match=r"score\[0\]\.time_limit_s"):
        load(tmp_path, "def check(rollout):\n    return True\n", DEFINITION + f"time_limit_s = {limit}\n")


def test_a_process_with_a_check_that_never_ends_ends_all_the_same(tmp_path: Path) -> None:
    code = "import threading\ndef check(rollout):\n    threading.Event().wait()\n"
    path = write(tmp_path, code, DEFINITION + "time_limit_s = 0.05\n")
    script = (
        "from reward_fn.definition.load import load_definition\n"
        "from tests.factory import rollout\n"
        f"print(load_definition({str(path)!r}).scores[0].check(rollout('x')).reason)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "check_failed"


# The project's own folder: every check there has cases that hold


def test_every_check_of_the_projects_own_folder_has_two_cases() -> None:
    here = folders.available(None) if folders.BESIDE_PACKAGE.is_dir() else {}
    for name in here:
        kinds = {case.kind for case in read_cases(OWN_CASES) if case.check == name}
        assert {"pass", "fail"} <= kinds, f"give checks/cases/{name}.json a case pass_… and a case fail_…"


def wrong_cases(cases: list[Case], folder: Path) -> list[str]:
    """The cases whose check says something else, each with what it said."""
    found = []
    for case in cases:
        served = case.definition(folder, "score")
        (result,) = score_batch([case.row], Scorer(served), Deadline.after(60.0)).results
        said = None if result.imputed else result.reward
        if said != case.score:
            found.append(f"{case.check}/{case.name}: {said} and not {case.score}")
    return found


def test_the_cases_of_the_projects_own_folder_hold(tmp_path: Path) -> None:
    assert wrong_cases(read_cases(OWN_CASES), tmp_path) == []


# The command


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["new-check", *arguments])


def test_new_check_writes_a_check_whose_cases_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mine"
    done = run("names_its_source", "--to", str(folder))
    assert done.exit_code == 0, done.output
    monkeypatch.setenv(folders.CHECKS_PATH, str(folder))
    cases = read_cases(folder / "cases")
    assert {case.kind for case in cases} == {"pass", "fail"}
    assert wrong_cases(cases, tmp_path) == []
    changed = [case._replace(score=1 - (case.score or 0)) for case in cases]
    assert len(wrong_cases(changed, tmp_path)) == 2, "a case that is wrong is seen"


def test_new_check_overwrites_nothing(tmp_path: Path) -> None:
    assert run("mine", "--to", str(tmp_path)).exit_code == 0
    (tmp_path / "mine.py").write_text("precious")
    done = run("mine", "--to", str(tmp_path))
    assert done.exit_code == 1
    assert "exists already; choose another name" in done.output
    assert (tmp_path / "mine.py").read_text() == "precious"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("length", "is the name of a shipped check"),
        ("Mine", "lower-case Python name"),
        ("a-b", "lower-case Python name"),
        ("../x", "lower-case Python name"),
        ("class", "lower-case Python name"),
        ("_x", "lower-case Python name"),
    ],
)
def test_new_check_refuses_a_name_that_can_t_be_one(tmp_path: Path, name: str, told: str) -> None:
    done = run(name, "--to", str(tmp_path))
    assert done.exit_code == 2
    assert told in done.output
    assert list(tmp_path.iterdir()) == []
