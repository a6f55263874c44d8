"""Fixtures: a real Redis and real workers on the session's VAR_DIR and database, new for each test that asks for them.

In: the test session's settings. Out: what tests start and kill.
"""

import shutil
import signal
from collections.abc import Callable

import pytest
from django.conf import settings

from tests import machine


@pytest.fixture
def empty_machine(transactional_db):
    """No lake, queue, or log from the test before."""
    for name in ("lake", "redis", "incoming", "rejects"):
        shutil.rmtree(settings.VAR_DIR / name, ignore_errors=True)
    for log in settings.VAR_DIR.glob("worker*.log"):
        log.unlink()
    (settings.VAR_DIR / "incoming").mkdir()


@pytest.fixture
def redis_server(empty_machine):
    """A running Redis; a test may kill and start it."""
    server = machine.redis()
    yield server
    server.end()


@pytest.fixture
def start_worker(redis_server) -> Callable:
    """Starts a worker; all of them end with the test."""
    started = []

    def start(**more):
        started.append(machine.worker(**more))
        return started[-1]

    yield start
    for program in started:
        program.signal_group(signal.SIGKILL)
        program.end()
