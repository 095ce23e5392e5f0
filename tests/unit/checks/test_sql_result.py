"""SQL answers: equal rows on several databases, and nothing but a bounded query may run."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from reward_fn.checks._sqlite_query import MAX_ROWS, QueryError, make_database, query
from reward_fn.checks.sql_result import has_order, sql_of
from reward_fn.definition.load import load_definition, load_pinned
from reward_fn.errors import DefinitionError
from reward_fn.types.check import CheckResult
from reward_fn.types.unscored import Unscored
from tests.factory import check, rollout

TABLES = "CREATE TABLE t (n INTEGER, x REAL, s TEXT);"
SEEDS = [
    "INSERT INTO t VALUES (1, 0.1, 'a'), (2, 0.2, 'b'), (2, 0.2, 'b');",
    "INSERT INTO t VALUES (5, 0.7, 'c'), (4, NULL, 'd');",
]
CHECK = check("sql_result", tables=TABLES, seeds=SEEDS)
ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"


def score(answer: str, right: Any = "SELECT n, s FROM t") -> float | None:
    """The score; None for unscored."""
    found = CHECK(rollout(answer, reference_answer=right))
    return found.score if isinstance(found, CheckResult) else None


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "t.db"
    make_database(path, TABLES, SEEDS[0])
    return path


# What is the same


@pytest.mark.parametrize(
    ("answer", "right", "expected"),
    [
        ("SELECT n, s FROM t", "SELECT n, s FROM t", 1.0),
        ("select T.n as number, s from t order by s desc;", "SELECT n, s FROM t", 1.0),
        ("SELECT s, n FROM t", "SELECT n, s FROM t", 0.0),  # the order of columns counts
        ("SELECT DISTINCT n, s FROM t", "SELECT n, s FROM t", 0.0),  # so does how often a row comes
        ("SELECT n FROM t", "SELECT n, s FROM t", 0.0),
        ("SELECT n * 1.0 FROM t", "SELECT n FROM t", 1.0),  # 2.0 is 2
        ("SELECT CAST(n AS TEXT) FROM t", "SELECT n FROM t", 0.0),  # '2' is not
        ("SELECT sum(x) FROM t", "SELECT total(x) FROM t", 1.0),
        ("SELECT 0.1 + 0.2 FROM t", "SELECT 0.3 FROM t", 1.0),  # equal to 12 digits
        ("SELECT x FROM t WHERE n >= 4 OR n < 4", "SELECT x FROM t", 1.0),  # NULL is NULL
        ("SELECT s FROM t ORDER BY n DESC", "SELECT s FROM t ORDER BY n DESC", 1.0),
        ("SELECT s FROM t ORDER BY n", "SELECT s FROM t ORDER BY n DESC", 0.0),
        ("SELECT s FROM t", "SELECT s FROM (SELECT s FROM t ORDER BY n)", 1.0),  # an inner order is none
    ],
)
def test_rows_are_compared_as_a_multiset_and_in_order_where_the_right_sql_orders(
    answer: str, right: str, expected: float
) -> None:
    assert score(answer, right) == expected


def test_a_literal_that_is_right_on_one_seed_earns_nothing() -> None:
    found = CHECK(rollout("SELECT 2", reference_answer="SELECT max(n) FROM t"))
    assert found == CheckResult(0.0, "different rows on seed 1")  # 5 there


@pytest.mark.parametrize(
    "right", ["SELECT 1", "SELECT n FROM t WHERE n > 100", "SELECT count(DISTINCT 1) FROM t"]
)
def test_a_reference_that_literals_would_meet_leaves_the_rollout_unscored(right: str) -> None:
    found = CHECK(rollout("SELECT 1", reference_answer=right))
    assert isinstance(found, Unscored)
    assert found.detail == "the right SQL gives the same rows on all seeds: literals would pass"


@pytest.mark.parametrize(
    "right", [None, "", "SELECT nope FROM t", "DELETE FROM t", f"{ENDLESS} SELECT n FROM r"]
)
def test_without_right_sql_that_runs_the_rollout_is_unscored(right: Any) -> None:
    assert score("SELECT n, s FROM t", right) is None


@pytest.mark.parametrize(
    "sql", ["SELECT 1 ORDER BY 1", "SELECT 1 order\nby 1", "(SELECT 1) ORDER BY 1", "SELECT ')' ORDER BY 1"]
)
def test_an_outer_order_is_seen(sql: str) -> None:
    assert has_order(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT (SELECT 1 ORDER BY 1)",
        "SELECT row_number() OVER (ORDER BY n) FROM t",
        "SELECT 'ORDER BY'",
        "SELECT 1 -- ORDER BY 1",
        "SELECT 1 /* ORDER BY 1 */",
        'SELECT "order by" FROM t',
    ],
)
def test_an_inner_order_and_a_text_are_not(sql: str) -> None:
    assert not has_order(sql)


# Where the SQL stands


@pytest.mark.parametrize(
    ("response", "sql"),
    [
        ("SELECT 1", "SELECT 1"),
        (" SELECT 1;\n", "SELECT 1;"),
        ("First:\n```sql\nSELECT 0\n```\nBetter:\n```SQL\nSELECT 1\n```\nDone.", "SELECT 1"),
        ("```sql\nSELECT 1\n```\nIts result:\n```\n1\n```", "SELECT 1"),
        ("```\nSELECT 1\n```", "SELECT 1"),
        ("<think>```sql\nSELECT 0\n```</think>\n```sql\nSELECT 1\n```", "SELECT 1"),
    ],
)
def test_the_last_fence_of_sql_is_the_answer_else_the_whole_text(response: str, sql: str) -> None:
    assert sql_of(response) == sql


# What may run


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM t",
        "INSERT INTO t VALUES (1, 1, 1)",
        "UPDATE t SET n = 0",
        "DROP TABLE t",
        "CREATE TABLE u (n)",
        "CREATE TEMP TABLE u AS SELECT 1",
        "PRAGMA table_info(t)",
        "SELECT * FROM pragma_database_list",
        "ATTACH ':memory:' AS other",
        "VACUUM",
        "VACUUM INTO 'copy.db'",
        "BEGIN",
        "REINDEX",
        "SELECT load_extension('x')",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE t",
        "-- nothing",
        "",
        "SELECT ?",
        "SELECT \x00 1",
        "SELECT " + "(" * 1000 + "1" + ")" * 1000,
        "SELECT 1" + " UNION SELECT 1" * 1000,
        "SELECT " + "1," * 20_000 + "1",
        "SELECT CAST(x'ff' AS TEXT)",
    ],
)
def test_nothing_but_one_plain_query_runs(database: Path, sql: str) -> None:
    before = database.read_bytes()
    with pytest.raises(QueryError):
        query(database, sql)
    assert database.read_bytes() == before
    assert sorted(path.name for path in database.parent.iterdir()) == ["t.db"]


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        (f"{ENDLESS} SELECT count(*) FROM r", "takes too long"),
        (f"{ENDLESS} SELECT n FROM r", f"gives more than {MAX_ROWS} rows"),
        ("SELECT zeroblob(1000000000)", "fails (DataError)"),
        (f"{ENDLESS} SELECT hex(zeroblob(40000)) FROM r LIMIT 100", "gives more than"),
        (
            f"{ENDLESS} SELECT hex(zeroblob(49000)) AS h FROM r ORDER BY h",
            ("fails (MemoryError)", "takes too long"),
        ),
        ("SELECT 'a' LIKE '" + "%a" * 1000 + "'", "fails (OperationalError)"),
    ],
)
def test_a_query_ends_within_its_bounds(database: Path, sql: str, kind: str | tuple[str, ...]) -> None:
    with pytest.raises(QueryError) as caught:
        query(database, sql)
    assert caught.value.kind.startswith(kind)


def test_as_many_rows_as_are_allowed_are_read(database: Path) -> None:
    assert len(query(database, f"{ENDLESS} SELECT n FROM r LIMIT {MAX_ROWS}")) == MAX_ROWS


def test_a_query_leaves_nothing_for_the_next_one(database: Path) -> None:
    for sql in ("DELETE FROM t", f"{ENDLESS} SELECT count(*) FROM r", "SELECT nope"):
        with pytest.raises(QueryError):
            query(database, sql)
    assert query(database, "SELECT count(*) FROM t") == ((3,),)


def test_the_detail_quotes_no_sql() -> None:
    found = CHECK(rollout("SELECT secret_column FROM t", reference_answer="SELECT n FROM t"))
    assert found == CheckResult(0.0, "the SQL fails (OperationalError)")


# The definition


def definition(**keys: str) -> str:
    lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
    return f'name = "shop"\n[[score]]\ncheck = "sql_result"\n{lines}'


def test_tables_and_seeds_may_be_files_and_are_part_of_the_version(tmp_path: Path) -> None:
    (tmp_path / "tables.sql").write_text(TABLES)
    for i, seed in enumerate(SEEDS):
        (tmp_path / f"seed{i}.sql").write_text(seed)
    path = tmp_path / "shop.toml"
    path.write_text(definition(tables='"tables.sql"', seeds='["seed0.sql", "seed1.sql"]'))
    one = load_definition(str(path))
    found = one.scores[0].check(rollout("SELECT n FROM t", reference_answer="SELECT n FROM t"))
    assert found == CheckResult(1.0)
    (tmp_path / "seed1.sql").write_text("INSERT INTO t VALUES (9, 9, 9);")
    assert load_definition(str(path)).version != one.version


def test_a_seed_may_be_an_sqlite_file(tmp_path: Path) -> None:
    for i, seed in enumerate(SEEDS):
        with closing(sqlite3.connect(tmp_path / f"{i}.db")) as connection:
            connection.executescript(TABLES + seed)
    made = check("sql_result", tmp_path, seeds=["0.db", "1.db"])
    assert made(rollout("SELECT n FROM t", reference_answer="SELECT n FROM t")) == CheckResult(1.0)


def test_a_stored_definition_holds_its_sql_itself() -> None:
    written = definition(tables=f'"{TABLES}"', seeds=f'["{SEEDS[0]}", "{SEEDS[1]}"]')
    assert load_pinned(written.encode(), "ssm:/shop:1").scores
    with pytest.raises(DefinitionError, match=r"score\[0\]\.seeds"):
        load_pinned(definition(tables=f'"{TABLES}"', seeds='["a.sql", "b.sql"]').encode(), "ssm:/shop:1")


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"seeds": '["INSERT INTO t VALUES (1);"]'}, "score[0].seeds"),
        (
            {"tables": f'"{TABLES}"', "seeds": '["SELECT 1;", "INSERT INTO nope VALUES (1);"]'},
            "seeds[1]: fails: no such",
        ),
        ({"tables": '"CREATE TABLE;"', "seeds": '["SELECT 1;", "SELECT 2;"]'}, "seeds[0]: fails: near"),
        (
            {"tables": '"missing.sql"', "seeds": '["SELECT 1;", "SELECT 2;"]'},
            "tables: 'missing.sql' can't be read",
        ),
        (
            {"tables": '"odd.sql"', "seeds": '["SELECT 1;", "SELECT 2;"]'},
            "neither SQL in UTF-8 nor an SQLite file",
        ),
    ],
)
def test_a_database_that_can_t_be_made_is_a_mistake_with_its_place(
    tmp_path: Path, keys: dict[str, str], named: str
) -> None:
    (tmp_path / "odd.sql").write_bytes(b"\xff\xfe")
    path = tmp_path / "shop.toml"
    path.write_text(definition(**keys))
    with pytest.raises(DefinitionError) as caught:
        load_definition(str(path))
    assert named in str(caught.value)
