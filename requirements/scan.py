"""Scan template.yaml with the policy scanner checkov, which has its own environment in .build/scan.

    PYTHON requirements/scan.py            creates the environment if necessary, and scans
    PYTHON requirements/scan.py --ready    exit status 0 if the environment is ready

The scanner skips resources that the parameters' defaults switch off. It therefore scans twice: the template,
and a copy whose defaults switch everything on. Suppressions are in the Metadata of their resource, with the
reason. The script uses only the standard library.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from separate import folder_of, is_ready, sync

PROJECT = Path(__file__).resolve().parent.parent
TEMPLATE = PROJECT / "template.yaml"
SCANNER = folder_of("scan")
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
        return 0 if is_ready("scan") else 1
    try:
        sync("scan")
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
