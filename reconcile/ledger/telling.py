"""What headings mean, as people say it: of a file that is held, and of files that come.

In: an actor, a ColumnMap. Out: the job, or what is kept; on record. Called by ledger.operations.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from reconcile.feeds import BadColumns, ColumnMap, checked
from reconcile.models import AuditEntry, Job, KeptColumns

from . import columns, jobs, uploads
from .actors import Actor, Right
from .audit import note
from .jobs import OperationError

HEADINGS = AuditEntry.What.HEADINGS


def options_of(said: ColumnMap) -> dict[str, Any]:
    """As a job keeps it. Raises OperationError."""
    try:
        return columns.as_json(checked(said))
    except BadColumns as problem:
        raise OperationError(str(problem)) from problem


def tell_columns(*, actor: Actor, job_id: int, said: ColumnMap, as_of: date | None = None, now: datetime) -> Job:
    """Let a held load go on by what its headings mean, which is kept under its name once the file is loaded."""
    actor.must(Right.LOAD)
    job = jobs.find(actor=actor, job_id=job_id)
    options: dict[str, Any] = {"columns": options_of(said), "kind": None}
    if as_of:
        options["as_of"] = as_of.isoformat()
    words = ", ".join(f"{meaning}: {heading}" for meaning, heading in said.columns.items() if heading)
    with transaction.atomic():
        jobs.tell(job, actor=actor, now=now, options=options, words=words)
        note(actor=actor, what=HEADINGS, now=now, job=job.pk, about=f"{job.title}: {words}")
    uploads.forget_beginning(job)
    return jobs.find(actor=actor, job_id=job_id)


def keep_columns(*, actor: Actor, said: ColumnMap, now: datetime) -> KeptColumns:
    """Keep what headings mean, for files that come: a columns file that was handed in."""
    actor.must(Right.LOAD)
    return _noted(columns.keep(said, actor=actor, now=now), "Kept", actor, now)


def rename_columns(*, actor: Actor, kept_id: int, name: str, now: datetime) -> KeptColumns:
    """Give kept columns another name."""
    actor.must(Right.LOAD)
    return _noted(columns.rename(columns.find(kept_id), name, actor=actor, now=now), "Renamed", actor, now)


def remove_columns(*, actor: Actor, kept_id: int, now: datetime) -> KeptColumns:
    """Use kept columns no more. What was read by them stays as it is."""
    actor.must(Right.LOAD)
    return _noted(columns.remove(columns.find(kept_id), actor=actor, now=now), "Removed", actor, now)


def _noted(kept: KeptColumns, done: str, actor: Actor, now: datetime) -> KeptColumns:
    note(actor=actor, what=HEADINGS, now=now, about=f"{done}: {kept.name}")
    return kept
