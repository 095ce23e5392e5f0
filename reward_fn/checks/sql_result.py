"""1 if the answer's SQL gives the same rows as the reference's SQL on each of several databases, else 0.

The databases are small SQLite files, created at load from the definition's ``tables`` and each of its
``seeds``. A query that contains the right rows as literals is right on at most one of them.
"""

import re
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from reward_fn.checks._sqlite_query import QueryError, Rows, make_database, query
from reward_fn.paths import ANSWERS, PATHS, find_answers
from reward_fn.text.answer import answer_region
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "tables": {"type": "string", "minLength": 1},
        "seeds": {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "minItems": 2,
            "maxItems": 10,
            "uniqueItems": True,
        },
        "reference": PATHS,
    },
    "required": ["seeds"],
    "additionalProperties": False,
}
FILES = ("tables", "seeds")
SQLITE_MAGIC = b"SQLite format 3\x00"

_FENCE = re.compile(r"^[ \t]*```[ \t]*([\w+-]*)[^\n]*\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)
_IGNORED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_WORDS = re.compile(r"[()]|\border\s+by\b", re.IGNORECASE)


class _Gold(NamedTuple):
    """The rows of the reference's SQL on each database; ``ordered`` says whether their order counts."""

    results: tuple[Rows, ...]
    ordered: bool


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``tables`` is SQL that creates the tables, and each of ``seeds`` is SQL that fills them.

    Each is SQL text or the name of a file; a seed may also be an SQLite file. ``reference`` lists the paths
    of the reference's SQL. Rows are compared as a multiset, or in order if that SQL has ORDER BY outside
    parentheses. Column names don't count, and numbers are compared to 12 digits. Raises ValueError for SQL
    that fails.
    """
    paths = parameters.get("reference", ("reference_answer.sql", "reference_answer.query", *ANSWERS))
    temporary = Path(tempfile.mkdtemp(prefix="sql_result-"))
    try:
        databases = _databases(parameters, folder, temporary)
    except ValueError:
        shutil.rmtree(temporary, ignore_errors=True)
        raise

    @lru_cache(maxsize=64)  # the rollouts of a group share their reference
    def gold(sql: str) -> _Gold:
        return _Gold(tuple(query(database, sql) for database in databases), has_order(sql))

    def check(rollout: Rollout) -> CheckResult | Unscored:
        right = next(iter(find_answers(rollout, paths)), "")
        if not right:
            return Unscored(Reason.NO_SOURCE, f"no SQL under {' or '.join(paths)}")
        try:
            expected = gold(right)
        except QueryError as error:
            return Unscored(Reason.NO_SOURCE, f"the right SQL {error.kind}")
        if all(_same(expected.results[0], rows, ordered=True) for rows in expected.results[1:]):
            return Unscored(
                Reason.NO_SOURCE, "the right SQL gives the same rows on all seeds: literals would pass"
            )
        return _compared(sql_of(rollout.response), expected, databases)

    weakref.finalize(check, shutil.rmtree, temporary, ignore_errors=True)
    return check


def _databases(parameters: Mapping[str, Any], folder: Path, temporary: Path) -> list[Path]:
    """The files of the databases, one for each seed; new ones are created in ``temporary``."""
    tables = _script(parameters.get("tables", ""), folder, "tables")
    if isinstance(tables, Path):
        raise ValueError("tables: is an SQLite file; name it under seeds instead")
    databases = []
    for i, seed in enumerate(parameters["seeds"]):
        script = _script(seed, folder, f"seeds[{i}]")
        path = script if isinstance(script, Path) else temporary / f"{i}.db"
        databases.append(path)
        if isinstance(script, str):
            try:
                make_database(path, tables, script)
            except QueryError as error:
                raise ValueError(f"seeds[{i}]: {error}") from error
    return databases


def _script(value: str, folder: Path, place: str) -> str | Path:
    """The SQL in a parameter or in the file that it names; for an SQLite file the path."""
    if re.search(r"[\n;(]", value) or not value:
        return value
    try:
        content = (folder / value).read_bytes()
        return folder / value if content.startswith(SQLITE_MAGIC) else content.decode("utf-8")
    except OSError as error:
        remedy = "name a file beside the definition, or write SQL that ends in a semicolon"
        raise ValueError(f"{place}: {value!r} can't be read ({error.strerror}); {remedy}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{place}: {value!r} is neither SQL in UTF-8 nor an SQLite file") from error


def _compared(sql: str, gold: _Gold, databases: list[Path]) -> CheckResult:
    """1 if the query gives the right rows on every database. The detail quotes no SQL."""
    for i, (database, expected) in enumerate(zip(databases, gold.results, strict=True)):
        try:
            rows = query(database, sql)
        except QueryError as error:
            return CheckResult(0.0, f"the SQL {error.kind}")
        if not _same(rows, expected, ordered=gold.ordered):
            return CheckResult(0.0, f"different rows on seed {i}")
    return CheckResult(1.0)


def _same(one: Rows, other: Rows, *, ordered: bool) -> bool:
    return one == other if ordered else Counter(one) == Counter(other)


def sql_of(response: str) -> str:
    """The SQL in a response: its last fence marked as SQL, else its last fence, else the answer."""
    answer = answer_region(response)
    fences = [(match[1].lower(), match[2]) for match in _FENCE.finditer(answer)]
    marked = [text for language, text in fences if language in ("sql", "sqlite")]
    unmarked = [text for _, text in fences]
    return (marked or unmarked or [answer])[-1].strip()


def has_order(sql: str) -> bool:
    """Whether a query orders its result: ORDER BY outside of parentheses, strings and comments."""
    depth = 0
    for word in _WORDS.findall(_IGNORED.sub(" ", sql)):
        if word in "()":
            depth += 1 if word == "(" else -1
        elif depth == 0:
            return True
    return False
