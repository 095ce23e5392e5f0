"""Rules for all tests: unit tests open no sockets, others only on loopback; files are shared among workers.

``--allow-hosts`` in pyproject.toml allows loopback only; the unit tests get a marker here that forbids all
sockets. ``make test`` distributes the tests to several processes, file by file.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
UNIT = ROOT / "tests" / "unit"
TOGETHER = ("tests/docker/",)
"""Folders whose files share an expensive fixture, such as the function in containers."""

# The same examples in every run, and no time limit on one: a busy machine must not fail a build.
settings.register_profile(
    "project", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile("project")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Forbid sockets in unit tests, which use fakes at our own seams; in a worker, run slow files first.

    A worker that gets a slow file last would keep the others waiting. In a single process the quick tests
    stay first, so that a simple mistake shows early.
    """
    for item in items:
        if UNIT in item.path.parents and not item.get_closest_marker("enable_socket"):
            item.add_marker(pytest.mark.disable_socket)
    if hasattr(config, "workerinput"):  # set by pytest-xdist in the processes that run tests
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a whole file to one worker, so that its module's fixtures are made once, in the collected order.

    The files of a folder in ``TOGETHER`` all go to one worker.
    """
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False  # otherwise the files with the most tests go first
    scheduler = LoadFileScheduling(config, log)
    scheduler._split_scope = unit_of
    return scheduler


def unit_of(nodeid: str) -> str:
    """The scope of a test: its file's path, or a folder of ``TOGETHER``; one worker runs a whole scope."""
    path = nodeid.split("::", 1)[0]
    return next((folder for folder in TOGETHER if path.startswith(folder)), path)


def real_data() -> Path:
    """The folder of real data, which may not exist: ``DATA_DIR`` or ``../shared/data``."""
    return Path(os.environ.get("DATA_DIR") or ROOT.parent / "shared" / "data")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data; a test that uses it is skipped if the folder does not exist."""
    folder = real_data()
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}; set DATA_DIR")
    return folder
