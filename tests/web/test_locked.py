"""An SQLite database that another program holds: one sentence and 503, on pages, at the log-in, and of commands."""

import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from reconcile.models import Session

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.one_database,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite alone"),
]
BUSY = "The database is busy with other work."
PASSWORD = "a long enough password"
HOLD = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    other.execute(statement)
print("held", flush=True)
sys.stdin.read()
"""
HOLDS = {
    "writes": ["BEGIN IMMEDIATE"],
    "everything": ["PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE", "UPDATE auth_user SET first_name = 'x'"],
}


@pytest.fixture
def browser() -> Iterator[Client]:
    """Somebody who is logged in, at a product that waits for a tenth of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.1)
        connection.close()
        client = Client(raise_request_exception=False)
        client.force_login(User.objects.create_superuser("root", password=PASSWORD))
        yield client
    # What comes after it waits as long as ever.
    connection.close()


@pytest.fixture
def hold(browser: Client) -> Iterator[Callable[[str], None]]:
    """Lets another process hold what it says, until the end of the test."""
    others: list[subprocess.Popen[str]] = []

    def take(what: str) -> None:
        # What the test before raised may hold its connection still.
        gc.collect()
        connection.close()
        command = [sys.executable, "-c", HOLD, str(connection.settings_dict["NAME"]), *HOLDS[what]]
        others.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        assert others[-1].stdout.readline() == "held\n"

    yield take
    for other in others:
        other.communicate("")
    connection.close()


@pytest.mark.parametrize("what", HOLDS)
def test_what_cannot_be_written_is_said_in_a_sentence(hold, browser: Client, what: str):
    hold(what)

    answers = {
        "log-in": Client(raise_request_exception=False).post("/login/", {"username": "root", "password": PASSWORD}),
        "a button": browser.post("/storage/tidy/"),
    }
    with pytest.raises(CommandError) as refused:
        call_command("tidy")

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 503)
    assert all(BUSY in answer.content.decode() for answer in answers.values())
    assert str(refused.value) == f"The database cannot be used (database is locked). {BUSY}"


def test_pages_say_that_they_cannot_where_nobody_else_may_read(hold, browser: Client):
    hold("everything")

    for address in ("/jobs/", "/login/", "/api/runs/", "/health/ready/"):
        answer = browser.get(address)
        assert answer.status_code == 503, address
    assert BUSY in browser.get("/jobs/").content.decode()


def test_that_somebody_was_there_is_not_worth_waiting_for(hold, browser: Client):
    Session.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    hold("writes")

    assert browser.get("/jobs/").status_code == 200
