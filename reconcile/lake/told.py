"""What extracts and updates tell of one Meter Point's flag, each by itself.

In: the rows of snapshots and a number. Out: which of them tell what. Called by ledger.queries, for the timeline.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import duckdb

from .store import connect, quoted


def told_by(snapshots: Mapping[int, Path], mpxn: int) -> dict[int, tuple[str, date | None]]:
    """Key of a snapshot of flags -> the flag (empty: none) that it tells and from when; of two, the later is used."""
    if not snapshots:
        return {}
    by_path = {str(path): key for key, path in snapshots.items()}
    with _connection().cursor() as con:
        rows = con.execute(
            f"""
            SELECT filename, coalesce(flag, ''), flag_from
            FROM read_parquet({quoted(*snapshots.values())}, filename = true, union_by_name = true) WHERE mpxn = ?
            ORDER BY flag_from NULLS FIRST
            """,
            [mpxn],
        ).fetchall()
    return {by_path[path]: (flag, flag_from) for path, flag, flag_from in rows}


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """One for all questions: a published snapshot never changes, so what its file is made of is read once."""
    con = connect()
    con.execute("SET GLOBAL parquet_metadata_cache = true")
    return con
