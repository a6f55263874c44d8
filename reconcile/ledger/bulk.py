"""Many rows between DuckDB and the relational database: COPY on PostgreSQL, prepared statements on SQLite.

In: SQL over a DuckDB, or over the database. Rows come sorted by key, which is what keeps four indexes cheap.
Called by ledger.record, inside its transaction.
"""

import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
from django.conf import settings
from django.db import connection

BATCH = 20_000
BLOCK = 1 << 20


def insert(con: duckdb.DuckDBPyConnection, query: str, table: str, columns: tuple[str, ...]) -> int:
    """Insert what `query` gives, in its order and with dates as text, into `columns` of `table`; gives the count."""
    names = ", ".join(f'"{column}"' for column in columns)
    if connection.vendor == "postgresql":
        return _copy_in(con, query, f"COPY {table} ({names}) FROM STDIN (FORMAT csv, NULL '\\N')")
    marks = ", ".join("?" * len(columns))
    rows = con.execute(query)
    count = 0
    with connection.cursor() as cursor:
        while batch := rows.fetchmany(BATCH):
            # The driver's own cursor: Django's would scan each statement's text for %s.
            cursor.cursor.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", batch)
            count += len(batch)
    return count


def _copy_in(con: duckdb.DuckDBPyConnection, query: str, statement: str) -> int:
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        path = Path(folder) / "rows.csv"
        done = con.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER false, NULLSTR '\\N')").fetchone()
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


def read(con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, pa.DataType], target: str, where: str) -> None:
    """Make the DuckDB table `target` of the rows of a database table; a pa.date32 column comes as a date."""
    # Dates and booleans come as text and numbers: SQLite's driver would make each a Python object of its own.
    plain = {name: pa.string() if kind == pa.date32() else kind for name, kind in columns.items()}
    selected = ", ".join(_selected(name, kind) for name, kind in columns.items())
    dates = ", ".join(f"{name}::DATE AS {name}" for name, kind in columns.items() if kind == pa.date32())
    read_query(con, f"SELECT {selected} FROM {table} WHERE {where}", (), plain, f"plain_{target}")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {target} AS SELECT * {f'REPLACE ({dates})' if dates else ''} FROM plain_{target}"
    )
    con.execute(f"DROP TABLE plain_{target}")


def read_query(
    con: duckdb.DuckDBPyConnection, sql: str, values: tuple, columns: dict[str, pa.DataType], target: str
) -> None:
    """Make the DuckDB table `target` of what a query of the database gives, column by column and batch by batch."""
    schema = pa.schema(list(columns.items()))
    con.register("incoming", schema.empty_table())
    con.execute(f"CREATE OR REPLACE TEMP TABLE {target} AS FROM incoming")
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        while batch := cursor.fetchmany(BATCH):
            pairs = zip(zip(*batch, strict=True), columns.values(), strict=True)
            arrays = [pa.array(column, kind) for column, kind in pairs]
            con.register("incoming", pa.Table.from_arrays(arrays, schema=schema))
            con.execute(f"INSERT INTO {target} FROM incoming")
    con.unregister("incoming")


def _selected(name: str, kind: pa.DataType) -> str:
    if kind == pa.date32():
        return f'CAST("{name}" AS TEXT)'
    return f'CAST("{name}" AS INTEGER)' if kind == pa.uint8() else f'"{name}"'
