"""Remove files that the function never uses from an installed package tree.

Most of boto3's size is the descriptions of 400 services, of which the function calls a few.
"""

from __future__ import annotations

import shutil
from pathlib import Path

# Services whose descriptions are kept: the judge, the usual sources of credentials, and the stores of
# definitions, traces and verdicts.
SERVICES = {"bedrock-runtime", "dynamodb", "s3", "ssm", "sso", "sso-oidc", "sts"}
DATA_FOLDERS = ("botocore/data", "boto3/data")

# The countries and registers of python-stdnum that the checks use, of 90.
COUNTRIES = {"br", "ca", "ch", "fr", "in_", "it", "us"}
REGISTERS = {"iban.dat"}

DROPPED_FOLDERS = (
    "bin",
    "aws_lambda_powertools/event_handler",  # routing of HTTP requests, which the function does not need
    "boto3/examples",
    "*/tests",
    "*/benchmarks",
)
DROPPED_FILES = ("*.pyi", "py.typed", "examples-1.json", "examples-1.json.gz")

# Kept of a package's metadata: name, version and licence.
KEPT_METADATA = ("metadata", "licen", "notice", "copying")


def prune(packages: Path) -> None:
    """Remove the files and folders named above from the folder `packages`."""
    for pattern in DROPPED_FOLDERS:
        for folder in list(packages.glob(pattern)):
            shutil.rmtree(folder)
    for pattern in DROPPED_FILES:
        for path in list(packages.rglob(pattern)):
            path.unlink()
    for data in DATA_FOLDERS:
        _keep_services(packages / data)
    _keep_countries(packages / "stdnum")
    for folder in packages.glob("*.dist-info"):
        _keep_licence(folder)


def _keep_services(folder: Path) -> None:
    """Remove all service folders of a data folder except SERVICES."""
    for path in list(folder.iterdir()):
        if path.is_dir() and path.name not in SERVICES:
            shutil.rmtree(path)


def _keep_countries(folder: Path) -> None:
    """Remove countries and registers except COUNTRIES and REGISTERS."""
    for path in list(folder.iterdir()):
        if path.is_dir() and path.name not in {*COUNTRIES, "iso7064"}:
            shutil.rmtree(path)
        elif path.suffix == ".dat" and path.name not in REGISTERS:
            path.unlink()


def _keep_licence(folder: Path) -> None:
    """Remove a package's metadata except METADATA and licence files, in any subfolder."""
    for path in list(folder.rglob("*")):
        name = str(path.relative_to(folder)).lower()
        if path.is_file() and not any(word in name for word in KEPT_METADATA):
            path.unlink()
