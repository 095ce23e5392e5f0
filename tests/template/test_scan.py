"""The policy scan: nothing fails, and each suppression has its reason and is needed."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.template.cloudformation import PROJECT, source

SCANNER = PROJECT / ".build" / "scan" / "bin" / "checkov"
SCRIPT = PROJECT / "requirements" / "scan.py"


def suppressions() -> set[tuple[str, str]]:
    """(resource, check) for each suppression in the template."""
    return {
        (name, skip["id"])
        for name, resource in source()["Resources"].items()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    }


def test_every_suppression_has_its_reason_beside_it() -> None:
    skips = [
        skip
        for resource in source()["Resources"].values()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    ]
    assert len(skips) == 9
    assert all(len(skip["comment"].split()) > 8 for skip in skips)


def script() -> dict[str, Any]:
    """The scan's own code as a namespace."""
    sys.path.insert(0, str(SCRIPT.parent))  # as for a script that is run
    namespace: dict[str, Any] = {"__name__": "scan", "__file__": str(SCRIPT)}
    try:
        exec(compile(SCRIPT.read_text(), str(SCRIPT), "exec"), namespace)  # noqa: S102 - ours
    finally:
        sys.path.pop(0)
    return namespace


def test_the_copy_with_everything_on_differs_in_its_defaults_alone() -> None:
    scan, text = script(), (PROJECT / "template.yaml").read_text()
    changed = scan["switched_on"](text)
    pairs = [
        (old, new) for old, new in zip(text.splitlines(), changed.splitlines(), strict=True) if old != new
    ]
    assert len(pairs) == len(scan["SWITCHED_ON"])
    assert all(old.strip().startswith("Default: ") for old, _ in pairs)
    with pytest.raises(ValueError, match="no parameter TraceShare"):
        scan["switched_on"](text.replace("TraceShare:", "Share:"))


@pytest.mark.slow
@pytest.mark.parametrize("everything", [False, True])
def test_nothing_fails_and_every_suppression_is_needed(everything: bool, tmp_path: Any) -> None:
    ready = subprocess.run([sys.executable, str(SCRIPT), "--ready"], check=False, timeout=60)
    if ready.returncode != 0:
        pytest.skip("no policy scanner in .build/scan; `make scan` makes it")
    text = (PROJECT / "template.yaml").read_text()
    (tmp_path / "template.yaml").write_text(script()["switched_on"](text) if everything else text)
    command = [str(SCANNER), "--file", "template.yaml", "--framework", "cloudformation", "--skip-download"]
    done = subprocess.run(
        [*command, "--output", "json"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    results = json.loads(done.stdout)["results"]
    assert [check["check_id"] for check in results["failed_checks"]] == []
    skipped = {(check["resource"].split(".")[-1], check["check_id"]) for check in results["skipped_checks"]}
    assert skipped <= suppressions()
    if everything:
        assert skipped == suppressions()
        assert len(results["passed_checks"]) >= 20


@pytest.mark.slow
def test_the_scan_notices_what_is_broken_on_purpose(tmp_path: Any) -> None:
    ready = subprocess.run([sys.executable, str(SCRIPT), "--ready"], check=False, timeout=60)
    if ready.returncode != 0:
        pytest.skip("no policy scanner in .build/scan; `make scan` makes it")
    text = script()["switched_on"]((PROJECT / "template.yaml").read_text())
    (tmp_path / "template.yaml").write_text(text.replace("BlockPublicAcls: true", "BlockPublicAcls: false"))
    command = [str(SCANNER), "--file", "template.yaml", "--framework", "cloudformation", "--skip-download"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "CKV_AWS_53" in done.stdout
