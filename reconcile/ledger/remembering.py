"""Which points ever had a live meter, worked out again without the inventories that were withdrawn.

In: the marks of withdrawals. Out: files beside those inventories that show the same points. Called by ledger.record
before a run, and by ledger.retention before rows go.
"""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import duckdb
from django.db.models import QuerySet

from reconcile.domain.tables import Table
from reconcile.lake import checksums, snapshots, store
from reconcile.models import Extract

from .inputs import readable, seen_in

CLOCKS_DIFFER = timedelta(minutes=5)
"""By so much two machines may differ about when something was."""


def make_up() -> None:
    """Let each inventory that is read remember what it shows of what a withdrawn one had been the first to show.

    An inventory keeps only the points that none before it had shown. Those that a withdrawn one kept are looked for in
    the later ones that were loaded while it counted. What is written is true whether or not it stays withdrawn.
    """
    gone = Extract.objects.filter(table=Table.DEVICES, withdrawn_at__isnull=False).order_by("as_of", "pk")
    for inventory in gone:
        later = readable().filter(table=Table.DEVICES, as_of__gt=inventory.as_of).order_by("as_of", "pk")
        started_before = inventory.withdrawn_at + CLOCKS_DIFFER if inventory.withdrawn_at else None
        _hand_over(inventory, later.filter(loaded_at__lte=started_before))


def _hand_over(gone: Extract, later: QuerySet[Extract]) -> None:
    name = store.SEEN_TOO.format(gone.pk)
    waiting = [extract for extract in later if name not in extract.checksums and not extract.thinned_at]
    if not waiting:
        return
    with store.scratch() as folder, store.connected(folder) as con:
        con.execute(f"CREATE TABLE left_over AS SELECT DISTINCT mpxn FROM ({_read(_paths(gone, seen_in(gone)))})")
        for extract in later:
            if extract in waiting:
                _add(con, folder, extract, name)
            if extract in waiting or name in extract.checksums:
                con.execute(f"DELETE FROM left_over WHERE mpxn IN ({_read(_paths(extract, [name]))})")


def _add(con: duckdb.DuckDBPyConnection, folder: Path, extract: Extract, name: str) -> None:
    """Write which of the points that are left over an inventory shows with a live meter."""
    shown = f"SELECT DISTINCT mpxn FROM ({_read(_paths(extract, [store.ROWS]))}) WHERE {snapshots.LIVE_METER}"
    snapshots.write_sorted(con, f"FROM ({shown}) SEMI JOIN left_over USING (mpxn)", folder / name)
    sums = checksums.checksums(folder)
    store.add(extract.snapshot, folder, name)
    same = Extract.objects.filter(pk=extract.pk, snapshot=extract.snapshot)
    same.update(checksums={**extract.checksums, name: sums[name]})


def _paths(extract: Extract, names: Iterable[str]) -> list[Path]:
    return [store.kept(extract, name) for name in names]


def _read(paths: list[Path]) -> str:
    return f"FROM read_parquet({store.quoted(*paths)})"
