"""A job is cancelled or ends at its limit, wherever it is, and leaves nothing."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.conf import settings as product
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from reconcile.domain.mp077 import MP077
from reconcile.lake import holdings, store
from reconcile.ledger import jobs, limits, loading, operations, record, work
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.guards import Approval
from reconcile.ledger.heartbeat import reporting
from reconcile.ledger.jobs import Kind
from reconcile.ledger.stopping import Stop, Stopped
from reconcile.models import Extract, Job, Party, Run
from tests.ledger.market import handed_in, put, uploaded
from tests.machine import environment

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = date(2025, 3, 3)
FILE = "mpan,dcc_service_flag,supplier\n1000000000012,A,SUPA\n"


def load() -> Job:
    return operations.start_load(actor=MACHINE, path=handed_in(FILE), name="registration_2025-03-03.csv", now=NOW)


def cancel(job: Job) -> Job:
    return operations.cancel(actor=MACHINE, job_id=job.pk, now=timezone.now())


def nothing_is_left(lake_dir) -> bool:
    rows = [model.objects.exists() for model in (Extract, Run, Party)]
    return not any(
        [*rows, *uploaded(), *holdings.names(), *store.trash.contents(), *(lake_dir / store.ASIDE).glob("*")]
    )


def when(stage: str, monkeypatch, then) -> None:
    """Do something while a load or a run is at a stage; its next word of progress comes after that."""
    write = reporting

    def slow(stop, also=None):
        report = write(stop, also)

        def told(at: str, share: float) -> None:
            if at == stage and share < 1:
                then()
            report(at, share)

        return told

    monkeypatch.setattr(operations, "reporting", slow)


def test_a_queued_job_is_cancelled_at_once_and_its_message_does_no_harm(lake_dir):
    job = load()

    assert cancel(job).state == Job.State.CANCELLED

    assert operations.perform(actor=MACHINE, job_id=job.pk).state == Job.State.CANCELLED
    assert nothing_is_left(lake_dir)


@pytest.mark.parametrize("stage", ["Reading the file", "Checking the rows", "Collecting rejected lines", "Publishing"])
def test_a_load_that_is_cancelled_half_way_leaves_nothing(lake_dir, monkeypatch, stage):
    job = load()
    when(stage, monkeypatch, lambda: Job.objects.get(pk=job.pk).cancel_asked_at or cancel(job))

    job = operations.perform(actor=MACHINE, job_id=job.pk)

    assert (job.state, job.message) == (Job.State.CANCELLED, jobs.CANCELLED_WORDS)
    assert [event.what for event in job.events.all()] == ["cancelled"]
    assert nothing_is_left(lake_dir)


@pytest.mark.parametrize("stage", ["Reading the ledger", "Recording the changes"])
def test_a_run_that_is_cancelled_half_way_leaves_nothing(lake_dir, monkeypatch, stage):
    put("flags", "full", DAY, [{"mpxn": 1000000000012, "flag": "A", "network": "10"}])
    put("devices", "full", DAY, [])
    job = operations.start_reconcile(actor=MACHINE, as_of=DAY, every_guard=True, now=NOW)
    when(stage, monkeypatch, lambda: cancel(job))

    assert operations.perform(actor=MACHINE, job_id=job.pk).state == Job.State.CANCELLED

    assert not Run.objects.exists()
    assert not any(name.startswith("runs/") for name in holdings.names())
    assert not list((lake_dir / store.ASIDE).iterdir())


@pytest.mark.parametrize("kind", ["load", "run"])
def test_nothing_becomes_visible_of_a_job_that_is_cancelled_in_the_last_moment(lake_dir, monkeypatch, kind):
    """After the last look of the worker, before the transaction commits: the row is not there, nor the folder."""
    put("flags", "full", DAY, [{"mpxn": 1000000000012, "flag": "A", "network": "10"}])
    put("devices", "full", DAY, [])
    before = holdings.names()
    started = load() if kind == "load" else operations.start_reconcile(actor=MACHINE, every_guard=True, now=NOW)
    publish = store.publish
    monkeypatch.setattr(store, "publish", lambda folder, name: cancel(started) and publish(folder, name))

    assert operations.perform(actor=MACHINE, job_id=started.pk).state == Job.State.CANCELLED

    assert (Extract.objects.count(), Run.objects.count()) == (2, 0)
    assert holdings.names() == before


def test_what_is_visible_already_is_done_and_not_cancelled(lake_dir):
    job = load()
    claimed = jobs.claim(job.pk, NOW)
    with transaction.atomic():
        reporting(Stop(claimed))("Publishing", 1)
    cancel(job)

    assert jobs.finish(claimed, jobs.Ending(Job.State.DONE, result={"rows": 1}), NOW) == Job.State.DONE


def test_a_held_job_and_a_lost_one_can_be_cancelled():
    for state in ("held", "lost"):
        job = load()
        Job.objects.filter(pk=job.pk).update(state=state)

        assert cancel(job).state == Job.State.CANCELLED
    assert uploaded() == []


def test_a_job_whose_worker_died_while_it_was_to_stop_is_cancelled_and_not_run_again(lake_dir):
    job = load()
    jobs.claim(job.pk, NOW)
    cancel(job)

    assert operations.requeue_lost(actor=MACHINE, now=NOW + timedelta(hours=1)) == []

    job.refresh_from_db()
    operations.sweep_up(actor=MACHINE, now=timezone.now())
    assert job.state == Job.State.CANCELLED
    assert nothing_is_left(lake_dir)


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_what_has_ended_cannot_be_cancelled(state):
    job = load()
    Job.objects.filter(pk=job.pk).update(state=state)

    with pytest.raises(CommandError, match=r"^Only a job that waits or runs can be cancelled.$"):
        call_command("cancel", str(job.pk))


def test_the_command_cancels():
    job, said = load(), StringIO()

    call_command("cancel", str(job.pk), "--json", stdout=said)

    assert json.loads(said.getvalue()) == {"job": job.pk, "state": "cancelled"}


def test_control_c_ends_the_job_of_a_command(lake_dir, monkeypatch):
    job = load()

    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(loading, "load", interrupted)
    with pytest.raises(KeyboardInterrupt):
        operations.perform(actor=MACHINE, job_id=job.pk)

    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert [event.words for event in job.events.all()] == ["Interrupted at the keyboard."]
    assert nothing_is_left(lake_dir)


def test_work_ends_at_its_limit(lake_dir, monkeypatch, settings):
    settings.HEARTBEAT_SECONDS = 0.02
    job = load()
    Job.objects.filter(pk=job.pk).update(limit_seconds=1)

    def endless(*args, report, **kwargs):
        with store.scratch() as folder, store.connected(folder) as con:
            report("Sorting the rows", 0.5)
            con.execute("SELECT count(*) FROM range(10000000) a, range(1000000) b WHERE a.range * b.range = 7")

    monkeypatch.setattr(loading, "load", endless)
    job = operations.perform(actor=MACHINE, job_id=job.pk)

    assert (job.state, job.final) == (Job.State.FAILED, False)
    assert job.message == (
        "It took longer than its limit of 1 seconds (JOB_SECONDS) and was stopped. Nothing was changed."
    )
    assert not list((lake_dir / store.ASIDE).iterdir())


@pytest.mark.a_folder
def test_a_process_that_cannot_stop_is_ended_and_leaves_nothing(lake_dir):
    """Its work neither tells how far it is nor is within the database: only the end of its process ends it."""
    job = load()
    program = f"""
import django; django.setup()
from reconcile.ledger import loading, operations, stopping
from reconcile.domain.mp077 import MP077
from reconcile.lake import holdings, store
from reconcile.ledger.actors import MACHINE
stopping.STOP_SECONDS = 0.2
def deaf(*args, **kwargs):
    with store.scratch() as folder:
        (folder / "half").write_text("x")
        print("deaf", flush=True)
        while True:
            pass
loading.load = deaf
operations.perform(actor=MACHINE, job_id={job.pk})
"""
    own = environment(LAKE_URL=str(lake_dir))
    with subprocess.Popen([sys.executable, "-c", program], env=own, stdout=subprocess.PIPE, cwd=product.BASE_DIR) as at:
        assert at.stdout.readline() == b"deaf\n"
        cancel(job)
        assert at.wait(60) == 1

    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert not list((lake_dir / store.ASIDE).iterdir())
    assert nothing_is_left(lake_dir)


def test_the_limit_grows_with_what_is_read(tmp_path, settings):
    settings.JOB_SECONDS, settings.JOB_SECONDS_PER_GB = 100, 1_000
    path = tmp_path / "x.csv"
    path.touch()
    os.truncate(path, 2 * 10**9)

    assert limits.seconds_for(Kind.LOAD, {"path": str(path)}) == 2_100
    with path.open("r+b") as file:
        file.write(b"\x1f\x8b")
    assert limits.seconds_for(Kind.LOAD, {"path": str(path)}) == 100 + 20 * 2_000
    assert limits.seconds_for(Kind.LOAD, {"path": "/nowhere"}) == 100
    put("flags", "full", DAY, [{"mpxn": 1000000000012, "flag": "A", "network": "10"}])
    Extract.objects.update(size=5 * 10**8)
    assert limits.seconds_for(Kind.RECONCILE, {}) == 600


def test_every_job_has_a_limit():
    assert set(limits.READ) == set(Kind) == set(work.WORK)
    for start in (operations.start_tidy, operations.start_verify):
        assert start(actor=MACHINE, now=NOW).limit_seconds >= product.JOB_SECONDS


def test_a_worker_that_was_given_up_publishes_nothing(lake_dir):
    put("flags", "full", DAY, [{"mpxn": 1000000000012, "flag": "A", "network": "10"}])
    put("devices", "full", DAY, [])
    job = operations.start_reconcile(actor=MACHINE, as_of=DAY, every_guard=True, now=NOW)
    late = jobs.claim(job.pk, NOW)
    jobs.requeue_lost(NOW + timedelta(hours=1))
    report = reporting(Stop(late))

    with pytest.raises(Stopped):
        record.reconcile(
            as_of=DAY,
            policy=MP077,
            now=NOW,
            approval=Approval(every=True),
            report=lambda stage, share: report(stage, share) if share == 1 else None,
        )

    assert not Run.objects.exists()
    assert not any(name.startswith("runs/") for name in holdings.names())
