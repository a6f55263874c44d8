"""A thread of the web keeps its connection to a real PostgreSQL, and waits for none that does not answer."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import environ
import pytest
from django.conf import settings
from django.db import OperationalError, connections
from django.db.utils import ConnectionHandler

from tests import machine
from tests.with_postgres import cluster, running

Asked = Callable[[], int]
FAST_SHUTDOWN = signal.SIGINT
"""PostgreSQL's word for an end that waits for nobody who is connected."""


@contextmanager
def thread(url: str) -> Iterator[Asked]:
    """What a request of one thread of the web reads, from its beginning to its end: who served it."""
    chosen = {
        **connections["default"].settings_dict,
        **environ.Env.db_url_config(url),
        "ENGINE": "dccflags.kept_postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
    chosen["OPTIONS"] = chosen["OPTIONS"] | {"connect_timeout": settings.DATABASE_SECONDS}
    connection = ConnectionHandler({"default": chosen})["default"]

    def asked() -> int:
        connection.close_if_unusable_or_obsolete()
        try:
            with connection.cursor() as cursor:
                return cursor.execute("SELECT pg_backend_pid()").fetchone()[0]
        finally:
            connection.close_if_unusable_or_obsolete()

    try:
        yield asked
    finally:
        connection.close()


def test_a_connection_serves_one_request_after_another_until_it_is_closed_there(open_folder):
    with running(open_folder, *cluster(open_folder)) as url, thread(url) as asked:
        first = asked()
        assert asked() == first

        os.kill(first, signal.SIGTERM)
        machine.until(lambda: not Path(f"/proc/{first}").exists())
        assert asked() != first


def test_a_server_that_was_started_again_serves_the_next_request(open_folder):
    programs, who = cluster(open_folder)
    with ExitStack() as stack:
        with running(open_folder, programs, who, ending=FAST_SHUTDOWN) as url:
            asked = stack.enter_context(thread(url))
            asked()
        with pytest.raises(OperationalError):
            asked()

        stack.enter_context(running(open_folder, programs, who, ending=FAST_SHUTDOWN))
        assert asked()


def test_a_server_that_is_frozen_is_not_waited_for(open_folder):
    with running(open_folder, *cluster(open_folder), ending=FAST_SHUTDOWN) as url, thread(url) as asked:
        frozen = [asked(), int((open_folder / "data" / "postmaster.pid").read_text().split()[0])]
        began = time.monotonic()
        for process in frozen:
            os.kill(process, signal.SIGSTOP)
        try:
            with pytest.raises(OperationalError):
                asked()
        finally:
            for process in frozen:
                os.kill(process, signal.SIGCONT)

        # Three seconds for what was kept, and three for a new one.
        assert time.monotonic() - began < 30
        assert asked()
