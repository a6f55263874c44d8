"""Signs of life: the timer's, and a job's while it is worked on; without, it is lost and another worker may take it.

In: a job. Out: its heartbeat_at, moved on every few seconds, and how far it is. Called by ledger.operations.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone

from reconcile.models import Job, SignOfLife

from .stopping import Stop, Stopped

Report = Callable[[str, float], None]
"""Told the stage of the work, in words, and the share of the whole that is done, 0 to 1."""
TIMER = "timer"
CLOCK = "clock"
WORKER = "worker "
"""Parts of SignOfLife, see there."""


def sign(now: datetime, part: str = TIMER) -> None:
    """A part works."""
    SignOfLife.objects.update_or_create(part=part, defaults={"at": now})


def sign_off(part: str) -> None:
    """A part ends in order, and nobody has to miss it."""
    SignOfLife.objects.filter(part=part).delete()


def signs() -> dict[str, datetime]:
    """When each part signed last."""
    return dict(SignOfLife.objects.order_by("part").values_list("part", "at"))


def last_sign() -> datetime | None:
    """When a worker last signed, did what the timer asks for, or was busy with a job. None: never."""
    found = signs()
    workers = [at for part, at in found.items() if part == TIMER or part.startswith(WORKER)]
    busy = Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__isnull=False)
    beats = busy.order_by("-heartbeat_at").values_list("heartbeat_at", flat=True).first()
    return max((at for at in (*workers, beats) if at is not None), default=None)


def reporting(stop: Stop, also: Report | None = None) -> Report:
    """A Report that writes to the job what a person can see change: the stage and whole per cents, under 100.

    A share of 1 is the last word before what was made becomes visible, said within the transaction that does so: from
    then on nobody can cancel it. Raises Stopped where the work has to stop, or another worker has taken the job.
    """
    written = ("", -1)

    def report(stage: str, share: float) -> None:
        nonlocal written
        if stop.why:
            raise Stopped(stop.why)
        seen = (stage, min(int(share * 100), 99))
        if seen != written or share >= 1:
            written = seen
            _write(stop, *seen)
            stop.published = share >= 1
        if also:
            also(stage, share)

    return report


def _write(stop: Stop, stage: str, percent: int) -> None:
    mine = Job.objects.filter(pk=stop.job.pk, attempt=stop.job.attempt, cancel_asked_at=None)
    at_work = mine.filter(state__in=(Job.State.RUNNING, Job.State.LOST))
    if not at_work.update(stage=stage, percent=percent, heartbeat_at=timezone.now()):
        raise Stopped("It was cancelled, or given up as lost.")


@contextmanager
def beating(job: Job, sign: Callable[[datetime], None] | None = None) -> Iterator[Stop]:
    """Beat from a thread of its own for as long as the block runs, and look whether the work has to stop.

    `sign`: what is signed in place of the job, where somebody helps with a part of it.
    """
    stop, ended = Stop(job), threading.Event()
    signing = sign or partial(beat, job)
    thread = threading.Thread(target=_beat, args=(stop, ended, signing), daemon=True)
    thread.start()
    try:
        yield stop
    finally:
        ended.set()
        thread.join()


def _beat(stop: Stop, ended: threading.Event, sign: Callable[[datetime], None]) -> None:
    try:
        while not ended.wait(settings.HEARTBEAT_SECONDS):
            try:
                sign(timezone.now())
                stop.look()
            except OperationalError:
                # The database is busy with the run that this very job records; the next beat will do.
                connection.close()
    finally:
        connection.close()


def beat(job: Job, now: datetime) -> None:
    """One sign of life of the attempt that this job is: one that was given up and taken by another has its own."""
    Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING).update(heartbeat_at=now)
