"""A job's signs of life while it is worked on: without, it counts as lost and may be taken by another worker.

In: a job's id. Out: its heartbeat_at, moved on every few seconds, and how far it is. Called by ledger.operations.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone

from reconcile.models import Job

Report = Callable[[str, float], None]
"""Told the stage of the work, in words, and the share of the whole that is done, 0 to 1."""


def reporting(job_id: int, also: Report | None = None) -> Report:
    """A Report that writes to the job what a person can see change: the stage and whole per cents, under 100."""
    written = ("", -1)

    def report(stage: str, share: float) -> None:
        nonlocal written
        seen = (stage, min(int(share * 100), 99))
        if seen != written:
            written = seen
            Job.objects.filter(pk=job_id).update(stage=stage, percent=seen[1], heartbeat_at=timezone.now())
        if also:
            also(stage, share)

    return report


@contextmanager
def beating(job_id: int) -> Iterator[None]:
    """Beat from a thread of its own for as long as the block runs."""
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(job_id, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat(job_id: int, stop: threading.Event) -> None:
    try:
        while not stop.wait(settings.HEARTBEAT_SECONDS):
            _beat_once(job_id)
    finally:
        connection.close()


def _beat_once(job_id: int) -> None:
    try:
        Job.objects.filter(pk=job_id, state=Job.State.RUNNING).update(heartbeat_at=timezone.now())
    except OperationalError:
        # The database is busy with the run that this very job records; the next beat will do.
        connection.close()
