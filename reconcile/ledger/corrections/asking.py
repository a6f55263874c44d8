"""Correction files are asked for, with the number that somebody approved, and made by a job.

In: keyword arguments, the actor first, whose right is asked. Out: the Job, and what it made. Raises WorkError,
NotAllowed, TooManyJobs. Re-exported by ledger.operations.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from reconcile.models import Job

from .. import asking, jobs, limits
from ..actors import Actor
from ..audit import What, note
from ..heartbeat import Report
from .choosing import planned, sender_of
from .making import Wanted, make, must_be, refuse_folder, said_of, write_folder


def start_correction(
    *,
    actor: Actor,
    query: str = "",
    ids: tuple[int, ...] = (),
    count: int,
    most: int | None = None,
    target: Path | None = None,
    request: str = "",
    now: datetime,
) -> Job:
    """Ask for the files, of at most `most` lines, of what `query` (or `ids`) finds: of `count` corrections, or none.

    `target`: a folder to write them to as well. The same `request` again gives the same job.
    """
    sender = sender_of(actor)
    if made := asking.asked_before(actor, request):
        return made
    most = most or settings.CORRECTION_LINES
    if target:
        refuse_folder(target)
    must_be(count, planned(actor=actor, query=query, ids=ids, most=most, now=now))
    options = {"query": query, "ids": ids, "count": count, "most": most, "target": str(target) if target else None}
    title = f"Correction files: {count:,} Meter Points"
    with transaction.atomic():
        job = asking.ask(
            actor=actor, kind=jobs.Kind.CORRECT, title=title, options=options, party=sender.party, request=request,
            limit_seconds=limits.seconds_for(jobs.Kind.CORRECT, options), now=now,
        )  # fmt: skip
        if actor.person:
            note(actor=actor, what=What.ASKED, now=now, job=job.pk, about=title, rows=count)
    return job


def do_job(job: Job, asker: Actor, now: datetime, report: Report) -> dict[str, Any]:
    """Make them. What is asked for again, as the worker died, is what was made already."""
    options = job.options
    wanted = Wanted(
        actor=asker,
        query=options["query"],
        ids=tuple(options["ids"]),
        count=options["count"],
        most=options["most"],
        job=job.pk,
        now=now,
    )
    report("Choosing the corrections", 0.1)
    correction = make(wanted, lambda: report("Writing the record", 0.8))
    said = said_of(correction)
    if options["target"]:
        report("Writing the files", 0.9)
        folder = Path(options["target"])
        return {**said, "folder": str(folder), "written": write_folder(correction, folder)}
    return said
