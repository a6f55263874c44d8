"""Work for Celery workers: a job's number in, one call into ledger.operations out.

The queue_ functions make the job and send it once the transaction that made it is committed. A message that is lost or
sent twice does no harm: the Job row says what is to be done, and is taken once.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from celery import shared_task
from celery.schedules import crontab
from celery.signals import worker_ready
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from dccflags.celery import app
from reconcile.domain.policies import DEFAULT_POLICY
from reconcile.ledger import operations
from reconcile.models import Job

LOOK_AFTER_SECONDS = 30
TIDY_HOUR = 3
"""When old snapshots are thinned, every day, UTC."""


@shared_task
def perform(*, job_id: int) -> None:
    """Do one job."""
    operations.perform(job_id=job_id)


@shared_task
def look_after_jobs() -> None:
    """Send again what a dead worker or a lost message left behind, and sweep up after it."""
    operations.sweep_up(now=timezone.now())
    for job_id in operations.requeue_lost(now=timezone.now()):
        perform.delay(job_id=job_id)


@worker_ready.connect
def look_after_jobs_at_start(**kwargs: Any) -> None:
    """A worker that starts takes up what was left when the last one ended."""
    look_after_jobs.delay()


@shared_task
def tidy() -> None:
    """Thin old snapshots."""
    queue_tidy(by=None, now=timezone.now())


app.conf.beat_schedule = {
    "look-after-jobs": {"task": look_after_jobs.name, "schedule": LOOK_AFTER_SECONDS},
    "tidy": {"task": tidy.name, "schedule": crontab(hour=TIDY_HOUR, minute=0)},
}


def queue_load(
    *,
    path: Path,
    name: str,
    kind: str | None = None,
    as_of: date | None = None,
    coverage: str | None = None,
    every_guard: bool = False,
    by: User | None,
    now: datetime,
) -> Job:
    """Ask a worker to load a file."""
    return _send(
        operations.start_load(
            path=path, name=name, kind=kind, as_of=as_of, coverage=coverage, every_guard=every_guard, by=by, now=now
        )
    )


def queue_reconcile(
    *,
    as_of: date | None = None,
    policy: str = DEFAULT_POLICY.name,
    every_guard: bool = False,
    by: User | None,
    now: datetime,
) -> Job:
    """Ask a worker for a run."""
    return _send(operations.start_reconcile(as_of=as_of, policy=policy, every_guard=every_guard, by=by, now=now))


def queue_export(
    *, query: str, run: int | None = None, target: Path | None = None, by: User | None, now: datetime
) -> Job:
    """Ask a worker for a CSV."""
    return _send(operations.start_export(query=query, run=run, target=target, by=by, now=now))


def queue_tidy(*, by: User | None, now: datetime) -> Job:
    """Ask a worker to thin old snapshots."""
    return _send(operations.start_tidy(by=by, now=now))


def approve(*, job_id: int, by: User | None, now: datetime) -> Job:
    """Approve a held job and send it to a worker."""
    return _send(operations.approve(job_id=job_id, by=by, now=now))


def run_again(*, job_id: int, by: User | None, now: datetime) -> Job:
    """Send a failed or lost job to a worker once more."""
    return _send(operations.run_again(job_id=job_id, by=by, now=now))


def _send(job: Job) -> Job:
    # Robust: with Redis away the job stays queued, and is sent by look_after_jobs when Redis is back.
    transaction.on_commit(lambda: perform.delay(job_id=job.pk), robust=True)
    return job
