"""The command: what it prints and writes, and what it says if it can't."""

import builtins
import gzip
import json
import re
import shlex
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reward_fn.definition.load import load_definition
from rewardctl.commands.report import command
from tests import factory
from tests.report.records import groups, record, scored, write

ROWS = [
    factory.row(f"A: {answer}", prompt=f"{n} + {n}", id=f"sum-{n}-{k}", reference_answer=str(2 * n))
    for n in range(10)
    for k, answer in enumerate((2 * n, 2 * n + 1, 2 * n + 2, 2 * n))
]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, list(map(str, arguments)))


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A run folder as `rewardctl score` leaves it: forty sums, and two lines of the data without a row."""
    definition = load_definition("math-answer")
    folder = tmp_path / "sums"
    folder.mkdir()
    write(folder / "results.jsonl", scored(ROWS, definition))
    about = {
        "run": 1,
        "definition": {"name": "math-answer", "sha256": definition.sha256, "path": "math-answer"},
        "judge": "stand-in",
        "cost_usd": 0.0,
        "progress": {"rows": 42, "unscored": {"not_json": 2}},
    }
    (folder / "run.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def figures_of(done: Result) -> dict[str, Any]:
    assert done.exit_code == 0, done.output
    (result,) = json.loads(done.output)["runs"]
    return dict(result)


def test_the_page_lies_beside_the_results_and_the_verdict_is_printed(run_folder: Path) -> None:
    done = run(run_folder)
    assert done.exit_code == 0, done.output
    assert "Healthy: nothing found that keeps this reward from training." in done.output
    assert (run_folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [path.name for path in run_folder.iterdir() if path.name.startswith(".")] == []


def test_json_has_all_figures_and_no_page_is_written(run_folder: Path) -> None:
    result = figures_of(run(run_folder, "--json"))
    assert (result["rows"], result["reward"]["mean"], result["groups"]["zero_variance"]) == (40, 0.5, 0)
    assert result["unreadable_reasons"] == {"not_json": 2}
    assert [(part["name"], part["share"]) for part in result["components"]] == [
        ("hollow_answer", 0.0),
        ("numeric_answer", 1.0),
    ]
    assert (result["health"]["verdict"], result["judge"]["cost_usd"], result["judge"]["paid"]) == (
        "healthy",
        0.0,
        True,
    )
    assert not (run_folder / "report.html").exists()


def test_a_file_of_records_and_a_folder_of_traces_give_the_same_figures(
    run_folder: Path, tmp_path: Path
) -> None:
    """Traces have no line and come in several gzipped objects."""
    results = (run_folder / "results.jsonl").read_bytes()
    lines = [
        json.dumps({k: v for k, v in json.loads(line).items() if k != "line"})
        for line in results.splitlines()
    ]
    day = tmp_path / "traces" / "date=2026-11-28"
    day.mkdir(parents=True)
    for number, part in enumerate((lines[:16], lines[16:])):
        (day / f"{number}.jsonl.gz").write_bytes(gzip.compress("\n".join(part).encode()))
    of_traces = figures_of(run(tmp_path / "traces", "--json"))
    of_file = figures_of(run(run_folder / "results.jsonl", "--json"))
    for key in ("rows", "reward", "groups", "components", "gates", "length"):
        assert of_traces[key] == of_file[key], key


def test_several_runs_are_named_apart_and_compared(run_folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "later" / "sums"
    other.mkdir(parents=True)
    (other / "results.jsonl").write_bytes((run_folder / "results.jsonl").read_bytes())
    done = run(run_folder, other, "--json")
    result = json.loads(done.output)
    assert [each["name"] for each in result["runs"]] == [f"{tmp_path.name}/sums", "later/sums"]
    assert [(each["paired"], each["changed"]) for each in result["comparisons"]] == [(40, 0)]


def test_a_definition_that_changed_gives_no_shares(run_folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'name = "mine"\n[[score]]\ncheck = "numeric_answer"\nreference = ["reference_answer"]\n',
        encoding="utf-8",
    )
    result = figures_of(run(run_folder, "--json", "--definition", mine))
    assert result["shares_missing"].startswith("the definition 'mine' (SHA-256 ")
    assert [part["share"] for part in result["components"]] == [None, None]


def test_the_definition_can_be_named(tmp_path: Path) -> None:
    definition = load_definition("math-answer")
    rows = [{**each, "definition": "unknown-here"} for each in scored(ROWS, definition)]
    file = write(tmp_path / "records.jsonl", rows)
    unknown = figures_of(run(file, "--json"))
    assert "name its file with --definition" in unknown["shares_missing"]
    assert figures_of(run(file, "--json", "--definition", "math-answer"))["components"][1]["share"] == 1.0


def test_plots_are_written_as_svg(run_folder: Path, tmp_path: Path) -> None:
    done = run(run_folder, "--svg", tmp_path / "plots", "-o", tmp_path / "page.html")
    assert done.exit_code == 0, done.output
    names = sorted(path.name for path in (tmp_path / "plots").iterdir())
    assert names == ["groups.svg", "order.svg", "place.svg", "reasons.svg", "rewards.svg", "shares.svg"]
    for path in (tmp_path / "plots").iterdir():
        assert ElementTree.parse(path).getroot().tag.endswith("svg")  # noqa: S314 - we wrote it


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no records"),
        (b"{broken\n", "line 1 is not JSON"),
        (b'{"reward": 1}\n', "is not a trace"),
        (b'{"trace": 99}\n', "newer than 1; update this program"),
        (b"\x1f\x8bnot gzip", "is damaged"),
    ],
)
def test_a_file_that_holds_no_records_is_one_line_and_exit_1(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "bad.jsonl").write_bytes(content)
    done = run(tmp_path / "bad.jsonl")
    assert done.exit_code == 1
    assert message in done.output
    assert len(done.output.splitlines()) == 1


def test_a_path_that_is_not_there_is_named_with_a_remedy(tmp_path: Path) -> None:
    done = run(tmp_path / "nothing")
    assert done.exit_code == 1
    assert "nothing does not exist; name a run folder" in done.output


def test_a_definition_that_is_not_there_is_named(run_folder: Path) -> None:
    done = run(run_folder, "--definition", "no-such")
    assert done.exit_code == 1
    assert "no-such" in done.output


def test_a_page_that_can_not_be_written_leaves_the_old_one(run_folder: Path, tmp_path: Path) -> None:
    done = run(run_folder, "-o", tmp_path / "missing" / "page.html")
    assert done.exit_code == 1
    assert "can't be written" in done.output
    assert "name another place with -o" in done.output


def test_without_the_analysis_packages_the_remedy_is_named(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "jinja2":
            raise ModuleNotFoundError("No module named 'jinja2'", name="jinja2")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    done = run(run_folder)
    assert (done.exit_code, done.output) == (
        1,
        "A report needs the analysis packages: run `make analysis`.\n",
    )


def test_ctrl_c_is_130(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rewardctl.report.build.build_page", interrupted)
    done = run(run_folder)
    assert done.exit_code == 130
    assert not (run_folder / "report.html").exists()


def test_an_id_that_utf8_can_not_hold_does_not_cost_the_page(tmp_path: Path) -> None:
    rows = [record(reward, "g", id="\ud800", line=i) for i, reward in enumerate((0.0, 1.0))]
    first, second = write(tmp_path / "a.jsonl", rows), write(tmp_path / "b.jsonl", groups([(0, 1)]))
    done = run(first, second, "-o", tmp_path / "page.html")
    assert done.exit_code == 0, done.output
    (tmp_path / "page.html").read_bytes().decode("utf-8")


def test_records_of_a_target_have_no_checks_and_still_a_report(tmp_path: Path) -> None:
    """A deployed function answers metrics only."""
    rows = [
        {**each, "checks": {}, "verdicts": [], "calls": []}
        for each in scored(ROWS, load_definition("math-answer"))
    ]
    result = figures_of(run(write(tmp_path / "target.jsonl", rows), "--json"))
    assert result["components"][1]["share"] == 1.0
    assert run(tmp_path / "target.jsonl", "-o", tmp_path / "page.html").exit_code == 0


def test_the_example_in_the_help_works(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (line,) = re.findall(r"Example:\n +rewardctl report (.*)\n", run("--help").output)
    for name in ("first", "second"):
        shutil.copytree(run_folder, tmp_path / "runs" / name)
    monkeypatch.chdir(tmp_path)
    done = run(*shlex.split(line))
    assert done.exit_code == 0, done.output
    assert (tmp_path / "report.html").is_file()
