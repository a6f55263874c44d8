"""Work for Celery workers: a job's number in, one call into ledger.operations out.

A message that is lost or sent twice does no harm: the Job row says what is to be done, and is taken once.
"""

import logging
from signal import SIGABRT, SIGBUS, SIGSEGV
from typing import Any

from celery import shared_task
from celery.exceptions import WorkerLostError
from celery.schedules import crontab
from celery.signals import task_failure, worker_ready
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from dccflags.celery import app
from dccflags.services import answers
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import Job

logger = logging.getLogger(__name__)
LOOK_AFTER_SECONDS = 30
KILLED_AFTER_SECONDS = 120
"""After its limit."""
LONGEST_SECONDS = 24 * 60 * 60
"""The limit of a job that was asked for before there were any."""
OUT_OF_MEMORY = (SIGABRT, SIGBUS, SIGSEGV)
"""How libraries end that cannot get memory."""
TIDY_HOUR = 3
"""When old snapshots are thinned, every day, UTC."""
VERIFY_HOUR = 4
"""When a sample of the snapshots is checked."""


def send(job: Job) -> Job:
    """Hand a queued job to a worker, once the transaction that queued it is committed.

    With Redis away the job stays queued, and is sent by look_after_jobs when Redis is back.
    """
    transaction.on_commit(lambda: _send(job.pk, job.limit_seconds or LONGEST_SECONDS), robust=True)
    return job


def _send(job_id: int, limit: int) -> None:
    """Work stops by itself at its limit; a process that cannot even do that is killed by its worker a little later.

    A person may be waiting, so a Redis that does not answer at once is left alone: the timer sends the job later.
    """
    if not answers(settings.REDIS_CLIENT_URL):
        logger.warning("Redis does not answer: job %s waits until it does", job_id)
        return
    perform.apply_async(kwargs={"job_id": job_id}, time_limit=limit + KILLED_AFTER_SECONDS, retry=False)


@shared_task
def perform(*, job_id: int) -> None:
    """Do one job."""
    operations.perform(actor=MACHINE, job_id=job_id)


@task_failure.connect(sender=perform)
def perform_ended(exception: BaseException, kwargs: dict[str, Any], **more: Any) -> None:
    """A library that gets no memory may end its process, which can tell nobody; its worker hands that on."""
    if isinstance(exception, WorkerLostError) and any(
        f"signal {end.value} " in str(exception) for end in OUT_OF_MEMORY
    ):
        break_off.delay(job_id=kwargs["job_id"])


@shared_task
def break_off(*, job_id: int) -> None:
    """Record that the process of a job was ended for want of memory."""
    operations.break_off(actor=MACHINE, job_id=job_id, now=timezone.now())


@shared_task
def look_after_jobs() -> None:
    """Send again what a dead worker or a lost message left behind, and sweep up after it."""
    for job in operations.requeue_lost(actor=MACHINE, now=timezone.now()):
        send(job)
    operations.sweep_up(actor=MACHINE, now=timezone.now())


@worker_ready.connect
def look_after_jobs_at_start(**kwargs: Any) -> None:
    """A worker that starts takes up what was left when the last one ended."""
    look_after_jobs.delay()


@shared_task
def tidy() -> None:
    """Thin old snapshots."""
    send(operations.start_tidy(actor=MACHINE, now=timezone.now()))


@shared_task
def verify() -> None:
    """Check a sample of the snapshots."""
    send(operations.start_verify(actor=MACHINE, sample=True, now=timezone.now()))


app.conf.beat_schedule = {
    "look-after-jobs": {"task": look_after_jobs.name, "schedule": LOOK_AFTER_SECONDS},
    "tidy": {"task": tidy.name, "schedule": crontab(hour=TIDY_HOUR, minute=0)},
    "verify": {"task": verify.name, "schedule": crontab(hour=VERIFY_HOUR, minute=0)},
}
