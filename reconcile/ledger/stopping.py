"""Work that has to stop: because somebody cancelled it, or because it takes longer than its limit.

In: a job that is worked on. Out: Stop, which whoever reports progress asks. Called by ledger.heartbeat, which looks
every few seconds, and by ledger.work. What is told to stop does so at its next word of progress, or within its DuckDB;
what does not is ended with its process.
"""

import logging
import os
import time
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from reconcile.lake import store
from reconcile.models import Job

from . import jobs, uploads

logger = logging.getLogger(__name__)
STOP_SECONDS = 20
"""How long work may go on after it was told to stop."""


class Stopped(Exception):
    """The work has to stop; the text says why."""


@dataclass
class Stop:
    """Whether an attempt has to stop, and why. `published`: it cannot any more, because what it made is visible."""

    job: Job
    why: str = ""
    published: bool = False
    began: float = field(default_factory=time.monotonic)
    told: float = 0

    def look(self) -> None:
        """Tell the work to stop if it has to, and end the process if it was told and does not."""
        self.why = self.why or self._late() or self._cancelled()
        if not self.why:
            return
        self.told = self.told or time.monotonic()
        store.interrupt()
        if time.monotonic() - self.told > STOP_SECONDS:
            self._abandon()

    def _late(self) -> str:
        limit = self.job.limit_seconds
        return jobs.late_words(limit) if limit and time.monotonic() - self.began > limit else ""

    def _cancelled(self) -> str:
        asked = Job.objects.filter(pk=self.job.pk, attempt=self.job.attempt).exclude(cancel_asked_at=None)
        return jobs.CANCELLED_WORDS if asked.exists() else ""

    def _abandon(self) -> None:
        """Record the end and leave nothing. Whoever publishes holds the job's row, so it is either done or not."""
        with transaction.atomic():
            Job.objects.select_for_update().filter(pk=self.job.pk).first()
            if self.published:
                return
            state = jobs.finish(self.job, jobs.Ending(Job.State.FAILED, self.why), timezone.now())
        if state == Job.State.CANCELLED:
            uploads.forget(self.job)
        store.clear_up()
        logger.error("Job %s did not stop when it was told to, so its process ends.", self.job.pk)
        os._exit(1)
