"""A replay that several processes share: killed and resumed, cancelled, and the same answer as from one alone."""

import signal
import time
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import MACHINE
from reconcile.models import Job, ReplayedDay
from reconcile.sample.make import make_sample
from tests import machine

DAYS = 8
until = machine.until


@pytest.fixture
def first_day(tmp_path) -> date:
    """The day of a small market, which is in the lake."""
    make_sample(tmp_path, points=6_000, days=1, seed=7)
    folder = next(path for path in tmp_path.iterdir() if path.is_dir())
    for kind in ("registration_electricity", "registration_gas", "smi"):
        path = next(folder.glob(f"{kind}_*"))
        job = operations.start_load(actor=MACHINE, path=path, name=path.name, now=timezone.now())
        assert operations.perform(actor=MACHINE, job_id=job.pk).state == Job.State.DONE
    return date.fromisoformat(folder.name)


def ask(first: date) -> Job:
    last = first + timedelta(days=DAYS - 1)
    now = timezone.now() + timedelta(days=DAYS)
    return operations.start_replay(actor=MACHINE, first=first, last=last, now=now)


def done() -> dict[date, object]:
    return dict(ReplayedDay.objects.exclude(snapshot="").values_list("as_of", "made_at"))


def job_is(job: Job, state: str) -> bool:
    job.refresh_from_db()
    return job.state == state


def test_a_replay_that_is_killed_goes_on_with_another_worker_and_answers_as_one_alone_does(first_day, start_worker):
    job = tasks.send(ask(first_day))
    worker = start_worker()
    until(lambda: len(done()) >= 2, every=0.002)
    worker.signal_group(signal.SIGKILL)
    worker.end()
    before = done()
    assert len(before) < DAYS, "it was done before it could be killed"
    assert not queries.replayed(actor=MACHINE, job_id=job.pk)

    time.sleep(machine.LOST_AFTER_SECONDS)
    start_worker()
    until(lambda: job_is(job, Job.State.DONE))

    assert (job.attempt, job.result["days"]) == (2, DAYS)
    assert {day: made for day, made in done().items() if day in before} == before, "no day is worked out twice"
    assert "beside whoever has it" in (settings.VAR_DIR / "worker.log").read_text()
    shared = queries.replayed(actor=MACHINE, job_id=job.pk)

    ReplayedDay.objects.all().delete()
    cancelled = tasks.send(ask(first_day))
    until(lambda: len(done()) >= 2, every=0.002)
    operations.cancel(actor=MACHINE, job_id=cancelled.pk, now=timezone.now())
    until(lambda: job_is(cancelled, Job.State.CANCELLED))
    until(lambda: not ReplayedDay.objects.filter(snapshot="").exists())
    assert 2 <= len(done()) < DAYS

    ReplayedDay.objects.all().delete()
    alone = operations.perform(actor=MACHINE, job_id=ask(first_day).pk)
    assert queries.replayed(actor=MACHINE, job_id=alone.pk) == shared
