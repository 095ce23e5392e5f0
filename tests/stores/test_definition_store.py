"""Pinned definitions in S3 and the Parameter Store: which load, and which are refused with which remedy."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws

from reward_fn import handler
from reward_fn.aws import definition_store
from reward_fn.aws.definition_store import load_stored
from reward_fn.definition.load import SHIPPED
from reward_fn.definition.pin import MAX_BYTES
from reward_fn.errors import DefinitionError, DefinitionStoreError
from rewardctl.cli import main
from tests.factory import row
from tests.fresh import fresh_handler
from tests.guard import bounded_time

BUCKET = "my-rewards"
MATH = (SHIPPED / "math-answer.toml").read_bytes()
JUDGED = b"""
name = "judged"
[[gate]]
check = "hollow_answer"
[judge]
model = "medium"
fallback = ["us.anthropic.claude-haiku-4-5-20251001-v1:0"]
[[judge.criterion]]
name = "Sound"
question = "Is every step of the answer correct?"
"""
HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


@pytest.fixture
def cloud() -> Iterator[None]:
    with mock_aws():
        s3: Any = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield


def uploaded(raw: bytes, key: str = "rewards/one.toml") -> str:
    """The URI of a new version of an object."""
    s3: Any = boto3.client("s3")
    version = s3.put_object(Bucket=BUCKET, Key=key, Body=raw)["VersionId"]
    return f"s3://{BUCKET}/{key}?versionId={version}"


def stored(raw: str, kind: str = "String") -> str:
    """The URI of a new version of a parameter."""
    ssm: Any = boto3.client("ssm")
    version = ssm.put_parameter(Name="/rewards/one", Value=raw, Type=kind, Overwrite=True)["Version"]
    return f"ssm:/rewards/one:{version}"


def load(uri: str, raw: bytes, *allowed: str, judge_model: str = "") -> Any:
    return load_stored(uri, sha256(raw), judge_model=judge_model, judges_allowed=allowed)


def refused(uri: str, pinned: bytes = MATH) -> DefinitionStoreError:
    with pytest.raises(DefinitionStoreError) as caught:
        load(uri, pinned)
    assert caught.value.uri == uri
    assert uri in str(caught.value)
    return caught.value


# Versions


@pytest.mark.usefixtures("cloud")
def test_the_pinned_version_is_served_and_no_later_one() -> None:
    first = uploaded(MATH)
    uploaded(MATH.replace(b"math-answer", b"changed"))
    loaded = load(first, MATH)
    assert (loaded.name, loaded.source, loaded.sha256) == ("math-answer", first, sha256(MATH))


@pytest.mark.usefixtures("cloud")
def test_a_parameter_is_served_by_its_version() -> None:
    first = stored(MATH.decode())
    stored(MATH.decode().replace("math-answer", "changed"))
    assert load(first, MATH).name == "math-answer"
    assert first == "ssm:/rewards/one:1"


# Judges


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("allowed", [("medium", HAIKU), ("us.amazon.nova-2-lite-v1:0", "medium-claude")])
def test_allowed_judges_are_the_same_by_tier_and_by_id(allowed: tuple[str, ...]) -> None:
    assert load(uploaded(JUDGED), JUDGED, *allowed).judge.models == ("medium", HAIKU)


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("allowed", "judge_model", "named"),
    [
        ((), "", ["judge.model: the model 'medium'", f"judge.fallback[0]: the model '{HAIKU}'"]),
        (("medium",), "", [f"judge.fallback[0]: the model '{HAIKU}'"]),
        # JUDGE_MODEL takes the place of judge.model and is allowed; the fallback is another one
        ((), "heavyweight", [f"judge.fallback[0]: the model '{HAIKU}'"]),
    ],
)
def test_other_judges_are_refused_by_name(
    allowed: tuple[str, ...], judge_model: str, named: list[str]
) -> None:
    uri = uploaded(JUDGED)
    with pytest.raises(DefinitionError) as caught:
        load(uri, JUDGED, *allowed, judge_model=judge_model)
    assert len(caught.value.mistakes) == len(named)
    for mistake, start in zip(caught.value.mistakes, named, strict=True):
        assert mistake.startswith(start)
        assert "add it to JUDGES_ALLOWED" in mistake


@pytest.mark.usefixtures("cloud")
def test_the_deployed_judge_needs_no_list() -> None:
    raw = JUDGED.replace(b"fallback", b"#")
    assert load(uploaded(raw), raw, judge_model="heavyweight").judge.models == ("heavyweight",)


# Refusals


@pytest.mark.usefixtures("cloud")
def test_another_hash_is_refused_before_anything_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definition_store, "load_pinned", lambda *_, **__: pytest.fail("parsed"))
    another = b"\x00 not what was pinned"
    error = refused(uploaded(another))
    assert f"sha256 is {sha256(another)}" in str(error)
    assert f"REWARD_DEFINITION_SHA256 is {sha256(MATH)}" in str(error)
    assert not error.passing


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("uri", "remedy"),
    [
        ("s3://another-bucket/one.toml?versionId=abc", "no such bucket"),
        (f"s3://{BUCKET}/none.toml?versionId=abc", "list-object-versions"),
        ("ssm:/rewards/none:1", "no such parameter in this region"),
        ("ssm:/rewards/one:7", "get-parameter-history"),
    ],
)
def test_a_missing_object_is_told_with_the_way_to_find_it(uri: str, remedy: str) -> None:
    uploaded(MATH)
    stored(MATH.decode())
    error = refused(uri)
    assert remedy in str(error)
    assert not error.passing


@pytest.mark.usefixtures("cloud")
def test_a_secure_string_is_refused_and_says_why() -> None:
    assert "store it as a String" in str(refused(stored(MATH.decode(), "SecureString")))


@pytest.mark.usefixtures("cloud")
def test_a_schema_in_a_file_beside_it_is_refused_with_the_remedy() -> None:
    raw = b'name = "x"\n[[gate]]\ncheck = "json_schema"\nschema = "/etc/passwd"\n'
    raw += b'[[score]]\ncheck = "numeric_answer"\n'
    with pytest.raises(DefinitionError, match=r"gate\[0\].schema: .*a schema as a table"):
        load(uploaded(raw), raw)


HOSTILE = {
    "huge": b"#" * (MAX_BYTES + 1),
    "binary": bytes(range(256)),
    "latin": 'name = "Prüfung"'.encode("latin-1"),
    "utf-16": MATH.decode().encode("utf-16"),
    "nested lists": b"a = " + b"[" * 100_000,
    "nested tables": b"a" + b".a" * 60_000 + b" = 1",
    "deep keys": b"\n".join(b"a" * i + b".a" * 250 + b" = 1" for i in range(1, 30)),
    "one deep key": b"name" + b".a" * 256 + b" = 1",
    "empty": b"",
}


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_object_is_refused_in_time_even_where_it_is_pinned(raw: bytes) -> None:
    uri = uploaded(raw)
    with bounded_time(), pytest.raises((DefinitionError, DefinitionStoreError)):
        load(uri, raw)


# In the log


@pytest.mark.usefixtures("cloud")
def test_every_line_names_the_version_and_the_hash(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    uri = uploaded(MATH + b'[[score]]\ncheck = "length"\nmax_chars = 9\n')  # form that pays: one warning
    raw = MATH + b'[[score]]\ncheck = "length"\nmax_chars = 9\n'
    fresh_handler(monkeypatch, REWARD_DEFINITION=uri, REWARD_DEFINITION_SHA256=sha256(raw))
    handler.lambda_handler([row("A: 5", reference_answer="5")], {})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    lines = [line for line in lines if "_aws" not in line]
    assert len(lines) == 2
    for line in lines:
        assert (line["definition_source"], line["definition_sha256"]) == (uri, sha256(raw))


# rewardctl check


@pytest.mark.usefixtures("cloud")
def test_check_takes_a_stored_definition_and_prints_both_settings() -> None:
    uri = uploaded(MATH)
    done = CliRunner().invoke(main, ["check", uri])
    assert done.exit_code == 0, done.output
    assert f"REWARD_DEFINITION={uri}\n" in done.output
    assert f"REWARD_DEFINITION_SHA256={sha256(MATH)}\n" in done.output
    found = json.loads(CliRunner().invoke(main, ["check", uri, "--json"]).stdout)
    assert found["sha256"] == sha256(MATH)


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("uri", ["s3://my-rewards/one.toml", "ssm:/rewards/none:1"])
def test_check_names_the_mistake_of_a_pin(uri: str) -> None:
    done = CliRunner().invoke(main, ["check", uri])
    assert done.exit_code == 1
    assert f"reward definition {uri}" in " ".join(done.output.split())
    assert json.loads(CliRunner().invoke(main, ["check", uri, "--json"]).stdout)["valid"] is False


def test_check_prints_the_hash_of_a_file() -> None:
    assert f"sha256 {sha256(MATH)}\n" in CliRunner().invoke(main, ["check", "math-answer"]).output
