"""Pins of stored definitions: which URIs are pins, which hashes and sizes are accepted, and what is told."""

import pytest

from reward_fn.definition.pin import (
    MAX_BYTES,
    MAX_DOTS,
    Pin,
    check_hash,
    check_size,
    is_sha256,
    is_stored,
    parse_pin,
    sha256_of,
)
from reward_fn.errors import DefinitionStoreError

# URIs


@pytest.mark.parametrize("name", ["s3://b/k?versionId=v", "ssm:/a:1", "s3:", "ssm:"])
def test_a_name_with_a_stores_scheme_is_stored(name: str) -> None:
    assert is_stored(name)


@pytest.mark.parametrize("name", ["math-answer", "./s3:/x.toml", "S3://b/k", "", "s3", "ssm"])
def test_a_shipped_name_or_a_path_is_not_stored(name: str) -> None:
    assert not is_stored(name)


@pytest.mark.parametrize(
    ("uri", "pin"),
    [
        ("s3://my-rewards/a/b.toml?versionId=v1", ("s3", "my-rewards", "a/b.toml", "v1")),
        ("s3://abc/k?versionId=3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY", ("s3", "abc", "k", None)),
        (f"s3://{'a' * 63}/{'k' * 1024}?versionId={'v' * 1024}", ("s3", "a" * 63, "k" * 1024, "v" * 1024)),
        ("s3://a.b/ü 1%20.toml?versionId=~.-_=", ("s3", "a.b", "ü 1%20.toml", "~.-_=")),
        ("ssm:/rewards/one:1", ("ssm", "", "/rewards/one", "1")),
        ("ssm:" + "/a" * 15 + ":9999999999", ("ssm", "", "/a" * 15, "9999999999")),
        ("ssm:/A.b_c-9:10", ("ssm", "", "/A.b_c-9", "10")),
    ],
)
def test_a_pin_has_its_store_place_key_and_version(uri: str, pin: tuple[str, str, str, str | None]) -> None:
    store, place, key, version = pin
    assert parse_pin(uri) == Pin(uri, store, place, key, version or uri.partition("versionId=")[2])  # type: ignore[arg-type]


S3_REMEDY = "write s3://bucket/key?versionId=V, with the object's version id (aws s3api head-object)"
SSM_REMEDY = "write ssm:/name:VERSION, the version a number (a label can move)"
NULL_REMEDY = 'the version is "null": switch the bucket\'s versioning on and upload again'


@pytest.mark.parametrize(
    ("uri", "remedy"),
    [
        ("s3://my-rewards/a.toml", S3_REMEDY),
        ("s3://my-rewards/a.toml?versionId=", S3_REMEDY),
        ("s3://my-rewards/?versionId=v", S3_REMEDY),
        ("s3://my-rewards/ a?versionId=v", S3_REMEDY),
        ("s3://my-rewards/a#b?versionId=v", S3_REMEDY),
        ("s3://my-rewards/a?versionId=v w", S3_REMEDY),
        ("s3://ab/a?versionId=v", S3_REMEDY),
        (f"s3://{'a' * 64}/a?versionId=v", S3_REMEDY),
        ("s3://-ab/a?versionId=v", S3_REMEDY),
        ("s3://ab-/a?versionId=v", S3_REMEDY),
        ("s3://Abc/a?versionId=v", S3_REMEDY),
        (f"s3://abc/{'k' * 1025}?versionId=v", S3_REMEDY),
        (f"s3://abc/k?versionId={'v' * 1025}", S3_REMEDY),
        ("s3://my-rewards/a.toml?versionId=null", NULL_REMEDY),
        ("ssm:/rewards/one", SSM_REMEDY),
        ("ssm:/rewards/one:", SSM_REMEDY),
        ("ssm:/rewards/one:0", SSM_REMEDY),
        ("ssm:/rewards/one:01", SSM_REMEDY),
        ("ssm:/rewards/one:prod", SSM_REMEDY),
        ("ssm:/rewards/one:12345678901", SSM_REMEDY),
        ("ssm:rewards:1", SSM_REMEDY),
        ("ssm:" + "/a" * 16 + ":1", SSM_REMEDY),
        ("math-answer", S3_REMEDY),
    ],
)
def test_what_is_no_pin_is_refused_with_what_to_write(uri: str, remedy: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        parse_pin(uri)
    assert str(caught.value) == remedy


# Hashes


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("0123456789abcdef" * 4, True),
        ("0123456789ABCDEF" * 4, False),
        ("a" * 63, False),
        ("a" * 65, False),
        ("a" * 64 + "\n", False),
        ("g" * 64, False),
        ("", False),
    ],
)
def test_a_sha256_is_64_lower_case_hex_digits(text: str, accepted: bool) -> None:
    assert is_sha256(text) is accepted


def test_the_hash_is_sha256() -> None:
    # FIPS 180-2, appendix B.1
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(b"abc") == expected
    check_hash(expected, expected, "math-answer")


def test_another_hash_is_refused_with_both_hashes_and_the_remedies() -> None:
    with pytest.raises(DefinitionStoreError) as caught:
        check_hash("a" * 64, "b" * 64, "ssm:/a:1")
    assert str(caught.value) == (
        f"reward definition ssm:/a:1: its sha256 is {'a' * 64}, but REWARD_DEFINITION_SHA256 is {'b' * 64}; "
        "it is not what was pinned. Pin the version that has this hash, or, where this version is the one "
        "that is meant, its hash"
    )
    assert not caught.value.passing


# Sizes


def test_the_limits_are_128_kib_and_256_dots_a_line() -> None:
    assert (MAX_BYTES, MAX_DOTS) == (131_072, 256)


@pytest.mark.parametrize(
    "raw", [b"", b"#" * MAX_BYTES, b"." * MAX_DOTS, (b"." * MAX_DOTS + b"\n") * 3], ids=len
)
def test_a_definition_up_to_the_limits_passes(raw: bytes) -> None:
    check_size(raw, "ssm:/a:1")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"#" * (MAX_BYTES + 1), "it is longer than 131072 bytes, which no definition needs"),
        (b"." * (MAX_DOTS + 1), "a line of it has more than 256 dots; break it up"),
        (b"a\n" + b"." * (MAX_DOTS + 1) + b"\nb", "a line of it has more than 256 dots; break it up"),
    ],
    ids=["bytes", "dots", "dots in the second line"],
)
def test_a_definition_over_a_limit_is_refused(raw: bytes, message: str) -> None:
    with pytest.raises(DefinitionStoreError) as caught:
        check_size(raw, "ssm:/a:1")
    assert str(caught.value) == f"reward definition ssm:/a:1: {message}"
    assert not caught.value.passing
