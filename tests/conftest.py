"""What holds for all tests: those of ``tests/unit`` open no socket, the others reach loopback alone.

Loopback alone is ``--allow-hosts`` in pyproject.toml; a wall for each unit test is set here.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
UNIT = ROOT / "tests" / "unit"

# The same examples in every run, and no time limit on one: a busy machine must not fail a build.
settings.register_profile(
    "project", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile("project")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Unit tests use fakes at our own seams; a socket in one of them is a mistake."""
    for item in items:
        if UNIT in item.path.parents and not item.get_closest_marker("enable_socket"):
            item.add_marker(pytest.mark.disable_socket)


def real_data() -> Path:
    """The folder of real data, which may not exist: ``DATA_DIR`` or ``../shared/data``."""
    return Path(os.environ.get("DATA_DIR") or ROOT.parent / "shared" / "data")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data; a test that asks for it skips where it does not exist."""
    folder = real_data()
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}; set DATA_DIR")
    return folder
