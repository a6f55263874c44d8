"""An extract becomes visible: its rows are written aside, its folder is named, and one row of the database shows it.

In: canonical rows; then an Extract that is not saved yet. Out: a Snapshot; then the Extract that stands.
Called by ledger.loading.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
from django.db import IntegrityError, transaction

from reconcile.domain.vocabulary import UNKNOWN_GAS, network_named
from reconcile.lake import checksums, snapshots, store
from reconcile.models import Extract, ExtractNetwork, Party

from .inputs import readable, seen_in
from .stopping import Stopped


def write(
    con: duckdb.DuckDBPyConnection, folder: Path, rows: snapshots.Rows, *, as_of: date, coverage: str
) -> snapshots.Snapshot:
    """Write the rows of an extract to a folder aside. Raises NotCanonical."""
    folder.mkdir()
    earlier = readable().filter(table=rows.table, as_of__lt=as_of)
    seen_before = [store.kept(one, name) for one in earlier for name in seen_in(one)]
    delta = coverage == Extract.Coverage.DELTA
    snapshot = snapshots.write(con, folder, rows, delta=delta, seen_before=seen_before)
    if not delta:
        return snapshot
    # An update of gas flags names no network: it is that of the point in the full extract.
    return replace(snapshot, networks=tuple(row for row in snapshot.networks if row.network != UNKNOWN_GAS))


def publish(extract: Extract, folder: Path, snapshot: snapshots.Snapshot, last_word: Callable[[], None]) -> Extract:
    """Name the folder, then commit the row that makes it visible; whoever loads the same bytes at once finds that.

    `last_word` is said within the transaction, and can still stop it by raising Stopped.
    """
    extract.checksums = checksums.checksums(folder)
    extract.snapshot = store.publish(folder, f"{extract.table}/{extract.as_of}")
    try:
        with transaction.atomic():
            extract.save()
            _save_parties(extract, snapshot)
            last_word()
    except IntegrityError:
        store.remove(extract.snapshot)
        return Extract.objects.get(sha256=extract.sha256, as_of=extract.as_of)
    except Stopped:
        store.remove(extract.snapshot)
        raise
    return extract


def bring_back(standing: Extract, folder: Path) -> Extract:
    """Give an extract whose rows were thinned away or damaged its rows again; what was known of it stands."""
    files = checksums.checksums(folder)
    name = store.publish(folder, f"{standing.table}/{standing.as_of}")
    as_it_was = Extract.objects.filter(pk=standing.pk, snapshot=standing.snapshot)
    if not as_it_was.update(snapshot=name, thinned_at=None, checksums=files, checked_at=None, damage=""):
        store.remove(name)
    return Extract.objects.get(pk=standing.pk)


def _save_parties(extract: Extract, snapshot: snapshots.Snapshot) -> None:
    Party.objects.bulk_create(
        [_network_party(row.network) for row in snapshot.networks]
        + [Party(kind=Party.Kind.SUPPLIER, code=code, name=f"Supplier {code}") for code in snapshot.suppliers],
        ignore_conflicts=True,
    )
    ids = dict(Party.objects.filter(kind=Party.Kind.NETWORK).values_list("code", "pk"))
    ExtractNetwork.objects.bulk_create(
        ExtractNetwork(extract=extract, network_id=ids[row.network], points=row.points, active=row.active)
        for row in snapshot.networks
    )


def _network_party(code: str) -> Party:
    network = network_named(code)
    return Party(kind=Party.Kind.NETWORK, code=code, name=network.name, fuel=network.fuel, mpid=network.mpid)
