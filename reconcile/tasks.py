"""Work for Celery workers: a job's number in, one call into ledger.operations out.

A message that is lost or sent twice does no harm: the Job row says what is to be done, and is taken once.
"""

import logging
import threading
import time
from datetime import date
from signal import SIGABRT, SIGBUS, SIGSEGV
from typing import Any

from celery import Task, shared_task
from celery.beat import PersistentScheduler
from celery.exceptions import WorkerLostError
from celery.schedules import crontab
from celery.signals import heartbeat_sent, task_failure, worker_init, worker_ready, worker_shutdown
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from dccflags.celery import app
from dccflags.logs import file_name, request_id
from dccflags.services import answers
from reconcile.domain.days import today
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.heartbeat import CLOCK, WORKER
from reconcile.models import Job

logger = logging.getLogger(__name__)
ASKED_BY = "request"
"""The header of a message that has the id of the request which asked for the job; the timer's have none."""
LOOK_AFTER_SECONDS = 30
SIGN_SECONDS = 15
KILLED_AFTER_SECONDS = 120
"""After its limit."""
LAST = 9
"""How little a part of a long job presses: any other message goes before it."""
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
    perform.apply_async(
        kwargs={"job_id": job_id},
        headers={ASKED_BY: request_id.get()},
        time_limit=limit + KILLED_AFTER_SECONDS,
        retry=False,
    )


@shared_task(bind=True)
def perform(self: Task[Any, None], *, job_id: int) -> None:
    """Do one job. The log speaks of it under the id of the request that asked for it."""
    request_id.set((self.request.headers or {}).get(ASKED_BY, ""))
    job = operations.perform(actor=MACHINE, job_id=job_id, began=_begins)
    made = job.result
    logger.info(
        "Job %s (%s, format %s, run %s): %s",
        job.pk,
        job.kind,
        made.get("kind", "-"),
        made.get("run", "-"),
        job.state,
    )


def _begins(job: Job) -> None:
    """Say so, and let other workers help with what can be shared."""
    _say_that_it_begins(job)
    for as_of in operations.days_to_share(actor=MACHINE, job=job):
        replay_day.apply_async(
            kwargs={"job_id": job.pk, "as_of": as_of.isoformat()},
            priority=LAST,
            time_limit=(job.limit_seconds or LONGEST_SECONDS) + KILLED_AFTER_SECONDS,
        )


@shared_task
def replay_day(*, job_id: int, as_of: str) -> None:
    """Help with one day of a replay."""
    if operations.replay_day(actor=MACHINE, job_id=job_id, as_of=date.fromisoformat(as_of), now=timezone.now()):
        logger.info("Job %s: judged %s beside whoever has it", job_id, as_of)


def _say_that_it_begins(job: Job) -> None:
    told = job.options
    logger.info(
        "Job %s (%s, file %s, run %s) begins, attempt %s",
        job.pk,
        job.kind,
        file_name(told.get("name", "-")),
        told.get("run") or told.get("as_of") or "-",
        job.attempt,
    )


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
    operations.return_due(actor=MACHINE, today=today(timezone.now()), now=timezone.now())
    operations.sweep_up(actor=MACHINE, now=timezone.now())


@worker_init.connect
def refuse_a_foreign_lake(**kwargs: Any) -> None:
    """A worker of another database must not touch the lake."""
    try:
        operations.own_lake(actor=MACHINE)
    except operations.ForeignLake as problem:
        raise SystemExit(str(problem)) from problem
    except (DatabaseError, OSError):
        logger.exception("Whose the lake is cannot be asked now; each job asks again.")
    finally:
        connection.close()


class Timer(PersistentScheduler):
    """The timer, which signs that it goes."""

    signed_at = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One look at the clock; gives the seconds until the next."""
        if time.monotonic() - self.signed_at >= SIGN_SECONDS:
            self.signed_at = time.monotonic()
            _sign(CLOCK)
        return min(super().tick(*args, **kwargs), SIGN_SECONDS)


class WorkerSign:
    """Says every while that a worker works, from a thread of its own: a database that is slow must not hold it up."""

    def __init__(self) -> None:
        self.name = ""
        self.beat_at = 0.0
        self.thread: threading.Thread | None = None

    def beat(self, name: str) -> None:
        """The worker's own loop goes round."""
        self.name, self.beat_at = name, time.monotonic()
        if self.thread is None:
            self.thread = threading.Thread(target=self._go_on, daemon=True)
            self.thread.start()

    def _go_on(self) -> None:
        while True:
            if time.monotonic() - self.beat_at < SIGN_SECONDS:
                _sign(WORKER + self.name)
            time.sleep(SIGN_SECONDS)


WORKER_SIGN = WorkerSign()


@heartbeat_sent.connect
def sign_as_worker(sender: Any, **kwargs: Any) -> None:
    """The worker lives and reaches Redis."""
    WORKER_SIGN.beat(sender.eventer.hostname)


@worker_shutdown.connect
def sign_off_as_worker(**kwargs: Any) -> None:
    """A worker that ends in order is not missed."""
    if WORKER_SIGN.name:
        WORKER_SIGN.beat_at = 0
        _sign(WORKER + WORKER_SIGN.name, ends=True)


def _sign(part: str, *, ends: bool = False) -> None:
    try:
        operations.sign_life(actor=MACHINE, part=part, now=None if ends else timezone.now())
    except DatabaseError as problem:
        logger.warning("The sign of life of %s could not be written: %s", part, problem)
    finally:
        connection.close()


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
    # Without a worker these are not heaped up: the next one is as good.
    "look-after-jobs": {
        "task": look_after_jobs.name,
        "schedule": LOOK_AFTER_SECONDS,
        "options": {"expires": LOOK_AFTER_SECONDS},
    },
    "tidy": {"task": tidy.name, "schedule": crontab(hour=TIDY_HOUR, minute=0)},
    "verify": {"task": verify.name, "schedule": crontab(hour=VERIFY_HOUR, minute=0)},
}
