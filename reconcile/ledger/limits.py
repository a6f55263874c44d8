"""How large a file may be, and how long an attempt of a job may take: it grows with the size of what the job reads.

In: settings; a kind and its options. Out: Limits; seconds. Called by whoever reads files, and by ledger.operations.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Sum

from reconcile.feeds import Limits
from reconcile.models import Extract, Run

from . import kept_files
from .inputs import latest_run
from .jobs import Kind

GIGABYTE = 10**9
PACKED = (b"\x1f\x8b", b"PK")
"""How gzipped and zipped files begin; workbooks are zipped too."""
UNPACKED_SIZE = 20
"""So many times its size may a packed file be, for its limit."""
LONGEST_SECONDS = 30 * 24 * 60 * 60
"""No job may take longer, however much it reads."""
ROW_BYTES = 1_000
"""More than what a discrepancy takes in the database, and in an export."""


def file_limits() -> Limits:
    """The most that a file may be."""
    return Limits(settings.MAX_UNZIPPED_BYTES, settings.MAX_COLUMNS, settings.MAX_ZIP_FILES)


def seconds_for(kind: Kind, options: Mapping[str, Any]) -> int:
    """JOB_SECONDS, and JOB_SECONDS_PER_GB for each gigabyte that the job reads: ten times what it usually takes."""
    read = READ[kind](options) if kind in READ else 0
    return min(LONGEST_SECONDS, int(settings.JOB_SECONDS + settings.JOB_SECONDS_PER_GB * read / GIGABYTE))


def _file(options: Mapping[str, Any]) -> int:
    """A load reads its file; one that has gone is no work."""
    beginning, size = kept_files.beginning(options["path"], len(PACKED[0]))
    return size * (UNPACKED_SIZE if beginning in PACKED else 1)


def _snapshots(options: Mapping[str, Any]) -> int:
    """A run, a check and a tidying read no more than all that is kept."""
    kept = Extract.objects.filter(thinned_at=None).aggregate(sum=Sum("size"))["sum"]
    return int(kept or 0)


def _rows(options: Mapping[str, Any]) -> int:
    """An export and a change of work read discrepancies: those of the newest run, and what was resolved by then."""
    newest: Run | None = latest_run()
    found = newest.new + newest.ongoing + newest.regressed if newest else 0
    return 2 * found * ROW_BYTES


def _days(options: Mapping[str, Any]) -> int:
    """Each day of a replay reads itself and the day before it, neither of them more than all that is kept."""
    days = date.fromisoformat(options["to"]) - date.fromisoformat(options["from"])
    return 2 * (days.days + 1) * _snapshots(options)


def _exported(options: Mapping[str, Any]) -> int:
    """What if looks through all that a run read."""
    return _snapshots(options) if "what_if" in options else _rows(options)


READ: dict[Kind, Callable[[Mapping[str, Any]], int]] = {
    Kind.LOAD: _file,
    Kind.RECONCILE: _snapshots,
    Kind.TIDY: _snapshots,
    Kind.VERIFY: _snapshots,
    Kind.EXPORT: _exported,
    Kind.WORK: _rows,
    Kind.SAMPLE: _snapshots,
    Kind.CORRECT: _rows,
    Kind.ALERTS: _snapshots,
    Kind.REPLAY: _days,
}
"""The bytes that each kind of job reads, at most."""
