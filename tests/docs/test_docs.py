"""What README and docs say is run or compared with the code."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from reward_fn import handler
from reward_fn.definition.load import load_definition, load_pinned
from reward_fn.definition.pin import parse_pin
from reward_fn.judge.models.catalogue import TIERS
from reward_fn.reserved_names import FLAGS, RUBRIC
from reward_fn.settings import BOUNDS, Settings
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([ROOT / "README.md", ROOT / "events" / "README.md", *ROOT.glob("docs/**/*.md")])
COMMANDS = re.findall(r"^\$ (.+)$", README, re.MULTILINE)
CLOUD = {"make deploy", "make doctor"}


def block(info: str) -> str:
    """The inside of the README's code block with that info string."""
    found = re.search(rf"^```{re.escape(info)}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert found, info
    return found[1]


def doc(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in {"make test", *CLOUD}])
def test_a_command_of_the_readme_works_as_it_stands(command: str) -> None:
    """With the environment activated, as the README says."""
    if "score" in command.split():
        shutil.rmtree(ROOT / "runs" / "contract", ignore_errors=True)  # of an earlier state of the example
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        command.split(), cwd=ROOT, capture_output=True, text=True, timeout=600, env=environment
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_the_readme_names_no_other_commands_than_those_tried_here() -> None:
    """``make test`` is this run; the cloud's are tried as far as their make target goes."""
    assert {c for c in COMMANDS if c.startswith("make test")} == {"make test"}
    for command in CLOUD:
        dry = subprocess.run([*command.split(), "-n"], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert f"-m rewardctl {command.removeprefix('make ')} " in dry.stdout


def test_the_event_of_the_readme_gives_the_results_of_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    handler.holder.reset()
    monkeypatch.setenv("REWARD_DEFINITION", "math-answer")
    event: Any = json.loads(block("json event"))
    assert handler.lambda_handler(event, {}) == json.loads(block("json results math-answer"))


def test_the_definition_of_the_readme_loads_without_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "short-proof.toml"
    path.write_text(block("toml definition"), encoding="utf-8")
    definition = load_definition(str(path))
    assert [spec.name for spec in definition.gates] == ["hollow_answer"]
    assert definition.judge is not None
    assert len(definition.judge.criteria) == 2
    assert definition.warnings == ()


def test_the_readme_links_every_page() -> None:
    pages = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md")}
    assert sorted(page for page in pages if f"]({page})" not in README) == []


def test_the_lines_of_the_readme_of_events_are_lines_of_its_files() -> None:
    text = (ROOT / "events" / "README.md").read_text(encoding="utf-8")
    shown = [line for part in re.findall(r"```json\n(.*?)```", text, re.DOTALL) for line in part.splitlines()]
    files = [path.read_text(encoding="utf-8") for path in ROOT.glob("events/*.expected.json")]
    assert len(shown) == 4
    # "…}" stands for the rest of a line.
    assert [line for line in shown if not any(line.removesuffix("…}") in file for file in files)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def shown(default: Any) -> str:
    """A default as the settings page writes it; an empty one is left blank."""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, str | tuple):
        return f"`{default}`" if default else "|"
    return f"`{default:g}`"


def test_the_settings_page_has_every_setting_with_its_default_and_bounds() -> None:
    rows = dict(re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \| (.*)$", doc("settings.md"), re.MULTILINE))
    assert rows.keys() == {f.name.upper() for f in fields(Settings)}
    for field in fields(Settings):
        assert rows[field.name.upper()].startswith(shown(field.default))
    for name, (low, high) in BOUNDS.items():
        assert f"| {low:g} to {high:g} |" in rows[name]


def test_the_settings_page_has_every_tier() -> None:
    assert dict(re.findall(r"^\| `([a-z-]+)` \| `([^`]+)` \|$", doc("settings.md"), re.MULTILINE)) == TIERS


def test_the_pages_have_every_key_and_every_metric() -> None:
    page = doc("definitions.md")
    schema = json.loads(
        (ROOT / "reward_fn" / "definition" / "definition.schema.json").read_text(encoding="utf-8")
    )
    keys = {*schema["properties"], *schema["$defs"]["judge"]["properties"]} - {"description"}
    for part in ("criterion", "document", "example"):
        keys |= set(schema["$defs"][part]["properties"])
    assert [key for key in sorted(keys) if not re.search(rf"`[^`]*\b{key}\b[^`]*`", page)] == []
    assert [name for name in (*FLAGS, RUBRIC) if f"| `{name}` |" not in doc("results.md")] == []


def test_the_stored_definition_of_the_page_is_one_file_that_loads() -> None:
    found = re.search(
        r"^ *```toml stored\n(.*?)^ *```$", doc("stored_definitions.md"), re.MULTILINE | re.DOTALL
    )
    assert found
    raw = textwrap.dedent(found[1]).encode()
    definition = load_pinned(raw, "ssm:/rewards/short-answer:1", judges_allowed=())
    assert [spec.name for spec in definition.gates] == ["json_schema"]
    assert definition.source == "ssm:/rewards/short-answer:1"


def test_the_uris_of_the_page_are_pins() -> None:
    uris = re.findall(r"rewardctl check '?((?:s3|ssm):[^'`]+)", doc("stored_definitions.md"))
    assert [parse_pin(uri).store for uri in uris] == ["s3", "ssm"]
