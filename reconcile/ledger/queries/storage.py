"""What the product holds on its disks, and what the rule of retention will let go.

In: an actor. Out: Storage, for those who may see it: it speaks of everyone's files. Called by the Storage page.
"""

import shutil
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from reconcile.domain.tables import Table
from reconcile.lake import holdings, trash
from reconcile.models import Extract, ReplayedDay, Run

from .. import integrity, kept_files, retention
from ..actors import Actor, Right

IN_VAR = {
    "rejects": "Rejected lines",
    "exports": "Exports",
    "incoming": "Waiting uploads",
}
IN_LAKE: dict[str, str] = {
    Table.FLAGS: "Registration snapshots",
    Table.DEVICES: "Inventory snapshots",
    Table.RESPONSES: "Snapshots of responses",
    "runs": "What each run found",
    "replays": "Days of replays",
}


@dataclass(frozen=True)
class Use:
    """One kind of thing on the disk: bytes, and how many, where they are counted."""

    what: str
    bytes: int
    count: int | None


@dataclass(frozen=True)
class Storage:
    """Disk use, the free bytes of the lake's disk, the rule, what it lets go next, and how much it has let go.

    `trash`: what can be brought back, as file (or run) -> what lies there.
    `damaged`: what to do about each snapshot that was not whole when it was last checked; `unchecked`: how many nobody
    has read since they were written.
    """

    uses: list[Use]
    total: int
    free: int
    rule: str
    plan: retention.Plan
    thinned: int
    trash: list[tuple[str, trash.Removed]]
    damaged: list[str]
    unchecked: int


def storage(*, actor: Actor, now: datetime) -> Storage:
    """What the disks hold. Raises NotAllowed."""
    actor.must(Right.SEE_STORAGE)
    counts = {table: Extract.objects.filter(table=table, thinned_at=None).count() for table in IN_LAKE}
    counts["runs"] = Run.objects.filter(thinned_at=None).count()
    counts["replays"] = ReplayedDay.objects.exclude(snapshot="").count()
    sizes = holdings.sizes()
    uses = [Use(words, sizes.get(table, 0), counts[table]) for table, words in IN_LAKE.items()]
    uses += [Use(words, kept_files.bytes_in(name), None) for name, words in IN_VAR.items()]
    lying = _in_trash()
    uses.append(Use("Trash, for a week", sum(removed.bytes for _, removed in lying), len(lying)))
    uses.append(Use("Database", _database_bytes(), None))
    return Storage(
        uses=uses,
        total=sum(use.bytes for use in uses),
        free=shutil.disk_usage(settings.LAKE_DIR if settings.LAKE_DIR.exists() else settings.VAR_DIR).free,
        rule=retention.rule_in_words(),
        plan=retention.plan(now=now),
        thinned=sum(model.objects.exclude(thinned_at=None).count() for model in (Extract, Run)),
        trash=lying,
        damaged=[integrity.advice(row) for row in integrity.known_damaged()],
        unchecked=sum(model.objects.filter(checked_at=None, thinned_at=None).count() for model in (Extract, Run)),
    )


def _in_trash() -> list[tuple[str, trash.Removed]]:
    """What lies in the trash, each under the name by which people know it."""
    files = dict(Extract.objects.exclude(thinned_at=None).values_list("snapshot", "name"))
    runs = dict(Run.objects.exclude(thinned_at=None).values_list("snapshot", "as_of"))
    names = files | {snapshot: f"Run as of {day:%-d %b %Y}" for snapshot, day in runs.items()}
    return [(names.get(removed.name, ""), removed) for removed in trash.contents()]


def _database_bytes() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return int(cursor.fetchone()[0])
