"""The health pages say which part is away, quickly, to anyone, and nothing else."""

import shutil
import signal
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings as product
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from reconcile.models import Run, SignOfLife

ALL_WELL = {
    "status": "ok", "database": True, "migrations": True, "lake": True, "redis": True, "worker": True,
    "timer": True, "disk": True, "worker_seconds": 20, "late_feeds": 4, "version": product.VERSION,
}  # fmt: skip


@pytest.fixture
def well(cast, own_lake, redis_server, settings):
    """Everything is as it should be."""
    settings.REDIS_CLIENT_URL = redis_server[1]
    SignOfLife.objects.create(part="timer", at=timezone.now() - timedelta(seconds=20))
    SignOfLife.objects.create(part="clock", at=timezone.now() - timedelta(seconds=10))


def faults(client, address="/health/"):
    """The status, and the names of the parts that are not well."""
    answer = client.get(address)
    return (
        answer.status_code,
        [name for name, value in answer.json().items() if value is False],
        answer.json()["status"],
    )


def test_all_is_well(client, well):
    answer = client.get("/health/")

    assert (answer.status_code, answer.json()) == (200, ALL_WELL)


def test_the_database_is_away(client, well, monkeypatch):
    def away():
        raise DatabaseError("could not connect to db.example.com as flags")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", away)
        answer = client.get("/health/")

    assert answer.status_code == 503
    assert answer.json() == {
        "status": "The database does not answer.", "database": False, "migrations": None, "lake": None, "redis": True,
        "worker": None, "timer": None, "disk": True, "worker_seconds": None, "late_feeds": None,
        "version": product.VERSION,
    }  # fmt: skip


def test_a_migration_is_missing(client, well):
    MigrationRecorder(connection).record_unapplied("reconcile", "0001_the_ledger")

    assert faults(client) == (503, ["migrations"], "1 migrations are not applied: run migrate.")


@pytest.mark.parametrize("lost", ["what the newest run found", "an extract that it read", "the whole lake"])
def test_the_lake_is_away(client, well, own_lake, cast, lost):
    shutil.rmtree(
        {
            "what the newest run found": own_lake / cast.last_run.snapshot,
            "an extract that it read": own_lake / cast.inventory.snapshot,
            "the whole lake": own_lake,
        }[lost]
    )

    status, parts, words = faults(client)

    assert (status, parts) == (503, ["lake"])
    assert words.startswith("The lake cannot be read")


def test_before_the_first_run_an_empty_lake_is_well(client, db, settings, tmp_path):
    settings.LAKE_DIR = tmp_path / "lake"

    assert not Run.objects.exists()
    assert faults(client, "/health/web/") == (200, [], "ok")


@pytest.mark.parametrize("number", [signal.SIGSTOP, None], ids=["hangs", "is not there"])
def test_redis_is_away(client, well, redis_server, settings, number):
    if number:
        redis_server[0].signal_group(number)
    else:
        settings.REDIS_CLIENT_URL = "unix:///nowhere/redis.sock"

    started = time.monotonic()
    found = faults(client)

    redis_server[0].signal_group(signal.SIGCONT)
    assert found == (503, ["redis"], "Redis does not answer.")
    assert time.monotonic() - started < 4


@pytest.mark.parametrize(("seconds", "status"), [(100, 200), (130, 503)])
def test_a_worker_has_been_silent(client, well, seconds, status):
    SignOfLife.objects.filter(part="timer").update(at=timezone.now() - timedelta(seconds=seconds))

    answer = client.get("/health/")

    assert (answer.status_code, answer.json()["worker"]) == (status, status == 200)
    assert answer.json()["worker_seconds"] == seconds


def test_no_worker_has_ever_been_there(client, well):
    SignOfLife.objects.filter(part="timer").delete()

    assert faults(client) == (503, ["worker"], "No worker has given a sign of life yet.")


def test_a_disk_that_does_not_answer_is_not_waited_for(client, well, monkeypatch):
    module, answers, took = sys.modules["reconcile.ledger.queries.health"], threading.Event(), []
    monkeypatch.setattr(module, "_holds", lambda names: answers.wait(10))

    for _ in range(2):
        started = time.monotonic()
        assert faults(client)[:2] == (503, ["lake"])
        took.append(time.monotonic() - started)

    # The second does not begin to wait again while the first is waiting still.
    assert took[0] < 3 and took[1] < 1
    answers.set()
    module._asking["lake"].join()
    assert faults(client)[:2] == (200, [])


def test_pages_are_well_while_work_waits(client, well, settings):
    settings.REDIS_CLIENT_URL = "unix:///nowhere/redis.sock"
    SignOfLife.objects.all().delete()

    answer = client.get("/health/web/")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok", "database": True, "migrations": True, "lake": True, "version": product.VERSION,
    }  # fmt: skip


def test_alive_asks_nothing_of_anything(client, monkeypatch):
    monkeypatch.setattr(connection, "cursor", None)

    assert [client.get(address).json() for address in ("/health/alive", "/health/alive/")] == [{"status": "ok"}] * 2


@pytest.mark.parametrize("address", ["/health/", "/health/web/", "/health/alive", "/health/ready"])
def test_a_probe_asks_by_any_name_and_without_https(client, well, settings, address):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["flags.example.com"], True

    assert client.get(address, headers={"Host": "10.1.2.3:8000"}).status_code == 200
    assert client.get("/login/", headers={"Host": "10.1.2.3:8000"}).status_code == 400


def test_a_disk_that_is_nearly_full_is_told_before_it_is(client, well, settings):
    assert client.get("/health/ready").json()["disk"] is True
    settings.MIN_FREE_PERCENT = 100

    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json()["disk"]) == (503, False)
    assert "MIN_FREE_PERCENT" in answer.json()["status"]
    assert client.get("/health/web/").status_code == 200


@pytest.mark.parametrize("address", ["/health/", "/health/web/"])
def test_nothing_is_told_that_is_not_for_everyone(client, well, own_lake, settings, address):
    settings.REDIS_CLIENT_URL = "redis://:secret@127.0.0.1:1/0"
    shutil.rmtree(own_lake)
    MigrationRecorder(connection).record_unapplied("reconcile", "0001_the_ledger")

    body = client.get(address).content.decode()

    assert not any(word in body for word in ("secret", "127.0.0.1", str(product.VAR_DIR), str(own_lake), "reconcile"))
