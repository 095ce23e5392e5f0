"""The inputs from reports about graders that get the expert's value: earlier, now, and by other graders."""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.results import Goal, Section, Table
from benchmarks.size import Size
from benchmarks.timing import Tick
from benchmarks.token_environments import EnvironmentMissingError, python_of, run_script
from tests.right_values import ROWS, earned, is_right

TITLE = "Right values: inputs from reports about graders"
NAME = "right_values.jsonl"
BEFORE_COMMIT, BEFORE_DATE = "3afed8e", "2026-11-28"
BEFORE: Mapping[str, int] = {
    "bedrock": 2,
    "choice": 4,
    "event": 2,
    "exact": 2,
    "fields": 2,
    "format": 1,
    "hollow": 1,
    "json": 4,
    "judge": 4,
    "language": 2,
    "numeric": 10,
    "pii": 3,
    "quotes": 1,
    "repetition": 2,
    "secrets": 2,
    "shipped": 1,
    "terms": 1,
    "unicode": 2,
    "words": 2,
}
"""The number of right rows in each area at that commit, measured that day by this test runner."""
BEFORE_ROWS = 138
"""The number of cases to which ``BEFORE`` refers."""

# All pinned. Of verl only one plain file is run: it needs neither PyTorch nor verl's range of Pythons.
PACKAGES = (
    *("--no-deps", "--ignore-requires-python"),
    *("math-verify==0.9.0", "latex2sympy2_extended==1.11.0", "antlr4-python3-runtime==4.13.2"),
    *("sympy==1.14.0", "mpmath==1.3.0", "detect-secrets==1.5.0", "PyYAML==6.0.4", "requests==2.34.2"),
    *("urllib3==2.8.0", "idna==3.20", "charset-normalizer==3.5.3", "certifi==2026.10.19.post1"),
    "verl==0.9.1",
)
OTHERS = ("math-verify", "verl, strict", "verl, flexible", "detect-secrets")
LABELS = ("A", "B", "C", "D", "E")

Row = Mapping[str, Any]
GraderValues = Mapping[str, Mapping[str, float | None]]
"""The values of each grader for the rows that it supports."""


def measure(size: Size, tick: Tick) -> Section:
    """Score all rows; rows of numbers, choices and secrets also with other graders."""
    if not ROWS:
        why = (
            f"right values, since {NAME} is missing in the folder beside DATA_DIR (default: ../shared/cases)"
        )
        return Section(title=TITLE, how=_how(), skipped=why)
    tick(f"{len(ROWS)} inputs")
    right = {row["id"] for row in ROWS if _is_right_here(row)}
    values, note = _others(size, tick)
    rows = [_line(area, right, values) for area in dict.fromkeys(row["area"] for row in ROWS)]
    columns = ("kind", "cases", f"right at {BEFORE_COMMIT}", "right now", *OTHERS)
    what = f"Reported inputs of {NAME} that earn what an expert would give"
    return Section(
        title=TITLE,
        how=_how(),
        goals=[Goal(what, "all", len(right), len(ROWS), f"{len(right)} of {len(ROWS)}", at_most=False)],
        tables=[Table("Rows that are right", columns, [*rows, _line("", right, values)])],
        notes=[note] if note else [],
        data={
            "cases": len(ROWS),
            "wrong": sorted({row["id"] for row in ROWS} - right),
            "others": dict(values),
        },
    )


def _is_right_here(row: Row) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        return is_right(row, earned(row, Path(folder)))


def _others(size: Size, tick: Tick) -> tuple[GraderValues, str]:
    """The values of the other graders, and the reasons for missing ones."""
    if not size.other_judges:
        return {}, "Other graders were not measured: the smallest size installs nothing."
    tick("other graders")
    try:
        return run_script(
            python_of("values", PACKAGES), "side_values.py", [_for_others(row) for row in ROWS]
        ), ""
    except EnvironmentMissingError as error:
        return {}, f"Other graders were not measured: {error}."


def _for_others(row: Row) -> dict[str, Any]:
    """A row in the form of other graders, with the reference as text."""
    reference = row.get("reference")
    return {
        "id": row["id"],
        "area": row["area"],
        "text": row["input"] if row["kind"] == "check" else "",
        "references": [str(text) for text in (reference if isinstance(reference, list) else [reference])],
        "labels": row.get("params", {}).get("labels", LABELS),
    }


def _line(area: str, right: set[str], values: GraderValues) -> Sequence[str]:
    """The counts of one area; "" stands for all areas."""
    rows = [row for row in ROWS if area in ("", row["area"])]
    before = Counter(BEFORE).total() if not area else BEFORE.get(area, 0)
    cells = [_elsewhere(rows, values.get(name, {})) if area else "" for name in OTHERS]
    known = str(before) if len(ROWS) == BEFORE_ROWS else "not known"
    return (area or "all", str(len(rows)), known, str(sum(row["id"] in right for row in rows)), *cells)


def _elsewhere(rows: Sequence[Row], values: Mapping[str, float | None]) -> str:
    """The number of rows that another grader has right; "" for rows that it does not support."""
    supported = [row for row in rows if row["id"] in values]
    scored = [row for row in supported if row["expected"] is not None and values[row["id"]] is not None]
    return str(sum(is_right(row, values[row["id"]]) for row in scored)) if supported else ""


def _how() -> tuple[str, ...]:
    return (
        f"`{NAME}` holds inputs of the kinds that were reported about other graders, parsers and filters, "
        "each with the value that an expert would give; they lie beside the real data, not in the project. "
        "A check is the only score of a definition, as `tests/right_values.py` runs it. "
        f"The figures of commit {BEFORE_COMMIT} were measured on {BEFORE_DATE}.",
        "Other graders get the same responses and references: math-verify 0.9.0 as its README uses it, for "
        "choices with the labels as strings; the GSM8K scorer of verl 0.9.1 with both of its methods; "
        "detect-secrets 1.5.0 with all its plugins. They can't leave a row unscored, so rows whose reference "
        "is not a number count against them. They get no tolerance, which one row needs.",
    )
