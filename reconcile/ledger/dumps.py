"""The rows of the database in files, and back: SQLite's own backup, or PostgreSQL's COPY, table by table.

In: a folder. Out: files in it; the columns of each table. Called by ledger.backups.
"""

import sqlite3
from pathlib import Path

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

SQLITE = "database.sqlite3"
RECORDED_BY_MIGRATE = "django_migrations"
Columns = dict[str, list[str]]
"""table -> its columns, in the order in which they are written."""


def write(folder: Path) -> Columns:
    """Every row as it stood at one moment."""
    folder.mkdir(parents=True)
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(folder / SQLITE) as target:
            connection.connection.backup(target)
        target.close()
        return {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        tables = {table: _columns(table) for table in _tables()}
        for table, columns in tables.items():
            with (folder / table).open("wb") as file, cursor.copy(_copy(table, columns, "TO STDOUT")) as rows:
                for data in rows:
                    file.write(data)
    return tables


def read(folder: Path, tables: Columns) -> None:
    """Put the rows into tables of the same migrations, whatever these hold."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        source = sqlite3.connect(folder / SQLITE)
        source.backup(connection.connection)
        source.close()
        return
    names = ", ".join(map(connection.ops.quote_name, tables))
    # References are checked at the end of the transaction, so that the order of the tables is no matter.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} CASCADE")
        for table, columns in tables.items():
            with (folder / table).open("rb") as file, cursor.copy(_copy(table, columns, "FROM STDIN")) as rows:
                while data := file.read(1 << 20):
                    rows.write(data)
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True)):
            cursor.execute(statement)


def _tables() -> list[str]:
    ours = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(table for table in ours if table != RECORDED_BY_MIGRATE)


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def _copy(table: str, columns: list[str], where: str) -> str:
    names = ", ".join(map(connection.ops.quote_name, columns))
    return f"COPY {connection.ops.quote_name(table)} ({names}) {where} (FORMAT binary)"
