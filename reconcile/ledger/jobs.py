"""The states of a job and the moves between them: each one statement that asks for the state before, and its history.

In: a job, who moves it, the time. Out: the job as it stands then. Called by ledger.operations and ledger.work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from reconcile.models import Job, JobEvent

from . import kept_files
from .access import Scope
from .actors import MACHINE, Actor, NotAllowed, Right, actor_for
from .guards import Approval


class Kind(StrEnum):
    """What a job is about."""

    LOAD = "load"
    RECONCILE = "reconcile"
    EXPORT = "export"
    TIDY = "tidy"
    VERIFY = "verify"
    WORK = "work"
    SAMPLE = "sample"
    CORRECT = "correct"
    ALERTS = "alerts"
    REPLAY = "replay"


RIGHT_FOR: dict[str, Right] = {
    Kind.LOAD: Right.LOAD,
    Kind.RECONCILE: Right.RECONCILE,
    Kind.EXPORT: Right.EXPORT,
    Kind.TIDY: Right.THIN,
    Kind.VERIFY: Right.THIN,
    Kind.WORK: Right.WORK,
    Kind.SAMPLE: Right.LOAD,
    Kind.CORRECT: Right.CORRECT,
    Kind.ALERTS: Right.DECIDE,
    Kind.REPLAY: Right.RECONCILE,
}
"""What whoever asks for a job, or for it to be run again, must be allowed to do, then and when it is done."""
ATTEMPTS = 3
"""How often a job whose worker died is started again by itself."""
QUEUED, RUNNING, DONE, FAILED, HELD, LOST, CANCELLED = Job.State
What = JobEvent.What
LOST_WORDS = "The worker stopped before it was done. Nothing was changed; run it again."
CANCELLED_WORDS = "It was cancelled before it was done. Nothing was changed."
ANEW: Mapping[str, Any] = {
    "stage": "",
    "percent": 0,
    "message": "",
    "result": {},
    "guards": [],
    "sight": {},
    "finished_at": None,
    "cancel_asked_at": None,
}
"""A job that is queued again has made nothing yet."""
NOTHING_LEFT = {**ANEW, "message": CANCELLED_WORDS, "final": True}


class OperationError(Exception):
    """The work cannot be asked for like this; the text says why, in one sentence."""


def late_words(limit: int) -> str:
    """What a job says that took longer than `limit` seconds."""
    took = f"{limit / 60:,.0f} minutes" if limit >= 120 else f"{limit} seconds"
    return f"It took longer than its limit of {took} (JOB_SECONDS) and was stopped. Nothing was changed."


def visible_to(actor: Actor) -> QuerySet[Job]:
    """The jobs that somebody may see: their own, or everyone's; of work, those of their party."""
    others = ~Q(party=actor.desk.party if actor.desk else None)
    found = Job.objects.exclude(others, kind=Kind.WORK)
    if actor.may(Right.SEE_ALL_JOBS):
        return found
    return found.filter(requested_by=actor.person) if actor.person else Job.objects.none()


def find(*, actor: Actor, job_id: int) -> Job:
    """A job that the actor may see. Raises NotAllowed."""
    job = visible_to(actor).filter(pk=job_id).first()
    if job is None:
        raise NotAllowed(f"There is no job {job_id} that {actor.name or 'nobody'} may see.")
    return job


def asker(job: Job) -> Actor:
    """Whoever asked for a job, with the rights of today. Raises NotAllowed where nobody may have it done any more."""
    if job.by_machine:
        return MACHINE
    name = job.requested_name or "The person"
    if job.requested_by is None:
        raise NotAllowed(f"{name}, who asked for this, has gone. Ask for it anew.")
    if not job.requested_by.is_active:
        raise NotAllowed(f"The log-in of {name}, who asked for this, is closed. Ask for it anew.")
    actor = actor_for(job.requested_by, party=job.party)
    actor.must(RIGHT_FOR[job.kind])
    return actor


def obstacle(job: Job) -> str:
    """Why nobody can run a job again, in a sentence; empty where it can be."""
    if job.state not in {FAILED, LOST}:
        return "Only a failed or lost job can be run again."
    if job.final:
        return "It failed because of what was asked; the same again would fail the same way."
    if job.kind == Kind.LOAD and not kept_files.is_there_or_unknown(job.options["path"]):
        return "The file is not here any more. Upload it again."
    try:
        asker(job)
    except NotAllowed as problem:
        return str(problem)
    return ""


def may_read(actor: Actor, job: Job, right: Right = Right.SEE) -> bool:
    """Whether what the job made lies within the rows that the actor's right covers today."""
    if job.party is not None and (actor.desk is None or actor.desk.party != job.party):
        return False
    if not job.sight:
        return not job.result
    return actor.scope_of(right).covers(Scope.kept(job.sight))


def claim(job_id: int, now: datetime) -> Job | None:
    """Change queued to running in one statement, so that a job is taken once however often it was sent."""
    for _ in range(2):
        try:
            with transaction.atomic():
                taken = _take(job_id, now)
            return Job.objects.select_related("requested_by").get(pk=job_id) if taken else None
        except IntegrityError:
            # Another reconciliation runs, or died: then the second try succeeds.
            mark_lost(now)
    running = Job.objects.filter(kind=Kind.RECONCILE, state=RUNNING).first()
    message = f"A reconciliation is running already (job {running.pk if running else '?'}). Wait until it has ended."
    waiting = Job.objects.filter(pk=job_id, state=QUEUED)
    _move(waiting, FAILED, {"message": message, "finished_at": now}, _event(MACHINE, What.FAILED, now, message))
    return None


def _take(job_id: int, now: datetime) -> int:
    return Job.objects.filter(pk=job_id, state=QUEUED).update(
        state=RUNNING,
        attempt=F("attempt") + 1,
        started_at=now,
        heartbeat_at=now,
        stage="Starting",
        percent=0,
        message="",
    )


@dataclass(frozen=True)
class Ending:
    """How an attempt went; the fields are those of Job."""

    state: Job.State
    message: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    guards: list[dict[str, Any]] = field(default_factory=list)
    sight: dict[str, Any] = field(default_factory=dict)
    final: bool = False


def finish(job: Job, ending: Ending, now: datetime) -> Job.State | None:
    """Record the end, and give the state that it is; None where the job was given up and queued again in the meantime.

    What was to be cancelled is cancelled, unless it was done before it could be stopped.
    """
    mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, state__in=(RUNNING, LOST))
    if ending.state != DONE and _move(
        mine.exclude(cancel_asked_at=None), CANCELLED, NOTHING_LEFT | {"finished_at": now}, None
    ):
        return CANCELLED
    changes = {name: getattr(ending, name) for name in ("message", "result", "guards", "sight", "final")}
    if ending.state == DONE:
        return DONE if _move(mine, DONE, {**changes, "percent": 100, "finished_at": now}, None) else None
    event = _event(MACHINE, What(ending.state), now, ending.message)
    return ending.state if _move(mine, ending.state, {**changes, "finished_at": now}, event) else None


def approve(job: Job, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Let a held job go on, up to the figures that were shown. Raises OperationError."""
    if job.state == HELD and asks_for_columns(job):
        raise OperationError("An approval does not tell what its headings mean. Say what they mean, or refuse it.")
    held = Job.objects.filter(pk=job.pk, state=HELD, attempt=job.attempt)
    if not _move(held, QUEUED, ANEW, _event(actor, What.APPROVED, now, reason, job.guards)):
        raise OperationError("Only a held job can be approved.")


def asks_for_columns(job: Job) -> bool:
    """Whether a job is held because nobody knows what its headings mean: no guard does, that a word could let pass."""
    return bool(job.result.get("proposal")) and not job.guards


def tell(job: Job, *, actor: Actor, now: datetime, options: Mapping[str, Any], words: str) -> None:
    """Let a held load go on with what a person said of its headings, in its `options`. Raises OperationError."""
    held = Job.objects.filter(pk=job.pk, state=HELD, kind=Kind.LOAD, attempt=job.attempt)
    changes = {**ANEW, "options": {**job.options, **options}}
    if not _move(held, QUEUED, changes, _event(actor, What.TOLD, now, words)):
        raise OperationError("Headings can be told of a load that is held.")


def approval(job: Job) -> Approval | None:
    """The last approval: each guard up to the figure that was shown; who, when and why."""
    word = job.events.filter(what=What.APPROVED).order_by("pk").last()
    if word is None:
        return None
    ceilings = {guard["guard"]: guard["figure"] for guard in word.figures}
    return Approval(ceilings=ceilings, by=word.name, at=word.at.isoformat(), reason=word.words)


def refuse(job: Job, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """End a held job; its message stays. Raises OperationError."""
    held = Job.objects.filter(pk=job.pk, state=HELD)
    if not _move(held, FAILED, {"final": True, "finished_at": now}, _event(actor, What.REFUSED, now, reason)):
        raise OperationError("Only a held job can be refused.")


def run_again(job: Job, *, actor: Actor, now: datetime) -> None:
    """Queue a failed or lost job once more. Raises OperationError."""
    stopped = Job.objects.filter(pk=job.pk, state__in=(FAILED, LOST), final=False)
    if not _move(stopped, QUEUED, ANEW, _event(actor, What.AGAIN, now)):
        raise OperationError("Only a failed or lost job can be run again.")


def may_cancel(actor: Actor, job: Job) -> bool:
    """Whoever asked for a job may take that back, and who decides may stop anyone's, while it waits or runs."""
    going = job.state in {QUEUED, HELD, LOST} or (job.state == RUNNING and not job.cancel_asked_at)
    return going and (asked_by(job, actor) or actor.may(Right.DECIDE))


def asked_by(job: Job, actor: Actor) -> bool:
    """Whether it is a person's own job."""
    return actor.person is not None and job.requested_by_id == actor.person.pk


def cancel(job: Job, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """End a job that nobody is at; of one that is worked on, ask that it stops. Raises OperationError."""
    resting = Job.objects.filter(pk=job.pk, state__in=(QUEUED, HELD, LOST))
    if _move(resting, CANCELLED, NOTHING_LEFT | {"finished_at": now}, _event(actor, What.CANCELLED, now, reason)):
        return
    at_work = Job.objects.filter(pk=job.pk, state=RUNNING, cancel_asked_at=None)
    if not _move(at_work, RUNNING, {"cancel_asked_at": now}, _event(actor, What.CANCELLED, now, reason)):
        raise OperationError("Only a job that waits or runs can be cancelled.")


def mark_lost(now: datetime) -> None:
    """Notice jobs whose worker has been silent for too long."""
    patience = timedelta(seconds=settings.LOST_AFTER_SECONDS)
    # A sign from the future: the clock was set back. It counts from now on, so that it ends like any other.
    Job.objects.filter(state=RUNNING, heartbeat_at__gt=now + patience).update(heartbeat_at=now)
    silent = now - patience
    dead = Job.objects.filter(state=RUNNING, heartbeat_at__lt=silent)
    for job in list(dead):
        mine = dead.filter(pk=job.pk, attempt=job.attempt)
        if _move(mine.exclude(cancel_asked_at=None), CANCELLED, NOTHING_LEFT | {"finished_at": now}, None):
            continue
        if words := _too_late(job, now):
            # It would take as long the next time.
            _move(mine, FAILED, {"message": words, "finished_at": now}, _event(MACHINE, What.FAILED, now, words))
        else:
            _move(mine, LOST, {"message": LOST_WORDS}, _event(MACHINE, What.LOST, now, LOST_WORDS))


def _too_late(job: Job, now: datetime) -> str:
    """Why a job whose worker is silent is not started again: it was ended because of its limit. Empty if it was not."""
    limit, began = job.limit_seconds, job.started_at
    over = limit and began and job.heartbeat_at and job.heartbeat_at - began > timedelta(seconds=limit)
    return late_words(limit) if limit and over else ""


def requeue_lost(now: datetime) -> list[Job]:
    """Notice lost jobs and queue them again; gives every queued job, oldest first."""
    mark_lost(now)
    lost = Job.objects.filter(state=LOST, attempt__lt=ATTEMPTS)
    for job_id in list(lost.values_list("pk", flat=True)):
        _move(lost.filter(pk=job_id), QUEUED, ANEW, _event(MACHINE, What.AGAIN, now))
    return list(Job.objects.filter(state=QUEUED).order_by("pk"))


def _move(rows: QuerySet[Job], state: Job.State, changes: Mapping[str, Any], event: JobEvent | None) -> bool:
    """Change the state of the one job of `rows`, if it is still among them, and remember it; gives whether it was."""
    with transaction.atomic():
        # Locked first, so that the row that changes is the row that the event is written for.
        job_id = rows.select_for_update().values_list("pk", flat=True).first()
        if job_id is None or not rows.update(state=state, **changes):
            return False
        if event:
            event.job_id = job_id
            event.save()
    return True


def _event(
    actor: Actor, what: JobEvent.What, now: datetime, words: str = "", figures: list[dict[str, Any]] | None = None
) -> JobEvent:
    return JobEvent(what=what, by=actor.person, name=actor.name, at=now, words=words, figures=figures or [])
