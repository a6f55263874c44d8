"""Jobs with a real Redis and a real worker: nothing is lost, nothing is done twice, nothing half-done can be seen."""

import signal
import time
from datetime import date

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from redis import Redis

from dccflags.logs import request_id
from dccflags.services import redis_socket, wait_for_redis
from reconcile import tasks
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE, actor_for
from reconcile.ledger.heartbeat import last_sign
from reconcile.models import Discrepancy, Event, Extract, Job, Party, Run
from tests import machine

until = machine.until


def job_is(job: Job, *states: str) -> bool:
    job.refresh_from_db()
    return job.state in states


def reach(job: Job, percent: int) -> None:
    """Return while the job is at work and has come so far."""
    until(lambda: not job_is(job, Job.State.QUEUED) and job.percent >= percent, every=0.002)
    assert job.state == Job.State.RUNNING, "it was done before it could be caught"


def queue_run(market) -> Job:
    return tasks.send(
        operations.start_reconcile(actor=MACHINE, as_of=date.fromisoformat(market.name), now=timezone.now())
    )


def snapshots() -> list[str]:
    return [
        str(path.relative_to(settings.LAKE_DIR))
        for path in settings.LAKE_DIR.glob("*/*")
        if not path.parent.name.startswith(".")
    ]


def test_a_load_goes_from_queued_to_done_and_tells_how_far_it_is(load, start_worker, market):
    asked = request_id.set("asked-by-this-page")
    job = load("smi")
    request_id.reset(asked)
    seen = {(job.state, job.stage)}
    start_worker()

    def watch():
        ended = job_is(job, Job.State.DONE)
        seen.add((job.state, job.stage))
        return ended

    until(watch)

    assert {state for state, _ in seen} == {Job.State.QUEUED, Job.State.RUNNING, Job.State.DONE}
    assert len({stage for state, stage in seen if state == Job.State.RUNNING}) >= 2
    assert job.percent == 100
    assert job.result["kind"] == "smi"
    assert job.result["rows"] == Extract.objects.get().rows > 0
    assert list((settings.VAR_DIR / "incoming").iterdir()) == []
    log = settings.VAR_DIR / "worker.log"
    begins = f"Job {job.pk} (load, file smi_{market.name}.csv, run -) begins, attempt 1 [asked-by-this-page]"
    # It is done before its worker says so.
    until(lambda: f"Job {job.pk} (load, format smi, run -): done [asked-by-this-page]" in log.read_text())
    assert begins in log.read_text()


@pytest.mark.parametrize("percent", [1, 20], ids=["while reading", "while checking and sorting"])
def test_a_load_whose_worker_dies_leaves_nothing_and_is_done_by_the_next(percent, load, start_worker):
    job = load("smi")
    worker = start_worker()
    reach(job, percent)

    worker.signal_group(signal.SIGKILL)
    worker.end()

    assert not Extract.objects.exists()
    assert not Party.objects.exists()
    assert snapshots() == []
    time.sleep(machine.LOST_AFTER_SECONDS)
    start_worker()
    until(lambda: job_is(job, Job.State.DONE))
    assert job.attempt == 2
    assert Extract.objects.count() == len(snapshots()) == 1


@pytest.mark.parametrize("percent", [10, 85], ids=["while judging", "while recording"])
def test_a_run_whose_worker_dies_leaves_nothing_and_is_done_by_the_next(percent, market, loaded, start_worker):
    job = queue_run(market)
    reach(job, percent)

    loaded.signal_group(signal.SIGKILL)
    loaded.end()

    assert not Run.objects.exists()
    assert not Discrepancy.objects.exists()
    assert not Event.objects.exists()
    time.sleep(machine.LOST_AFTER_SECONDS)
    start_worker()
    until(lambda: job_is(job, Job.State.DONE))
    run = Run.objects.get()
    assert job.attempt == 2
    assert Discrepancy.objects.count() == Event.objects.count() == run.new > 0


def test_an_export_whose_worker_dies_leaves_no_file_and_is_done_by_the_next(market, loaded, start_worker):
    run = queue_run(market)
    until(lambda: job_is(run, Job.State.DONE))
    job = tasks.send(operations.start_export(actor=MACHINE, query="", now=timezone.now()))
    exports = settings.VAR_DIR / "exports"
    reach(job, 50)

    loaded.signal_group(signal.SIGKILL)
    loaded.end()

    assert not list(exports.glob("discrepancies-*"))
    time.sleep(machine.LOST_AFTER_SECONDS)
    start_worker()
    until(lambda: job_is(job, Job.State.DONE))
    (written,) = exports.glob("*.csv")
    assert job.attempt == 2
    assert len(written.read_text().splitlines()) == 1 + Discrepancy.objects.count() == 1 + job.result["rows"]


def test_a_lost_job_can_be_run_again_by_a_person(load, start_worker, settings):
    settings.LOST_AFTER_SECONDS = machine.LOST_AFTER_SECONDS
    job = load("smi")
    worker = start_worker()
    reach(job, 20)
    worker.signal_group(signal.SIGKILL)
    worker.end()
    time.sleep(machine.LOST_AFTER_SECONDS)

    tasks.send(operations.run_again(actor=MACHINE, job_id=job.pk, now=timezone.now()))

    assert job_is(job, Job.State.QUEUED)
    start_worker()
    until(lambda: job_is(job, Job.State.DONE))
    assert Extract.objects.count() == 1


def test_the_same_file_twice_at_once_is_one_extract(load, start_worker):
    jobs = [load("smi"), load("smi")]

    start_worker()
    until(lambda: all(job_is(job, Job.State.DONE) for job in jobs))

    assert sorted(job.result["duplicate"] for job in jobs) == [False, True]
    extract = Extract.objects.get()
    assert snapshots() == [extract.snapshot]
    assert list((settings.LAKE_DIR / extract.snapshot).glob("*.parquet"))


def test_of_two_runs_at_once_one_runs_and_the_other_is_told(market, loaded):
    jobs = [queue_run(market), queue_run(market)]

    until(lambda: all(job_is(job, Job.State.DONE, Job.State.FAILED) for job in jobs))

    told = next(job for job in jobs if job.state == Job.State.FAILED)
    done = next(job for job in jobs if job.state == Job.State.DONE)
    assert f"job {done.pk}" in told.message
    assert Run.objects.get().pk == done.result["run"]


def test_a_queued_job_outlives_a_redis_that_is_killed(load, redis_server, start_worker):
    job = load("registration_gas")

    redis_server.signal_group(signal.SIGKILL)
    redis_server.end()
    redis_server.start()
    wait_for_redis(settings.VAR_DIR)

    with Redis(unix_socket_path=str(redis_socket(settings.VAR_DIR))) as redis:
        assert redis.llen("celery") == 1
    start_worker()
    until(lambda: job_is(job, Job.State.DONE))


def test_a_worker_goes_on_after_redis_was_away(load, loaded, redis_server):
    redis_server.signal_group(signal.SIGKILL)
    redis_server.end()
    time.sleep(2)
    redis_server.start()
    wait_for_redis(settings.VAR_DIR)

    job = load("d0350")

    until(lambda: job_is(job, Job.State.DONE))


def test_a_job_asked_for_while_redis_is_away_waits_and_nobody_waits_for_it(load, redis_server, start_worker):
    redis_server.end()

    began = time.monotonic()
    job = load("registration_gas")

    assert time.monotonic() - began < 5
    assert job_is(job, Job.State.QUEUED)
    redis_server.start()
    wait_for_redis(settings.VAR_DIR)
    start_worker()
    until(lambda: job_is(job, Job.State.DONE))


def test_a_worker_does_nothing_for_somebody_who_has_gone_and_leaves_a_sign_of_life(start_worker):
    jo = User.objects.create_superuser("jo")
    job = tasks.send(operations.start_export(actor=actor_for(jo), query="", now=timezone.now()))
    jo.delete()

    start_worker()
    until(lambda: job_is(job, Job.State.FAILED))

    assert job.message == "jo, who asked for this, has gone. Ask for it anew."
    assert not list((settings.VAR_DIR / "exports").glob(f"*-{job.pk}.csv"))
    assert until(last_sign) > job.created_at


def test_a_load_that_is_cancelled_while_a_worker_is_at_it_ends_soon_and_leaves_nothing(load, start_worker):
    job, next_one = load("smi"), load("registration_gas")
    start_worker()
    reach(job, 20)

    began = time.monotonic()
    operations.cancel(actor=MACHINE, job_id=job.pk, now=timezone.now())
    until(lambda: job_is(job, Job.State.CANCELLED))

    assert time.monotonic() - began < 10
    until(lambda: job_is(next_one, Job.State.DONE))
    extract = Extract.objects.get()
    assert snapshots() == [extract.snapshot] and extract.kind == "registration"
    # What was loaded goes once its job is done.
    until(lambda: not list((settings.VAR_DIR / "incoming").iterdir()))
    assert list((settings.LAKE_DIR / ".aside").iterdir()) == []
