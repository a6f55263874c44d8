"""What looks wrong of a file by its counts: beside its trailer, and beside the last file of its kind.

In: a Reading and what was written of it. Out: guards, of which those that are None hold nothing. Called by
ledger.loading.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet

from reconcile.domain.tables import TABLES, Table, Watched
from reconcile.domain.vocabulary import network_named
from reconcile.feeds import Reading
from reconcile.lake.snapshots import Snapshot
from reconcile.models import Extract, ExtractNetwork

from . import guards


class Shows(NamedTuple):
    """What a file is to show: everything or changes, of which day, and what day it is today."""

    coverage: str
    as_of: date
    today: date


def guards_of(reading: Reading, snapshot: Snapshot, rejected: int, shows: Shows) -> list[guards.Guard | None]:
    """Every guard that a file's counts and its day trip."""
    found = [guards.to_come("The file", shows.as_of, shows.today), guards.rejects(rejected, reading.records)]
    if reading.trailer:
        found.append(guards.trailer(*reading.trailer))
    watched = TABLES[reading.table].watched
    if shows.coverage == Extract.Coverage.FULL and watched:
        before = Extract.objects.filter(table=reading.table, coverage=Extract.Coverage.FULL, as_of__lte=shows.today)
        found += WATCH[watched](reading.table, before, snapshot)
    return found


def _watch_rows(table: Table, before: QuerySet[Extract], snapshot: Snapshot) -> list[guards.Guard | None]:
    last = before.order_by("-as_of", "-pk").first()
    title = TABLES[table].title
    return [guards.rows_changed(title, last.rows if last else 0, snapshot.lines, title.lower())]


def _watch_networks(table: Table, before: QuerySet[Extract], snapshot: Snapshot) -> list[guards.Guard | None]:
    newest = ExtractNetwork.objects.filter(extract__in=before).order_by("-extract__as_of", "-extract")
    found = []
    for row in snapshot.networks:
        last = newest.filter(network__code=row.network).first()
        name = network_named(row.network).name
        found.append(guards.rows_changed(name, last.points if last else 0, row.points, row.network))
    return found


WATCH: dict[Watched, Callable[[Table, QuerySet[Extract], Snapshot], list[guards.Guard | None]]] = {
    Watched.ROWS: _watch_rows,
    Watched.NETWORK_ROWS: _watch_networks,
}
