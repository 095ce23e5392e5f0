"""A disk that fills up: a limit on the size of files stands for it, in a process of its own.

A write beyond RLIMIT_FSIZE fails in the middle of a file, as on a full disk.
"""

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from rewardctl.runs.folder import RunError, RunFolder
from rewardctl.runs.state import Progress, RunIdentity
from tests.factory import ROOT, row
from tests.score.contracts import contracts
from tests.score.running import records, score, write_rows

TIMEOUT_S = 300


def score_with_limit(limit_bytes: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command in a process whose files can't grow beyond a limit."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    return subprocess.run(
        [sys.executable, "-m", "rewardctl", "score", *map(str, arguments)],
        cwd=ROOT,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def solutions(count: int) -> Sequence[object]:
    """Rows that need no judge."""
    return [
        row(f"{'It is a long way. ' * 50}\\boxed{{{n % 3}}}", id=n, reference_answer="1")
        for n in range(count)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "definition", "limit_bytes", "words"),
    [
        (contracts(300), "contract-review", 60_000, "a verdict can't be written"),
        (solutions(1_000), "math-answer", 1_700_000, "512 rows and the verdicts written before are kept"),
    ],
    ids=["verdicts", "results"],
)
def test_a_full_disk_ends_the_run_in_words_and_the_same_command_goes_on(
    tmp_path: Path, rows: Sequence[object], definition: str, limit_bytes: int, words: str
) -> None:
    """512 contracts take 200 kB of verdicts; 512 solutions take 1.2 MB of results."""
    command = (write_rows(tmp_path / "data.jsonl", rows), "--definition", definition, "--run")
    full = score_with_limit(limit_bytes, *command, tmp_path / "run")
    assert full.returncode == 1
    assert "Traceback" not in full.stderr
    assert words in full.stderr
    assert "Free space, and give the same command again" in full.stderr
    assert score(*command, tmp_path / "run").code == 0
    assert score(*command, tmp_path / "other").code == 0
    left, right = records(tmp_path / "run"), records(tmp_path / "other")
    assert [{**record, "calls": None} for record in left] == [{**record, "calls": None} for record in right]
    assert len(left) == len(rows)


IDENTITY = RunIdentity({"name": "d", "version": "1", "sha256": "0"}, "stand-in", "data.jsonl", "k")


def test_a_batch_that_cant_be_recorded_leaves_the_folder_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RunFolder.open(tmp_path, IDENTITY, {}) as run:
        run.append(b"first\n", Progress(batches=1, bytes=6, rows=1))
        with monkeypatch.context() as patch:

            def full(path: Path, content: bytes) -> None:
                raise OSError(28, "No space left on device")

            patch.setattr("rewardctl.runs.folder.write_whole", full)
            with pytest.raises(RunError, match=r"No space left on device; 1 rows and the verdicts"):
                run.append(b"second\n", Progress(batches=1, bytes=7, rows=1))
        assert (tmp_path / "results.jsonl").read_bytes() == b"first\n"
        run.append(b"again\n", Progress(batches=1, bytes=6, rows=1))
    assert (tmp_path / "results.jsonl").read_bytes() == b"first\nagain\n"


def test_what_was_written_after_the_last_whole_batch_is_cut(tmp_path: Path) -> None:
    """As after a kill between the results and run.json."""
    with RunFolder.open(tmp_path, IDENTITY, {}) as run:
        run.append(b"first\n", Progress(batches=1, bytes=6, rows=1))
    with (tmp_path / "results.jsonl").open("ab") as results:
        results.write(b"half a li")
    with RunFolder.open(tmp_path, IDENTITY, {}) as run:
        assert run.progress.batches == 1
        assert (tmp_path / "results.jsonl").read_bytes() == b"first\n"


def test_no_file_is_half_written(tmp_path: Path) -> None:
    with RunFolder.open(tmp_path, IDENTITY, {}) as run:
        run.append(b"first\n", Progress(batches=1, bytes=6, rows=1))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "results.jsonl", "run.json"]
