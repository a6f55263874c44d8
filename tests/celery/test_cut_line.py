"""A put or a fetch that breaks off in the middle of its bytes: what is seen, what is said, and what is left."""

import hashlib
import shutil
import signal
import threading
import time
from datetime import timedelta
from functools import partial
from http.client import HTTPException

import pytest
from django.conf import settings
from django.conf.global_settings import PASSWORD_HASHERS
from django.contrib.auth.models import User
from django.test import override_settings
from django.utils import timezone

from reconcile import tasks
from reconcile.lake import holdings, sites, store
from reconcile.ledger import kept_files, operations, ownership, uploads
from reconcile.ledger.actors import MACHINE
from reconcile.models import Discrepancy, Extract, Job, Run
from reconcile.sample.make import make_sample
from tests import machine, with_store
from tests.line import BACK, THERE, Line

pytestmark = pytest.mark.timeout(900)
"""Programs begin within it, and on a machine that has other work each of them waits."""
until = partial(machine.until, seconds=240)
PART = 60_000
"""Bytes that pass before the line is held: more than all questions take, less than any of the files."""
IN_PARTS = 12_000_000
"""Bytes of a file that goes to a store in several parts."""


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """The first day of a small market."""
    folder = tmp_path_factory.mktemp("market")
    make_sample(folder, points=40_000, days=1, seed=7)
    return next(folder.glob("2*"))


@pytest.fixture
def line(in_store, monkeypatch):
    """An empty lake in the store: this process asks the store itself, every program that it starts by this line."""
    monkeypatch.setattr(settings, "LAKE_DIR", settings.VAR_DIR / "lake-copies")
    yield Line(in_store.ports["s3"])
    shutil.rmtree(settings.LAKE_DIR, ignore_errors=True)


def by(line: Line) -> dict[str, str]:
    """The settings of a program that asks by way of the line."""
    return {"LAKE_URL": settings.LAKE_URL, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{line.port}"}


@pytest.fixture
def web(line):
    """The address of a web machine, and how it is killed and started again; it ends with the test."""
    with override_settings(PASSWORD_HASHERS=PASSWORD_HASHERS):
        User.objects.create_superuser(machine.ADA, "ada@example.com", machine.PASSWORD)
    started = [machine.web(**by(line))]

    def again():
        started[0][0].signal_group(signal.SIGKILL)
        started.append(machine.web(**by(line)))
        return started[-1]

    yield started[0], again
    for program, _ in started:
        program.signal_group(signal.SIGKILL)
        program.end()


def hand_in(market, prefix: str) -> Job:
    """A file of the market as an upload keeps it, and the job that loads it, sent."""
    source, place = next(market.glob(f"{prefix}_*")), uploads.new_place()
    shutil.copy(source, place)
    return tasks.send(
        operations.start_load(actor=MACHINE, path=uploads.keep(place), name=source.name, now=timezone.now())
    )


def again(job: Job) -> None:
    tasks.send(operations.run_again(actor=MACHINE, job_id=job.pk, now=timezone.now()))


def ended(job: Job, *states: str) -> Job:
    def look():
        job.refresh_from_db()
        return job.state in states

    until(look)
    return job


def the_sentence(job: Job) -> bool:
    """Whether a person is told what to look at, and nothing else."""
    return (
        job.message
        == f"The store {settings.LAKE_URL} does not answer: check the network and AWS_ENDPOINT_URL, and try "
        "it again. Nothing was changed."
    )


def only_what_is_named_stays() -> None:
    """Once it is old, the sweep takes what nobody names, and nothing else."""
    later = timezone.now() + timedelta(hours=7)
    store.sweep(ownership.named(), later - timedelta(hours=6), later)
    assert set(holdings.names()) == ownership.named()


def logs() -> str:
    found = (settings.VAR_DIR / name for name in ("worker.log", "web.log"))
    return "".join(path.read_text() for path in found if path.exists())


def test_a_worker_killed_in_the_middle_of_a_put_leaves_nothing_and_the_next_does_it(line, market, start_worker):
    worker = start_worker(**by(line))
    ended(hand_in(market, "registration_gas"), Job.State.DONE)
    job = hand_in(market, "smi")
    line.hold(THERE, after=PART)
    until(line.held.is_set)
    assert operations.sweep_up(actor=MACHINE, now=timezone.now()) == [], "a sweep leaves what is being put"

    worker.signal_group(signal.SIGKILL)
    worker.end()
    line.cut()

    assert ended(job, Job.State.RUNNING).attempt == 1
    assert Extract.objects.count() == 1
    whole = [one.name for one in sites.the_place().list("devices")]
    assert not any(name.endswith(store.ROWS) for name in whole), "half a file is none"
    line.mend()
    time.sleep(machine.LOST_AFTER_SECONDS)
    start_worker(**by(line))
    assert ended(job, Job.State.DONE).attempt == 2
    assert Extract.objects.count() == 2
    until(lambda: kept_files.listed(uploads.INCOMING) == [])
    only_what_is_named_stays()
    assert with_store.SECRET not in logs()


def test_a_web_killed_in_the_middle_of_an_upload_leaves_nothing_and_takes_the_next(
    line, market, web, start_worker, tmp_path
):
    (_, port), start_again = web
    (file,) = market.glob("smi_*")
    large = tmp_path / file.name
    large.write_bytes(file.read_bytes() + b"\n" * IN_PARTS)
    answers = []

    def send():
        try:
            answers.append(machine.upload(port, large))
        except (HTTPException, OSError) as error:
            answers.append(error)

    line.hold(THERE, after=PART)
    client = threading.Thread(target=send)
    client.start()
    until(lambda: line.held.is_set() or answers)
    assert answers == []

    _, port = start_again()
    line.cut()
    client.join(240)

    (answer,) = answers
    assert isinstance(answer, (HTTPException, OSError)), "who sends it knows that it did not come"
    assert (Job.objects.count(), sites.the_place().list(kept_files.FOLDER)) == (0, [])
    line.mend()
    start_worker(**by(line))
    answer = machine.upload(port, file)
    assert answer.status == 202, answer.body
    ended(Job.objects.get(), Job.State.DONE)
    assert Extract.objects.get().rows > 0
    until(lambda: len(kept_files.listed(uploads.INCOMING)) == 1)
    uploads.clear_up_here(timezone.now() + timedelta(seconds=1))
    assert kept_files.listed(uploads.INCOMING) == [], "what the killed process had on its disk goes when it is old"
    assert with_store.SECRET not in logs()


def test_a_line_that_breaks_in_a_load_a_run_and_a_download_is_said_and_each_is_done_again(
    line, market, web, start_worker
):
    (_, port), _ = web
    start_worker(**by(line))
    for prefix in ("registration_electricity", "registration_gas"):
        ended(hand_in(market, prefix), Job.State.DONE)

    def broken_off() -> None:
        until(line.held.is_set)
        line.cut()

    line.hold(THERE, after=PART)
    load = hand_in(market, "smi")
    broken_off()
    assert the_sentence(ended(load, Job.State.FAILED))
    assert Extract.objects.count() == 2
    line.mend()
    again(load)
    ended(load, Job.State.DONE)

    shutil.rmtree(settings.LAKE_DIR)
    line.hold(BACK, after=PART)
    run = tasks.send(operations.start_reconcile(actor=MACHINE, as_of=None, policy="mp077", now=timezone.now()))
    broken_off()
    assert the_sentence(ended(run, Job.State.FAILED))
    assert not (Run.objects.exists() or Discrepancy.objects.exists())
    assert not any(path.is_file() for path in settings.LAKE_DIR.glob("[!.]*/*/*")), "half a copy is none"
    line.mend()
    again(run)
    ended(run, Job.State.DONE)

    export = ended(tasks.send(operations.start_export(actor=MACHINE, query="", now=timezone.now())), Job.State.DONE)
    line.hold(BACK, after=PART)
    answers = []
    client = threading.Thread(target=lambda: answers.append(machine.ask(port, f"/jobs/{export.pk}/download/")))
    client.start()
    broken_off()
    client.join(240)
    (answer,) = answers
    assert (answer.status, answer.told["detail"].startswith("The store of files does not answer")) == (503, True)
    line.mend()
    whole = machine.ask(port, f"/jobs/{export.pk}/download/")
    assert hashlib.sha256(whole.body).hexdigest() == export.result["sha256"]
    assert len(whole.body) > PART, "it is longer than what had passed"

    only_what_is_named_stays()
    assert with_store.SECRET not in logs()
