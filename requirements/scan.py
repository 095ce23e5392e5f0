"""Scan template.yaml with a policy scanner, checkov, in an environment of its own: .build/scan.

    PYTHON requirements/scan.py            makes the environment if it is not ready, and scans
    PYTHON requirements/scan.py --ready    exit status 0 if the environment is ready

The scanner leaves out what the parameters' defaults switch off. So it scans twice: the template as it is, and
a copy whose defaults switch everything on. Suppressions stand in the template, in the Metadata of their
resource, each with its reason. Standard library alone.
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
# Parameters that switch something on, and a value that does.
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
    """The template's text with the defaults of SWITCHED_ON. Raises ValueError for an unknown parameter."""
    for name, value in SWITCHED_ON.items():
        pattern = rf"(?m)^(  {name}:\n    Type: \w+\n    Default: ).*$"
        text, found = re.subn(pattern, rf'\g<1>"{value}"', text)
        if not found:
            raise ValueError(f"it has no parameter {name}; mend SWITCHED_ON in requirements/scan.py")
    return text


def scan(template: Path) -> int:
    """Scan one file, show what fails, and return the scanner's exit status: 0 if nothing fails."""
    command = [str(SCANNER / "bin" / "checkov"), "--file", template.name, "--framework", "cloudformation"]
    command += ["--skip-download", "--compact", "--quiet"]
    return subprocess.run(command, cwd=template.parent, check=False).returncode


def main(arguments: list[str]) -> int:
    """Run the command line given in the module's docstring and return its exit status."""
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
        print("template.yaml passes the policy scan, as it stands and with everything switched on.")
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
