"""What the product holds on its disks, and what the rule of retention will let go.

In: an actor. Out: Storage, for those who may see it: it speaks of everyone's files. Called by the Storage page.
"""

import shutil
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from reconcile.domain.tables import Table
from reconcile.lake import store
from reconcile.models import Extract, Run

from .. import retention
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
}


@dataclass(frozen=True)
class Use:
    """One kind of thing on the disk: bytes, and how many, where they are counted."""

    what: str
    bytes: int
    count: int | None


@dataclass(frozen=True)
class Storage:
    """Disk use, the free bytes of the lake's disk, the rule, what it lets go next, and how much it has let go."""

    uses: list[Use]
    total: int
    free: int
    rule: str
    plan: retention.Plan
    thinned: int


def storage(*, actor: Actor, now: datetime) -> Storage:
    """What the disks hold. Raises NotAllowed."""
    actor.must(Right.SEE_STORAGE)
    counts = {table: Extract.objects.filter(table=table, thinned_at=None).count() for table in IN_LAKE}
    counts["runs"] = Run.objects.filter(thinned_at=None).count()
    sizes = store.sizes()
    uses = [Use(words, sizes.get(table, 0), counts[table]) for table, words in IN_LAKE.items()]
    uses += [Use(words, store.folder_size(settings.VAR_DIR / name), None) for name, words in IN_VAR.items()]
    uses.append(Use("Database", _database_bytes(), None))
    return Storage(
        uses=uses,
        total=sum(use.bytes for use in uses),
        free=shutil.disk_usage(settings.LAKE_DIR if settings.LAKE_DIR.exists() else settings.VAR_DIR).free,
        rule=retention.rule_in_words(),
        plan=retention.plan(now=now),
        thinned=sum(model.objects.exclude(thinned_at=None).count() for model in (Extract, Run)),
    )


def _database_bytes() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return int(cursor.fetchone()[0])
