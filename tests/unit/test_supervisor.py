"""What ends is started again: at once, then later and later; what never stays up is given up."""

import os
import signal
import sys

import pytest

from dccflags import supervisor
from dccflags.supervisor import GaveUp, Supervisor
from tests.machine import until

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the test moves."""
    now = [1000.0]
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: now[0])
    return now


def test_what_is_killed_is_started_again_at_once(tmp_path):
    with Supervisor(tmp_path) as programs:
        program = programs.start("sleeper", SLEEPER)
        first = program.process.pid
        os.kill(first, signal.SIGKILL)

        until(lambda: not program.running)
        assert programs.check() == ["sleeper"]
        assert program.running and program.process.pid != first
        assert programs.check() == []


def test_what_lived_for_long_is_never_given_up_but_started_later_and_later(tmp_path, clock):
    with Supervisor(tmp_path) as programs:
        program = programs.start("ends", [sys.executable, "-c", ""])
        program.process.wait()
        clock[0] += 100
        waits = []
        for _ in range(9):
            program.process.wait()
            died = clock[0]
            while not programs.check():
                clock[0] += 1
            waits.append(clock[0] - died)

    assert waits == [0, 0, 1, 3, 7, 15, 30, 30, 30]


def test_what_never_stays_up_is_given_up(tmp_path, clock):
    with Supervisor(tmp_path) as programs, pytest.raises(GaveUp, match="ends as soon as it is started; see"):
        program = programs.start("ends", [sys.executable, "-c", ""])
        for _ in range(100):
            program.process.wait()
            programs.check()
            clock[0] += 1
