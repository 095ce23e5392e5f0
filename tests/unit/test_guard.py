"""The guard for hostile input stops work that is out of proportion."""

import pytest

from tests.guard import bounded_cpu


def count_without_end() -> None:
    number = 0
    while True:
        number += 1


def test_work_beyond_the_limit_is_stopped() -> None:
    with pytest.raises(AssertionError, match=r"still running after 0\.05 s"), bounded_cpu(0.05):
        count_without_end()


def test_work_within_the_limit_passes() -> None:
    with bounded_cpu():
        done = sum(range(10))
    assert done == 45
