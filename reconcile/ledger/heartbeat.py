"""Signs of life: the timer's, and a job's while it is worked on; without, it is lost and another worker may take it.

In: a job. Out: its heartbeat_at, moved on every few seconds, and how far it is. Called by ledger.operations.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.utils import timezone

from reconcile.models import Job, SignOfLife

Report = Callable[[str, float], None]
"""Told the stage of the work, in words, and the share of the whole that is done, 0 to 1."""
TIMER = "timer"
"""The part of SignOfLife that looks after the jobs, every half minute."""


def sign(now: datetime) -> None:
    """The timer has run, and a worker did what it asked for."""
    SignOfLife.objects.update_or_create(part=TIMER, defaults={"at": now})


def last_sign() -> datetime | None:
    """When a worker last did what the timer asks for; a worker that is busy with a job signs that. None: never."""
    timer = SignOfLife.objects.filter(part=TIMER).values_list("at", flat=True).first()
    busy = Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__isnull=False)
    beats = busy.order_by("-heartbeat_at").values_list("heartbeat_at", flat=True).first()
    return max((at for at in (timer, beats) if at is not None), default=None)


def reporting(job: Job, also: Report | None = None) -> Report:
    """A Report that writes to the job what a person can see change: the stage and whole per cents, under 100."""
    written = ("", -1)

    def report(stage: str, share: float) -> None:
        nonlocal written
        seen = (stage, min(int(share * 100), 99))
        if seen != written:
            written = seen
            _attempt(job).update(stage=stage, percent=seen[1], heartbeat_at=timezone.now())
        if also:
            also(stage, share)

    return report


@contextmanager
def beating(job: Job) -> Iterator[None]:
    """Beat from a thread of its own for as long as the block runs."""
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(job, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _attempt(job: Job) -> QuerySet[Job]:
    """The job while it is this attempt's: one that was given up and taken by another worker has its own beat."""
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING)


def _beat(job: Job, stop: threading.Event) -> None:
    try:
        while not stop.wait(settings.HEARTBEAT_SECONDS):
            try:
                beat(job, timezone.now())
            except OperationalError:
                # The database is busy with the run that this very job records; the next beat will do.
                connection.close()
    finally:
        connection.close()


def beat(job: Job, now: datetime) -> None:
    """One sign of life of the attempt that this job is."""
    _attempt(job).update(heartbeat_at=now)
