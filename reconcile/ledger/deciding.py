"""A person's word on work that is held: approved, up to the figures that were shown, or refused; with the reason.

In: an actor who may decide, a held job. Out: the job as it stands then. Called by ledger.operations.
Raises NotAllowed and OperationError.
"""

from datetime import datetime

from django.db import transaction

from reconcile.models import Job, JobEvent

from . import jobs, uploads
from .actors import Actor, Right
from .audit import What, note
from .jobs import OperationError

WORDS_OF_PEOPLE = (
    JobEvent.What.APPROVED,
    JobEvent.What.REFUSED,
    JobEvent.What.TOLD,
    JobEvent.What.AGAIN,
    JobEvent.What.CANCELLED,
)


def approve(*, actor: Actor, job_id: int, now: datetime, reason: str, attempt: int | None = None) -> Job:
    """Let a held job go on, up to the figures that were shown: those of `attempt`, where the person's page says it.

    `reason`: why it is right although it looks wrong. Raises OperationError without one. The same word again, of the
    same person and attempt, is done once.
    """
    actor.must(Right.DECIDE)
    job, reason = jobs.find(actor=actor, job_id=job_id), reason.strip()
    if not reason:
        raise OperationError("Say in words why it is right although it looks wrong. Nothing was approved.")
    if attempt in {job.attempt, job.attempt - 1} and _is_said(job, actor, JobEvent.What.APPROVED, reason):
        return job
    if attempt not in {None, job.attempt}:
        raise OperationError("It has been run since, and what holds it may be worse. Look at its figures again.")
    with transaction.atomic():
        jobs.approve(job, actor=actor, now=now, reason=reason)
        note(actor=actor, what=What.APPROVED, now=now, job=job.pk, about=f"{job.title}: {reason}")
    return jobs.find(actor=actor, job_id=job_id)


def refuse(*, actor: Actor, job_id: int, now: datetime, reason: str = "") -> Job:
    """End a held job; nothing was written and nothing will be. The same word again is done once."""
    actor.must(Right.DECIDE)
    job, reason = jobs.find(actor=actor, job_id=job_id), reason.strip()
    if _is_said(job, actor, JobEvent.What.REFUSED, reason):
        return job
    with transaction.atomic():
        jobs.refuse(job, actor=actor, now=now, reason=reason)
        note(actor=actor, what=What.REFUSED, now=now, job=job.pk, about=f"{job.title}: {reason}")
    uploads.forget(job)
    return jobs.find(actor=actor, job_id=job_id)


def _is_said(job: Job, actor: Actor, what: JobEvent.What, reason: str) -> bool:
    """Whether the last word on a job that is not held now was this one: the answer to it may have been lost."""
    last = job.events.filter(what__in=WORDS_OF_PEOPLE).order_by("pk").last()
    same = last is not None and (last.what, last.by, last.words) == (what, actor.person, reason)
    return same and job.state != Job.State.HELD
