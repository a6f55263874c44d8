"""Many rows between DuckDB and the relational database: COPY on PostgreSQL, prepared statements on SQLite.

In: SQL over a DuckDB, or over the database. Rows come sorted by key, which is what keeps four indexes cheap.
Called by ledger.record, inside its transaction, and by ledger.export.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg import ClientCursor

from reconcile.feeds.sql import literal
from reconcile.lake import store

BATCH = 20_000
BLOCK = 1 << 20
NULL = "\\N"
WORDS = {"rule", "severity", "flag", "expected", "state", "opened_as", "kind"}
"""Columns that hold nothing but the product's own words, which need no quotation marks."""
PARTIES = {"id": "BIGINT", "kind": "VARCHAR", "code": "VARCHAR"}


def insert(
    con: duckdb.DuckDBPyConnection,
    query: str,
    table: str,
    columns: tuple[str, ...],
    same: Mapping[str, str | int] | None = None,
) -> int:
    """Insert what `query` gives, in its order and with dates as text, into `columns` of `table`; gives the count.

    `same`: further columns that hold one value in every row, which then is not carried over for each.
    """
    given = {name: literal(value) if isinstance(value, str) else value for name, value in (same or {}).items()}
    names = ", ".join(f'"{column}"' for column in (*columns, *given))
    constants = "".join(f", {value}" for value in given.values())
    if connection.vendor == "postgresql":
        statement = f"COPY {table} ({names}) FROM STDIN (FORMAT csv, NULL '{NULL}')"
        return _copy_in(con, f"SELECT *{constants} FROM ({query})", statement)
    marks = ", ".join("?" * len(columns))
    rows = con.execute(query)
    count = 0
    with connection.cursor() as cursor:
        while batch := rows.fetchmany(BATCH):
            # The driver's own cursor: Django's would scan each statement's text for %s.
            cursor.cursor.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks}{constants})", batch)
            count += len(batch)
    return count


def _copy_in(con: duckdb.DuckDBPyConnection, query: str, statement: str) -> int:
    with _aside() as path:
        done = con.execute(f"COPY ({query}) TO {literal(path)} (FORMAT csv, HEADER false, NULLSTR '{NULL}')").fetchone()
        with connection.cursor() as cursor, cursor.copy(statement) as copy, path.open("rb") as file:
            while block := file.read(BLOCK):
                copy.write(block)
    return int(done[0]) if done else 0


def update(con: duckdb.DuckDBPyConnection, query: str, table: str, columns: tuple[str, ...]) -> int:
    """Set `columns[1:]` of the rows whose key `columns[0]` the query gives; gives the count."""
    names = ", ".join(f'"{column}"' for column in columns)
    key, *changed = columns
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE changes AS SELECT {names} FROM {table} WHERE 1 = 0")
        count = insert(con, query, "changes", columns)
        sets = ", ".join(f'"{column}" = changes."{column}"' for column in changed)
        cursor.execute(f'UPDATE {table} SET {sets} FROM changes WHERE {table}."{key}" = changes."{key}"')
        cursor.execute("DROP TABLE changes")
    return count


def read_rows(con: duckdb.DuckDBPyConnection, rows: QuerySet[Any], columns: dict[str, str], target: str) -> None:
    """Make the DuckDB table `target` of the rows of a query. `columns`: name -> DuckDB type."""
    try:
        sql, values = rows.order_by().values_list(*columns).query.sql_with_params()
    except EmptyResultSet:
        # Django knows that nothing can be found, in an empty scope say, and has no query for it.
        sql, values = f"SELECT {', '.join(f'NULL AS {name}' for name in columns)} WHERE 1 = 0", ()
    _read(con, sql, values, columns, target)


def _read(
    con: duckdb.DuckDBPyConnection, sql: str, values: tuple[Any, ...], columns: dict[str, str], target: str
) -> None:
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    with _aside() as path:
        if connection.vendor == "postgresql":
            _copy_out(sql, values, path)
        else:
            _lines_out(sql, values, columns, path)
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE {target} AS
            FROM read_csv({literal(path)}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"',
                nullstr = '{NULL}', allow_quoted_nulls = false, columns = {{{types}}})
        """)


def _copy_out(sql: str, values: tuple[Any, ...], path: Path) -> None:
    with connection.cursor() as cursor:
        # The values are put in here: a cursor of Django that notes what is asked takes none with a COPY.
        asked = ClientCursor(cursor.connection).mogrify(sql, values) if values else sql
        with cursor.copy(f"COPY ({asked}) TO STDOUT (FORMAT csv, NULL '{NULL}')") as copy, path.open("wb") as file:
            for block in copy:
                file.write(block)


def _lines_out(sql: str, values: tuple[Any, ...], columns: dict[str, str], path: Path) -> None:
    # SQLite puts each row together as one text: a Python object a row, where every value would be one. With printf it
    # does so in one go; joining with || would copy what is there already at every step. %% is Django's for %.
    line = f"printf('{','.join(['%%s'] * len(columns))}', {', '.join(_written(*column) for column in columns.items())})"
    with connection.cursor() as cursor, path.open("w", encoding="utf-8", newline="") as file:
        cursor.execute(f"SELECT {line} FROM ({sql})", values)
        while batch := cursor.fetchmany(BATCH):
            file.writelines(f"{text}\n" for (text,) in batch)


def _written(name: str, kind: str) -> str:
    """A column as CSV; a text that is not one of our own words may hold anything."""
    if kind == "VARCHAR" and name not in WORDS:
        return f"""coalesce('"' || replace("{name}", '"', '""') || '"', '{NULL}')"""
    return f"""coalesce("{name}", '{NULL}')"""


@contextmanager
def _aside() -> Iterator[Path]:
    """The path of a file that is gone at the end, or swept up if its worker is killed."""
    with store.scratch() as folder:
        yield folder / "rows.csv"
