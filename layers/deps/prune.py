"""Take out of an installed package tree what the function never uses.

Most of boto3's weight is the descriptions of 400 services, of which the function calls a few.
"""

from __future__ import annotations

import shutil
from pathlib import Path

# Services whose descriptions stay: the judge, credentials of every usual kind, and the stores that
# a reward definition or a result may lie in.
SERVICES = {"bedrock-runtime", "dynamodb", "s3", "ssm", "sso", "sso-oidc", "sts"}
DATA_FOLDERS = ("botocore/data", "boto3/data")

# Of python-stdnum's 90 countries and their registers, what the checks ask.
COUNTRIES = {"br", "ca", "ch", "fr", "in_", "it", "us"}
REGISTERS = {"iban.dat"}

DROPPED_FOLDERS = (
    "bin",
    "aws_lambda_powertools/event_handler",  # routing of HTTP requests, which this function never gets
    "boto3/examples",
    "*/tests",
    "*/benchmarks",
)
DROPPED_FILES = ("*.pyi", "py.typed", "examples-1.json", "examples-1.json.gz")

# Of a package's metadata, its name and version and its licence are worth their bytes.
KEPT_METADATA = ("metadata", "licen", "notice", "copying")


def prune(packages: Path) -> None:
    """Removes, below the folder `packages`, all that is named above."""
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
    """Leaves the files that lie in the data folder itself and the folders of SERVICES."""
    for path in list(folder.iterdir()):
        if path.is_dir() and path.name not in SERVICES:
            shutil.rmtree(path)


def _keep_countries(folder: Path) -> None:
    """Leaves what all countries share, the folders of COUNTRIES and the REGISTERS."""
    for path in list(folder.iterdir()):
        if path.is_dir() and path.name not in {*COUNTRIES, "iso7064"}:
            shutil.rmtree(path)
        elif path.suffix == ".dat" and path.name not in REGISTERS:
            path.unlink()


def _keep_licence(folder: Path) -> None:
    """Leaves a package's METADATA and its licence files, in whatever subfolder."""
    for path in list(folder.rglob("*")):
        name = str(path.relative_to(folder)).lower()
        if path.is_file() and not any(word in name for word in KEPT_METADATA):
            path.unlink()
