"""What extracts and updates tell of one Meter Point's flag, each by itself.

In: the rows of snapshots and a number. Out: which of them tell what. Called by ledger.queries, for the timeline.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from .store import asking, quoted


def told_by(snapshots: Mapping[int, Path], mpxn: int) -> dict[int, tuple[str, date | None]]:
    """Key of a snapshot of flags -> the flag (empty: none) that it tells and from when; of two, the later is used."""
    if not snapshots:
        return {}
    by_path = {str(path): key for key, path in snapshots.items()}
    with asking() as con:
        rows = con.execute(
            f"""
            SELECT filename, coalesce(flag, ''), flag_from
            FROM read_parquet({quoted(*snapshots.values())}, filename = true, union_by_name = true) WHERE mpxn = ?
            ORDER BY flag_from NULLS FIRST
            """,
            [mpxn],
        ).fetchall()
    return {by_path[path]: (flag, flag_from) for path, flag, flag_from in rows}
