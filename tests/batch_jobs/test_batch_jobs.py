"""Judging through batch jobs: the same rewards, each record paid once, and nothing lost where a job fails."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from rewardctl.batch_jobs import job
from rewardctl.cli import main
from rewardctl.emulate import Emulator
from rewardctl.runs import read_records
from tests.batch_jobs.job_server import JobServer
from tests.contract.converse_server import CREDENTIALS
from tests.factory import row

ROLE = "arn:aws:iam::123456789012:role/batch"
DEFINITION = """
name = "polite"
range = [0.0, 1.0]

[judge]
model = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
structure = "json_schema"

[[judge.criterion]]
name = "Polite"
question = "Is the answer polite and does it mention the number that was requested?"
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with 120 rows and a definition, and a bucket."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(job, "POLL_S", 0.0)
    for name, value in {**CREDENTIALS, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "polite.toml").write_text(DEFINITION)
    rows = [
        row(f"Thank you, the number is {n}.", id=f"r{n}", prompt=f"Which number is {n}?") for n in range(120)
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="rewards")
        yield tmp_path


def score(*options: str) -> Result:
    command = ["score", "rows.jsonl", "--definition", "./polite.toml", "--judge", "bedrock", "--yes"]
    return CliRunner(mix_stderr=False).invoke(main, [*command, "--run", "run", *options])


def by_job() -> Result:
    return score("--batch", "s3://rewards/judge", "--batch-role", ROLE, "--json")


def summary(done: Result) -> dict[str, Any]:
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_a_job_gives_the_same_rewards_as_direct_calls_at_half_the_price(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with JobServer(statuses=("Submitted", "InProgress", "Completed")) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK", server.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:9")  # nobody listens
        done = by_job()
    assert done.exit_code == 0, done.stderr
    assert server.records == 120
    # Claude Haiku 4.5 through a us. profile: 1.1 x 1 and 1.1 x 5 dollars for a million tokens; half of it.
    expected = 0.5 * 120 * 1.1 * (1000 * 1.0 + 100 * 5.0) / 1_000_000
    assert summary(done)["cost_usd"] == pytest.approx(expected)
    assert summary(done)["calls"] == 120
    rewards = [record["reward"] for record in read_records(place / "run")]
    alone = CliRunner().invoke(
        main, ["score", "rows.jsonl", "--definition", "./polite.toml", "--run", "stand-in", "--json"]
    )
    assert alone.exit_code == 0, alone.output
    assert rewards == [record["reward"] for record in read_records(place / "stand-in")]


def test_what_a_job_did_not_answer_is_asked_directly(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with JobServer(spoil=frozenset({3, 7})) as server, Emulator() as emulator:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK", server.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", emulator.url)
        done = by_job()
        assert emulator.stats().calls == 2
    assert done.exit_code == 0, done.stderr
    assert summary(done)["scored"] == 120


def test_an_interrupted_wait_goes_on_with_the_same_job(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with JobServer(statuses=("InProgress", "Completed")) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK", server.url)
        with monkeypatch.context() as patch:
            patch.setattr("rewardctl.batch_jobs.job.time.sleep", interrupt)
            patch.setattr("rewardctl.commands.score.os._exit", _exit)
            stopped = by_job()
        assert (stopped.exit_code, len(server.created)) == (130, 1)
        assert "the same command waits for it" in stopped.stderr
        done = by_job()
    assert done.exit_code == 0, done.stderr
    assert len(server.created) == 1


def _exit(code: int) -> None:
    raise SystemExit(code)


def test_a_job_that_failed_is_told_with_bedrocks_message_and_made_anew(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with JobServer(statuses=("Failed", "Completed")) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK", server.url)
        failed = by_job()
        assert failed.exit_code == 1
        assert "ended as Failed: no capacity" in failed.stderr
        done = by_job()
    assert done.exit_code == 0, done.stderr
    assert len({each["jobName"] for each in server.created}) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('structure = "json_schema"', 'structure = "tool"'), "take no tools"),
        (("us.anthropic.claude-haiku-4-5-20251001-v1:0", "openai:m@http://127.0.0.1:9/v1"), "not on Bedrock"),
    ],
)
def test_a_definition_that_no_job_can_judge_is_refused_before_anything_is_sent(
    place: Path, change: tuple[str, str], words: str
) -> None:
    (place / "polite.toml").write_text(DEFINITION.replace(*change))
    done = by_job()
    assert done.exit_code == 1
    assert words in done.stderr


def test_fewer_records_than_bedrock_takes_are_refused_with_the_remedy(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with JobServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK", server.url)
        done = score("--batch", "s3://rewards/judge", "--batch-role", ROLE, "--limit", "99")
    assert done.exit_code == 1
    assert "Leave out --batch" in done.stderr
    assert server.created == []


def test_a_batch_needs_a_real_judge_a_bucket_and_a_role(place: Path) -> None:
    command = ["score", "rows.jsonl", "--definition", "./polite.toml", "--run", "run"]
    stand_in = CliRunner().invoke(main, [*command, "--batch", "s3://rewards/judge", "--batch-role", ROLE])
    assert (stand_in.exit_code, "name --judge bedrock" in stand_in.output) == (1, True)
    no_role = score("--batch", "s3://rewards/judge")
    assert (no_role.exit_code, "--batch-role" in no_role.stderr) == (1, True)
