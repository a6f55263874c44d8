"""A lake in a real object store: machines that share no disk, a wrong secret, a store that goes away, a kill."""

import csv
import shutil
import signal
import subprocess
import sys
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from reconcile.lake import holdings, local_copies, objects, sites, store
from reconcile.ledger import operations, ownership
from reconcile.ledger.actors import MACHINE
from reconcile.models import Extract, Job, Run
from reconcile.sample.make import make_sample
from tests import machine

FILES = ("registration_electricity", "registration_gas", "smi")
KILLED_IN_AN_UPLOAD = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from reconcile.lake import objects
upload = objects.Place._upload
def upload_and_die(self, file, name):
    upload(self, file, name)
    os.kill(os.getpid(), signal.SIGKILL)
objects.Place._upload = upload_and_die
call_command("load", sys.argv[1])
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A small market: the first day's files that a run needs."""
    folder = tmp_path_factory.mktemp("small")
    make_sample(folder, points=1_500, days=1, seed=7)
    return {name: next(folder.glob(f"*/{name}_*")) for name in FILES}


@pytest.fixture
def lake(in_store, monkeypatch, tmp_path):
    """An empty lake in the store, and no copy of it on this machine."""
    monkeypatch.setattr(settings, "LAKE_DIR", tmp_path / "copies")
    return in_store


def on(folder, *words, **more):
    """A command of the product on a machine of its own, done: its exit status, and what it said."""
    env = machine.environment(VAR_DIR=str(folder), LAKE_URL=settings.LAKE_URL, **more)
    command = [sys.executable, settings.BASE_DIR / "manage.py", *map(str, words)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def load(path):
    """Load a file in this process; gives its job."""
    copy = settings.VAR_DIR / "incoming" / f"{uuid.uuid4().hex}-{path.name}"
    shutil.copy(path, copy)
    job = operations.start_load(actor=MACHINE, path=copy, name=path.name, now=timezone.now())
    return operations.perform(actor=MACHINE, job_id=job.pk)


def again(job):
    """The same job, once more."""
    operations.run_again(actor=MACHINE, job_id=job.pk, now=timezone.now())
    return operations.perform(actor=MACHINE, job_id=job.pk)


def reconcile():
    """Reconcile in this process; gives the job."""
    job = operations.start_reconcile(actor=MACHINE, as_of=None, policy="mp077", now=timezone.now())
    return operations.perform(actor=MACHINE, job_id=job.pk)


def test_machines_without_a_shared_disk_work_on_one_lake(lake, files, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    code, said = on(one, "day", *files.values(), "--out", tmp_path / "one.csv")
    assert code == 0, said

    assert on(two, "export", tmp_path / "two.csv")[0] == 0
    row = next(csv.DictReader((tmp_path / "two.csv").open()))
    code, said = on(two, "explain", row["mpxn"])

    assert (code, row["rule"] in said) == (0, True), said
    assert (tmp_path / "two.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
    run = Run.objects.get()
    assert store.there(run, store.CELLS)
    assert not (two / "lake").exists() and not (one / "lake").exists()
    assert holdings.differences(run, run.checksums) == []


def test_a_wrong_secret_is_said_and_nothing_is_loaded(lake, files, tmp_path):
    code, said = on(tmp_path / "one", "load", files["smi"], AWS_SECRET_ACCESS_KEY="guessed")

    assert code == 1
    assert "refuses the credentials: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in said
    assert (len(said.splitlines()), "Traceback" in said) == (1, False), said
    assert not Extract.objects.exists()
    assert sites.the_place().list() == []


def test_a_store_that_goes_away_in_a_load_and_in_a_run_leaves_nothing_half_done(lake, files, monkeypatch):
    put, fetch = objects.Place.put, objects.Place.fetch
    loaded = load(files["smi"])
    assert loaded.state == Job.State.DONE, loaded.message

    def put_as_it_goes(*asked):
        lake.kill()
        put(*asked)

    monkeypatch.setattr(objects.Place, "put", put_as_it_goes)
    broken = load(files["registration_gas"])
    assert (broken.state, "does not answer: check the network" in broken.message) == (Job.State.FAILED, True)
    assert "Nothing was changed." in broken.message
    assert Extract.objects.count() == 1
    monkeypatch.setattr(objects.Place, "put", put)
    away = load(files["registration_electricity"])
    assert (away.state, "does not answer" in away.message) == (Job.State.FAILED, True)

    lake.start()
    assert [again(job).state for job in (broken, away)] == [Job.State.DONE] * 2
    shutil.rmtree(settings.LAKE_DIR)

    def fetch_as_it_hangs(*asked):
        lake.process.send_signal(signal.SIGSTOP)
        fetch(*asked)

    with monkeypatch.context() as patient:
        patient.setattr(objects, "SILENT_SECONDS", 1)
        patient.setattr(objects.Place, "fetch", fetch_as_it_hangs)
        objects._s3.cache_clear()
        stopped = reconcile()
    lake.process.send_signal(signal.SIGCONT)
    objects._s3.cache_clear()
    assert (stopped.state, "does not answer" in stopped.message) == (Job.State.FAILED, True), stopped.message
    assert not Run.objects.exists()
    assert again(stopped).state == Job.State.DONE
    assert set(holdings.names()) == ownership.named()


def test_what_a_killed_upload_left_is_not_seen_and_is_swept_up(lake, files, tmp_path):
    assert load(files["registration_gas"]).state == Job.State.DONE
    command = [sys.executable, "-c", KILLED_IN_AN_UPLOAD, files["smi"]]
    env = machine.environment(VAR_DIR=str(tmp_path / "one"), LAKE_URL=settings.LAKE_URL)

    assert subprocess.run(command, env=env, check=False, cwd=settings.BASE_DIR).returncode == -signal.SIGKILL

    left = set(holdings.names()) - ownership.named()
    assert (len(left), Extract.objects.count()) == (1, 1)
    now = timezone.now()
    assert store.sweep(ownership.named(), now - timedelta(hours=6), now) == []
    later = now + timedelta(hours=7)
    assert set(store.sweep(ownership.named(), later - timedelta(hours=6), later)) == left
    assert set(holdings.names()) == ownership.named()
    assert load(files["smi"]).state == Job.State.DONE


def test_two_that_make_the_same_snapshot_at_once_leave_one_and_a_sweep_meanwhile_takes_neither(
    lake, files, monkeypatch
):
    assert load(files["registration_gas"]).state == Job.State.DONE
    publish, swept, other = store.publish, [], []

    def publish_as_another_does(folder, name):
        """Between the put and the row that names it."""
        monkeypatch.setattr(store, "publish", publish)
        own = publish(folder, name)
        swept.append(operations.sweep_up(actor=MACHINE, now=timezone.now()))
        other.append(load(files["smi"]))
        return own

    monkeypatch.setattr(store, "publish", publish_as_another_does)
    first = load(files["smi"])

    assert [job.state for job in (first, *other)] == [Job.State.DONE] * 2
    assert (swept, Extract.objects.count()) == ([[]], 2)
    assert set(holdings.names()) == ownership.named()
    assert store.trash.contents() == []


def test_copies_stay_within_their_bounds_and_are_what_was_written(lake, files, monkeypatch):
    load(files["registration_gas"]), load(files["smi"])
    first, second = Extract.objects.order_by("pk")
    path, other = (store.kept(one, store.ROWS) for one in (first, second))
    monkeypatch.setattr(settings, "LAKE_CACHE_BYTES", 1)
    monkeypatch.setattr(local_copies, "KEPT_SECONDS", -1)

    with store.scratch():
        store.here(path)
        local_copies.keep_within_bounds()
        assert (path.exists(), other.exists()) == (True, False), "what is worked on stays"
    local_copies.keep_within_bounds()
    assert not path.exists()

    monkeypatch.setattr(settings, "LAKE_CACHE_BYTES", 10**9)
    store.here(path, other)
    assert path.exists() and other.exists()

    damaged = settings.LAKE_DIR / "damaged"
    damaged.write_bytes(b"damaged")
    sites.the_place().put(damaged, local_copies.name_of(path))
    assert holdings.differences(first, first.checksums) == ["rows.parquet is damaged"]
    path.unlink()
    with pytest.raises(objects.StoreError, match=r"rows.parquet in s3://.* is damaged: its checksum"):
        store.here(path)
    assert not path.exists()


def test_a_thinned_snapshot_lies_in_the_trash_comes_back_and_goes_for_good(lake, files):
    load(files["smi"])
    extract, now = Extract.objects.get(), timezone.now().replace(microsecond=0)
    whole = holdings.sizes()["devices"]

    freed = store.thin(extract.snapshot, now=now)
    assert (0 < freed < whole, holdings.sizes()["devices"]) == (True, whole - freed)
    assert [(one.name, one.bytes) for one in store.trash.contents()] == [(extract.snapshot, freed)]
    assert store.trash.bring_back(extract.snapshot)
    assert holdings.sizes()["devices"] == whole

    store.thin(extract.snapshot, now=now)
    assert store.trash.empty(now) == []
    assert store.trash.empty(now + timedelta(seconds=1)) == [extract.snapshot]
    assert [one.name for one in sites.the_place().list(extract.snapshot)] == [f"{extract.snapshot}/{store.SEEN}"]
    assert store.trash.contents() == []
