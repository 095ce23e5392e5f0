"""Inputs from public reports about graders earn the value that an expert would give them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.right_values import CASES, ROWS, earned, is_right


@pytest.mark.data
@pytest.mark.skipif(not ROWS, reason=f"no cases in {CASES}; set DATA_DIR")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_an_input_earns_what_an_expert_would_give(row: Mapping[str, Any], tmp_path: Path) -> None:
    value = earned(row, tmp_path)
    assert is_right(row, value), f"{value!r} is not {row['op']} {row['expected']!r}"
