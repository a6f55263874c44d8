"""What files tell of one Meter Point, each by itself: extracts and updates of its flag, inventories of its devices.

In: snapshots and a number. Out: which of them tell what. Called by ledger.queries, for the timeline: of months of files
that takes many times as long as the verdict, which reads the newest alone.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from reconcile.domain.timeline import Shown
from reconcile.feeds.values.devices import eui_64_text

from .contract import Source
from .store import asking, quoted

Said = tuple[str, date | None]
"""A flag, empty for none, and from when."""


def told_by(snapshots: Mapping[int, Path], mpxn: int) -> dict[int, Said]:
    """Key of a snapshot of flags -> the flag that it tells; of two, the one that counts (lake.snapshots)."""
    if not snapshots:
        return {}
    by_path = {str(path): key for key, path in snapshots.items()}
    with asking() as con:
        rows = con.execute(
            f"""
            SELECT filename, coalesce(flag, ''), flag_from
            FROM read_parquet({quoted(*snapshots.values())}, filename = true, union_by_name = true) WHERE mpxn = ?
            ORDER BY flag_from NULLS FIRST, flag DESC NULLS FIRST
            """,
            [mpxn],
        ).fetchall()
    return {by_path[path]: (flag, flag_from) for path, flag, flag_from in rows}


def shown_by(inventories: Iterable[Source], mpxn: int) -> list[Shown]:
    """The devices of a Meter Point, each with its status, on the day of each inventory; in the order of days."""
    days = {str(one.rows): one.as_of for one in inventories}
    if not days:
        return []
    with asking() as con:
        rows = con.execute(
            f"""
            SELECT DISTINCT filename, device_id, status, status_from
            FROM read_parquet({quoted(*map(Path, days))}, filename = true) WHERE mpxn = ? AND status IS NOT NULL
            """,
            [mpxn],
        ).fetchall()
    found = (Shown(days[path], eui_64_text(device), status, since) for path, device, status, since in rows)
    return sorted(found, key=lambda one: (one.as_of, one.device_id, one.status))
