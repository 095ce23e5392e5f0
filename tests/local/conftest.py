"""Shared by the tests of the local run."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rewardctl.local.artifact import copy_runtime
from rewardctl.local.environment import function_environment

STUB = Path(__file__).with_name("stub_handler.py")


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    """A built function of three lines, in the place of the real one."""
    folder = tmp_path / "function"
    (folder / "reward_fn").mkdir(parents=True)
    (folder / "reward_fn" / "__init__.py").write_text("")
    shutil.copy(STUB, folder / "reward_fn" / "handler.py")
    return folder


@pytest.fixture
def environment_of(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Makes the variables of a function in some folders, with the runtime's own beside them."""
    runtime = copy_runtime(tmp_path / "runtime")

    def make(*folders: Path, timeout_s: int = 20) -> dict[str, str]:
        return function_environment(
            definition="stub",
            judge_url="http://127.0.0.1:9",
            path=(*folders, runtime),
            timeout_s=timeout_s,
            caller={},
        )

    return make
