"""Starts programs, keeps them running, and ends every one of them.

In: names and command lines. Out: running programs, ended with the supervisor however it ends. Called by `serve`, `demo`
and tests. Linux: a child is told of its parent's death by the kernel, so even a killed supervisor leaves no orphan.
"""

import ctypes
import logging
import os
import signal
import subprocess  # nosec B404
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

logger = logging.getLogger(__name__)
PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 20
"""How long a program may take to end before it is killed."""
QUICK_DEATHS = 5
QUICK_DEATH_SECONDS = 60
"""A program that ends this often within this time, and has never lived for longer, is given up."""
LONGEST_WAIT = 30
"""Seconds until a program that ends again and again is started again."""

_prctl = getattr(ctypes.CDLL(None), "prctl", None)
"""Linux has it; elsewhere a killed supervisor leaves its programs running."""


class GaveUp(Exception):
    """A program ends again and again; one plain sentence."""


def die_with_parent() -> None:
    """In a new child: ask the kernel for SIGTERM when the parent dies."""
    if _prctl:
        _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Program:
    """One command line, its running process and when it was started."""

    name: str
    command: Sequence[str]
    log: Path | None
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    process: "subprocess.Popen[bytes] | None" = None
    starts: list[float] = field(default_factory=list)
    ended: float = 0
    quick_deaths: int = 0
    proven: bool = False

    def start(self) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches the supervisor alone."""
        self.starts.append(time.monotonic())
        self.ended = 0
        with self.log.open("ab") if self.log else nullcontext() as log:
            # The command is our own, a list that no shell reads.
            self.process = subprocess.Popen(  # nosec B603
                self.command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - it only makes one system call
            )

    @property
    def running(self) -> bool:
        """Whether its first process lives."""
        return self.process is not None and self.process.poll() is None

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to it and all that it started."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def end(self) -> None:
        """SIGTERM to the first process, which ends its own; after a while SIGKILL to all of them."""
        if self.process is None:
            return
        if self.running:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE_SECONDS)
        self.signal_group(signal.SIGKILL)
        self.process.wait()

    def note_end(self) -> None:
        """Remember when it was seen to have ended, and whether it had lived for long."""
        if self.ended:
            return
        self.ended = time.monotonic()
        lived = self.ended - self.starts[-1]
        self.quick_deaths = 0 if lived >= QUICK_DEATH_SECONDS else self.quick_deaths + 1
        self.proven = self.proven or lived >= QUICK_DEATH_SECONDS

    def flaps(self) -> bool:
        """Whether it has never stayed up, so that to try again is of no use."""
        return not self.proven and self.quick_deaths >= QUICK_DEATHS

    def is_due(self) -> bool:
        """Whether it is time to start it again: at once after a long life, later and later after short ones."""
        wait = min(2 ** (self.quick_deaths - 1) - 1, LONGEST_WAIT) if self.quick_deaths else 0
        return time.monotonic() - self.ended >= wait


class Supervisor:
    """Programs in the order of their start; ended in the reverse order when the `with` block is left."""

    def __init__(self, logs: Path | None = None) -> None:
        """`logs`: a folder for one log file a program; None leaves their words on the terminal."""
        self.logs = logs
        if logs:
            logs.mkdir(parents=True, exist_ok=True)
        self.programs: list[Program] = []

    def start(self, name: str, command: Sequence[str]) -> Program:
        """Start a program and keep it running."""
        program = Program(name, command, self.logs / f"{name}.log" if self.logs else None)
        self.programs.append(program)
        program.start()
        return program

    def check(self) -> list[str]:
        """Start again what has ended, once it is due; their names. GaveUp when one has never stayed up."""
        started = []
        for program in [program for program in self.programs if not program.running]:
            program.note_end()
            if program.flaps():
                where = f"; see {program.log}" if program.log else ""
                raise GaveUp(f"{program.name} ends as soon as it is started{where}.")
            if program.is_due():
                logger.warning("%s had ended and is started again.", program.name)
                program.signal_group(signal.SIGKILL)
                program.start()
                started.append(program.name)
        return started

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in reversed(self.programs):
            program.end()
