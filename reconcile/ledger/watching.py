"""A file beside the last one of the same network and kind: what looks wrong of its counts, and what a person is shown.

In: a Reading and what was written of it. Out: guards, of which those that are None hold nothing; Besides, and what
approving would do. Called by ledger.loading.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber

from reconcile.domain.tables import TABLES, Table, Watched
from reconcile.domain.vocabulary import network_named
from reconcile.feeds import Reading
from reconcile.feeds.formats.device_rows import POINTS
from reconcile.lake.snapshots import NetworkRows, Snapshot
from reconcile.models import Extract, ExtractNetwork

from . import guards
from .inputs import readable


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
        found += WATCH[watched](reading, _before(reading.kind, shows), snapshot)
    return found


def _before(kind: str, shows: Shows) -> QuerySet[Extract]:
    """The files of the same kind and coverage that are no younger than this one; one of a day to come is none."""
    found = readable().filter(kind=kind, coverage=shows.coverage, as_of__lte=min(shows.as_of, shows.today))
    return found.order_by("-as_of", "-pk")


def _of_networks(before: QuerySet[Extract], snapshot: Snapshot) -> dict[str, ExtractNetwork]:
    """The last extract of each network of a file, by its code: one question, however many there are."""
    codes = [row.network for row in snapshot.networks]
    newest_first = Window(RowNumber(), partition_by="network", order_by=["-extract__as_of", "-extract"])
    rows = ExtractNetwork.objects.filter(extract__in=before.order_by(), network__code__in=codes)
    latest = rows.annotate(place=newest_first).filter(place=1).select_related("extract", "network")
    return {row.network.code: row for row in latest}


def _watch_rows(reading: Reading, before: QuerySet[Extract], snapshot: Snapshot) -> list[guards.Guard | None]:
    last = before.first()
    title = TABLES[reading.table].title
    rows = guards.rows_changed(title, last.rows if last else 0, snapshot.lines, title.lower())
    return [rows, guards.columns_lost(_columns_lost(reading, last) if last else {})]


def _columns_lost(reading: Reading, last: Extract) -> dict[str, str]:
    found = reading.columns.found
    had = last.report.get("found", {}) if found else {}
    return {meaning: had[meaning] for meaning in POINTS if meaning in had and meaning not in found}


def _watch_networks(reading: Reading, before: QuerySet[Extract], snapshot: Snapshot) -> list[guards.Guard | None]:
    found, before_it = [], _of_networks(before, snapshot)
    for row in snapshot.networks:
        last = before_it.get(row.network)
        name = network_named(row.network).name
        found.append(guards.rows_changed(name, last.points if last else 0, row.points, row.network))
    return found


WATCH: dict[Watched, Callable[[Reading, QuerySet[Extract], Snapshot], list[guards.Guard | None]]] = {
    Watched.ROWS: _watch_rows,
    Watched.NETWORK_ROWS: _watch_networks,
}


def beside(reading: Reading, snapshot: Snapshot, rejected: int, shows: Shows) -> list[dict[str, Any]]:
    """The file and the last one of each of its networks and its kind, as guards.beside gives them."""
    before = _before(reading.kind, shows)
    if not snapshot.networks:
        return [_whole(reading.table, before.first(), snapshot, rejected)]
    before_it = _of_networks(before, snapshot)
    found = [_network(row, before_it.get(row.network)) for row in snapshot.networks]
    if len(found) == 1:
        last = before_it.get(snapshot.networks[0].network)
        found[0]["figures"].append(guards.figure("Rejected lines", last.extract.rejects if last else None, rejected))
    return found


def _whole(table: Table, last: Extract | None, snapshot: Snapshot, rejected: int) -> dict[str, Any]:
    figures = [
        guards.figure("Rows", last.rows if last else None, snapshot.lines),
        guards.figure("Rejected lines", last.rejects if last else None, rejected),
    ]
    return {"title": TABLES[table].title, "last": _named(last), "figures": figures}


def _network(row: NetworkRows, last: ExtractNetwork | None) -> dict[str, Any]:
    figures = [
        guards.figure("Meter Points", last.points if last else None, row.points),
        guards.figure("Flagged A", last.active if last else None, row.active),
    ]
    return {
        "title": network_named(row.network).name,
        "last": _named(last.extract if last else None),
        "figures": figures,
    }


def _named(last: Extract | None) -> dict[str, Any] | None:
    return {"extract": last.pk, "name": last.name, "as_of": last.as_of.isoformat()} if last else None


def would(reading: Reading, snapshot: Snapshot, rejected: int, shows: Shows) -> list[str]:
    """What approving would do, in sentences."""
    left_out = f", and {rejected:,} lines are left out" if rejected else ""
    title = TABLES[reading.table].title
    return [
        f"{snapshot.lines:,} rows are loaded as {title}, {shows.coverage}, of {shows.as_of:%-d %b %Y}{left_out}.",
        *(_replaced(reading.table, snapshot, shows) if shows.coverage == Extract.Coverage.FULL else ()),
    ]


def _replaced(table: Table, snapshot: Snapshot, shows: Shows) -> Iterator[str]:
    """Of which extracts this one would take the place."""
    usable = readable().filter(table=table, coverage=Extract.Coverage.FULL, as_of__lte=shows.today)
    newest = usable.order_by("-as_of", "-pk")
    if not snapshot.networks:
        yield _instead("every Network Party", newest.first(), shows)
    before_it = _of_networks(newest, snapshot)
    for row in snapshot.networks:
        last = before_it.get(row.network)
        yield _instead(network_named(row.network).name, last.extract if last else None, shows)


def _instead(what: str, last: Extract | None, shows: Shows) -> str:
    if last is None:
        return f"The next run reads it for {what}, which has none yet."
    told = f"{last.name} of {last.as_of:%-d %b %Y}"
    if last.as_of > shows.as_of:
        return f"The next run still reads {told} for {what}: that is younger."
    return f"The next run reads it for {what} instead of {told}."
