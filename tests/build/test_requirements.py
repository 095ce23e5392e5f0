"""The pins: complete, hashed, in agreement, and free of any place to download from."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
LAYER = PROJECT / "layers" / "deps" / "requirements.txt"
DEVELOPMENT = PROJECT / "requirements" / "dev.txt"
NAMES = ("analysis.txt", "minilm.txt", "uv.txt", "scan.txt", "litellm.txt", "trl.txt")
COMPILED = [LAYER, DEVELOPMENT, *(PROJECT / "requirements" / name for name in NAMES)]
INPUTS = [path.with_suffix(".in") for path in COMPILED]

UNPINNED = {"torch"}
"""Installed without a hash by separate.py: the builds for the CPU differ from index to index."""

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ \\;]+)( ; [^\\]+)?")


def pins(path: Path) -> dict[str, str]:
    """The version of each package that a compiled file pins, markers aside."""
    return {match[1]: match[2] for line in path.read_text().splitlines() if (match := PIN.match(line))}


def wanted(path: Path) -> set[str]:
    """The names of the packages that an input file asks for."""
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return {re.split(r"[\[=<>; ]", line)[0].lower() for line in lines if line and not line.startswith("-")}


def test_the_layer_and_the_environment_have_the_same_versions() -> None:
    development = pins(DEVELOPMENT)
    assert pins(LAYER) == {name: development.get(name) for name in pins(LAYER)}


def test_packages_that_are_added_on_top_change_no_pin_below() -> None:
    analysis = PROJECT / "requirements" / "analysis.txt"
    minilm = PROJECT / "requirements" / "minilm.txt"
    for below, above in ((DEVELOPMENT, analysis), (DEVELOPMENT, minilm), (analysis, minilm)):
        shared = pins(below).keys() & pins(above).keys()
        assert shared
        assert {name: pins(above)[name] for name in shared} == {name: pins(below)[name] for name in shared}


def test_every_option_that_adds_packages_has_its_pins_and_its_target() -> None:
    added = re.findall(r'"--(\w+)": "(\w+)"', (PROJECT / "requirements" / "sync.py").read_text())
    assert added == [("analysis", "analysis"), ("minilm", "minilm")]
    makefile = (PROJECT / "Makefile").read_text()
    for option, name in added:
        assert pins(PROJECT / "requirements" / f"{name}.txt")
        assert re.search(rf"^{name}: .*\n.*sync\.py --{option}$", makefile, re.MULTILINE)


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.name)
def test_every_pin_carries_hashes(path: Path) -> None:
    blocks = re.split(r"\n(?=[A-Za-z0-9])", path.read_text())
    assert len(blocks) == len(re.findall(r"^[A-Za-z0-9][^=\n]*==", path.read_text(), re.MULTILINE))
    assert [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("path", COMPILED + INPUTS, ids=lambda path: path.name)
def test_no_file_names_a_place_to_download_from(path: Path) -> None:
    assert re.findall(r"https?:|file:|index-url|find-links|trusted-host| @ ", path.read_text()) == []


@pytest.mark.parametrize(
    ("source", "compiled"), list(zip(INPUTS, COMPILED, strict=True)), ids=lambda path: path.name
)
def test_all_that_is_asked_for_is_pinned(source: Path, compiled: Path) -> None:
    assert wanted(source) - {name.lower() for name in pins(compiled)} - UNPINNED == set()


def test_the_layers_pins_hold_on_every_target() -> None:
    # pip reads markers for the Python that builds, which need not be the one that is built for.
    assert [line for line in LAYER.read_text().splitlines() if " ; " in line] == []


def test_boto3_is_what_sam_asks_for() -> None:
    asked = [text for text in metadata.requires("aws-sam-cli") or () if text.startswith("boto3[")]
    assert [text.split("==")[1] for text in asked] == [pins(LAYER)["boto3"]]


def test_the_projects_own_dependencies_are_the_layers() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    named = {re.split(r"[<>=]", text)[0] for text in project["dependencies"]}
    assert named == wanted(PROJECT / "layers" / "deps" / "requirements.in")
