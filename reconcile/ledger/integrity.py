"""Whether the files of snapshots are what was written: asked before a run reads one first, every night, by command.

In: rows of Extract and Run. Out: those that are damaged or missing, recorded as such; Damaged. Called by
ledger.loading, record, export and work.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from itertools import chain
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import F, Q

from reconcile.domain.tables import Table
from reconcile.lake import holdings, store
from reconcile.models import Extract, Run

from .heartbeat import Report

Stored = Extract | Run
LONGEST = 200
"""Characters that are kept of what is wrong with a snapshot."""


class Damaged(Exception):
    """What the work would read is not what was written; names the snapshots and says what to do."""


def advice(row: Stored) -> str:
    """What is wrong with a snapshot and how to have it again, in words."""
    again = (
        "load the file again" if isinstance(row, Extract) else "go on without its list: its totals and the ledger stand"
    )
    return f"{title(row)} ({row.snapshot}): {row.damage}. Restore it from the backup, or {again}."


def title(row: Stored) -> str:
    """How people know a snapshot."""
    return row.name if isinstance(row, Extract) else f"What the run as of {row.as_of:%-d %b %Y} found"


def damaged(rows: Iterable[Stored], *, now: datetime) -> list[Stored]:
    """Compare the files of each with their checksums, and record the outcome; gives those that are not whole.

    A snapshot from before there were checksums gets those of the files that it has now.
    """
    return [row for row in rows if _check(row, now)]


def refuse_damaged(extracts: Iterable[int], *, until: date, now: datetime, anew: bool = False) -> None:
    """Raises Damaged where a run's inputs are not what was written. Those that were whole once are not read again.

    `extracts`: ids; besides them a run reads what every inventory `until` its day showed. `anew`: read them all.
    """
    read = Extract.objects.filter(Q(pk__in=list(extracts)) | Q(table=Table.DEVICES, as_of__lte=until))
    unread = read if anew else read.filter(Q(checked_at=None) | ~Q(damage=""))
    refuse(damaged(unread.order_by("as_of", "pk"), now=now))


def refuse(found: Sequence[Stored]) -> None:
    """Raises Damaged, which names the first of them, unless there are none."""
    if found:
        raise Damaged(" ".join(map(advice, found[:3])) + (f" And {len(found) - 3} more." if len(found) > 3 else ""))


def verify(*, sample: bool, now: datetime, report: Report) -> dict[str, Any]:
    """Check every snapshot, or up to VERIFY_BYTES of those that were not checked for longest.

    Gives `snapshots` and `bytes` that were read, and `damaged`: what to do about each that is not whole.
    """
    rows = _sampled(settings.VERIFY_BYTES) if sample else list(_every())
    found: list[Stored] = []
    read = 0
    for number, row in enumerate(rows):
        report(f"Reading {row.snapshot}", number / len(rows))
        read += holdings.bytes_of(row.snapshot)
        found += damaged([row], now=now)
    return {"snapshots": len(rows), "bytes": read, "damaged": [advice(row) for row in found]}


def known_damaged() -> list[Stored]:
    """The snapshots that were not whole when they were last checked."""
    return [*Extract.objects.exclude(damage="").order_by("as_of", "pk"), *Run.objects.exclude(damage="").order_by("pk")]


def _every() -> Iterator[Stored]:
    """All that has files, those that nobody checked for longest first."""
    oldest = F("checked_at").asc(nulls_first=True)
    return chain(Extract.objects.order_by(oldest, "pk"), Run.objects.filter(thinned_at=None).order_by(oldest, "pk"))


def _sampled(most: int) -> Sequence[Stored]:
    """The snapshots not checked for longest, one at least, and no more than `most` bytes of them."""
    longest_ago = sorted(_every(), key=lambda row: (row.checked_at is not None, row.checked_at, row.pk))
    chosen: list[Stored] = []
    held = 0
    for row in longest_ago:
        held += holdings.bytes_of(row.snapshot)
        if chosen and held > most:
            break
        chosen.append(row)
    return chosen


def _check(row: Stored, now: datetime) -> bool:
    """Whether a snapshot is not whole. A second look, because it may be thinned or brought back while it is read."""
    if not row.checksums:
        row.checksums = holdings.written(row)
    wrong = _wrong(row)
    if wrong:
        with suppress(ObjectDoesNotExist):
            row.refresh_from_db(fields=("snapshot", "thinned_at", "checksums"))
        wrong = _wrong(row)
    row.checked_at, row.damage = now, "; ".join(wrong)[:LONGEST]
    same = type(row).objects.filter(pk=row.pk, snapshot=row.snapshot)
    same.update(checked_at=now, damage=row.damage, checksums=row.checksums)
    return bool(wrong)


def _wrong(row: Stored) -> list[str]:
    """Of a thinned extract only what outlives its rows is looked at."""
    kept = {name: sha256 for name, sha256 in row.checksums.items() if not row.thinned_at or store.outlives(name)}
    if not row.thinned_at:
        kept = {store.ROWS: ""} | kept
    return holdings.differences(row, kept)
