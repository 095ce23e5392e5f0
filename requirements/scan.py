"""Scan template.yaml with the policy scanner checkov, which has its own environment in .build/scan.

    PYTHON requirements/scan.py            creates the environment if necessary, and scans
    PYTHON requirements/scan.py --ready    exit status 0 if the environment is ready

The scanner skips resources that the parameters' defaults switch off. It therefore scans twice: the template,
and a copy whose defaults switch everything on. Suppressions are in the Metadata of their resource, with the
reason. The script uses only the standard library.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PINS = PROJECT / "requirements" / "scan.txt"
TEMPLATE = PROJECT / "template.yaml"
SCANNER = PROJECT / ".build" / "scan"
STAMP = SCANNER / "made-from.txt"
# Parameters that switch resources on, each with a value that does so.
SWITCHED_ON = {
    "RewardDefinition": "s3://definitions/mine.toml?versionId=version-1",
    "RewardDefinitionSha256": "0" * 64,
    "JudgesAllowed": "medium,medium-claude,heavyweight,heavyweight-claude",
    "LatestConcurrency": "100",
    "TraceShare": "0.05",
    "TraceRetentionDays": "30",
    "VerdictTable": "on",
    "AlarmEmail": "operator@example.com",
    "DeploymentPreference": "Canary10Percent5Minutes",
}


def wanted_stamp() -> str:
    """The stamp of an up-to-date environment: the hash of the pins and the running Python."""
    return f"{sys.version_info[:2]} {hashlib.sha256(PINS.read_bytes()).hexdigest()}\n"


def is_ready() -> bool:
    """Whether the scanner's environment is up to date."""
    return STAMP.is_file() and STAMP.read_text() == wanted_stamp()


def sync() -> None:
    """Create the scanner's environment if necessary. Raises subprocess.CalledProcessError."""
    if is_ready():
        return
    print(
        "Setting up the policy scanner in .build/scan, only once; this takes half a minute.",
        file=sys.stderr,
        flush=True,
    )
    venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(SCANNER)
    command = [str(SCANNER / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
    environment = {**os.environ, "PIP_USER": "0"}
    subprocess.run([*command, "-r", str(PINS)], check=True, env=environment)
    STAMP.write_text(wanted_stamp())


def switched_on(text: str) -> str:
    """Set the defaults of SWITCHED_ON in the template's text. Raises ValueError for an unknown parameter."""
    for name, value in SWITCHED_ON.items():
        pattern = rf"(?m)^(  {name}:\n    Type: \w+\n    Default: ).*$"
        text, replaced = re.subn(pattern, rf'\g<1>"{value}"', text)
        if not replaced:
            raise ValueError(f"it has no parameter {name}; correct SWITCHED_ON in requirements/scan.py")
    return text


def scan(template: Path) -> int:
    """Scan one file, print its failures, and return the scanner's exit status, 0 if it has none."""
    command = [str(SCANNER / "bin" / "checkov"), "--file", template.name, "--framework", "cloudformation"]
    command += ["--skip-download", "--compact", "--quiet"]
    return subprocess.run(command, cwd=template.parent, check=False).returncode


def main(arguments: list[str]) -> int:
    """Run the command line in the module's docstring and return its exit status."""
    if arguments == ["--ready"]:
        return 0 if is_ready() else 1
    try:
        sync()
        with tempfile.TemporaryDirectory() as folder:
            everything = Path(folder) / "everything-on.yaml"
            everything.write_text(switched_on(TEMPLATE.read_text(encoding="utf-8")), encoding="utf-8")
            status = max(scan(TEMPLATE), scan(everything))
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f"template.yaml was not scanned: {error}", file=sys.stderr)
        return 1
    if status == 0:
        print("template.yaml passes the policy scan, with its defaults and with everything switched on.")
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
