"""A file of assignments is loaded back: looked at first, then done as one job, one transaction, one entry.

In: a path, an actor. Out: Plan, then the entry of the record. Called by ledger.queries (to look) and ledger.teamwork.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from reconcile.models import AuditEntry

from ..actors import Actor, Desk
from ..audit import What, note
from ..working import WorkError, reasons_of
from ..working.changing import entry_of, lock
from .planning import Plan, plan
from .reading import read
from .writing import write_wishes

__all__ = ["FileChange", "Plan", "change", "foreseen"]


@dataclass(frozen=True)
class FileChange:
    """Who wants a file loaded: `count` rows were to be changed when they looked at it. `name`: as it was handed in."""

    actor: Actor
    desk: Desk
    path: Path
    name: str
    count: int
    request: str
    now: datetime
    job: int | None = None


def foreseen(desk: Desk, path: Path) -> Plan:
    """What a file would change now. Raises WorkError where it is no such file, or not there."""
    return plan(desk, read(_content(path)), reasons_of(desk.party))


def change(wanted: FileChange, last_word: Callable[[], None] = lambda: None) -> tuple[AuditEntry, Plan | None]:
    """Do it, once for each request; without a Plan it was done before. Raises WorkError."""
    with transaction.atomic():
        lock([wanted.desk.party])
        if done := entry_of(wanted.actor, wanted.request):
            return done, None
        made = foreseen(wanted.desk, wanted.path)
        must_be(wanted.count, made)
        entry = _noted(wanted, made)
        write_wishes(entry, wanted.desk, made.wishes, wanted.now)
        last_word()
    return entry, made


def must_be(count: int, made: Plan) -> None:
    """Raises WorkError where a file would not change what somebody saw."""
    if len(made.wishes) != count:
        raise WorkError(
            f"The file would change {len(made.wishes):,} rows now, not the {count:,} that you saw. Nothing was "
            "changed: look at it again."
        )
    if not made.wishes:
        raise WorkError("Everything that the file says stands so already, or is refused. Nothing was changed.")


def _noted(wanted: FileChange, made: Plan) -> AuditEntry:
    done = ", ".join(f"{count:,} {words}" for words, count in made.done.items())
    return note(
        actor=wanted.actor, what=What.FROM_FILE, now=wanted.now, party=wanted.desk.party, rows=len(made.wishes),
        job=wanted.job, request=wanted.request, about=f"{wanted.name[:100]}: {done}",
        sha256=hashlib.sha256(_content(wanted.path)).hexdigest(),
    )  # fmt: skip


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise WorkError("The file is not here any more. Hand it in again.") from None
