"""The whole product on one machine: database, static files, Redis, a worker and the web, under one supervisor.

In: settings and a port. Out: an address that answers, until the `with` block is left. Called by `serve` and `demo`.
"""

import fcntl
import http.client
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.core.management import call_command

from .services import (
    ServiceError,
    redis_answers,
    redis_command,
    redis_url,
    timer_command,
    wait_for_redis,
    web_command,
    worker_command,
)
from .static import collect_static
from .supervisor import Supervisor

FIRST_PORT = 8000


@contextmanager
def running(*, port: int | None, logs: Path | None, prepare: Callable[[], None]) -> Iterator[tuple[Supervisor, str]]:
    """Everything started; yields the supervisor and the web's address. SIGTERM and Ctrl-C are KeyboardInterrupt.

    `prepare` is called once the database is there, before anything works on it, and may refuse by raising.
    `port` None takes 8000 or the next free one. ServiceError: this VAR_DIR is in use, the port is taken, a program
    is missing or does not start.
    """
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    with _only_one(settings.VAR_DIR), Supervisor(logs) as supervisor:
        port = _port(port)
        if redis_url(settings.VAR_DIR) == settings.REDIS_URL and not redis_answers(settings.VAR_DIR):
            supervisor.start("redis", redis_command(settings.VAR_DIR))
        call_command("migrate", interactive=False, verbosity=0)
        prepare()
        collect_static()
        if redis_url(settings.VAR_DIR) == settings.REDIS_URL:
            wait_for_redis(settings.VAR_DIR)
        supervisor.start("worker", worker_command())
        supervisor.start("timer", timer_command(settings.VAR_DIR))
        supervisor.start("web", web_command(port))
        _wait_for_web(port, supervisor)
        yield supervisor, f"http://127.0.0.1:{port}/"


def watch(supervisor: Supervisor) -> None:
    """Keep everything running until a signal."""
    while True:
        supervisor.check()
        time.sleep(1)


def _stop(number: int, frame: FrameType | None) -> None:
    # From here on nothing interrupts the orderly end; a second Ctrl-C would leave programs behind.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextmanager
def _only_one(var_dir: Path) -> Iterator[None]:
    with (var_dir / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ServiceError(
                f"It runs already on {var_dir}: stop it first, or set VAR_DIR to another folder."
            ) from error
        yield


def _port(wanted: int | None) -> int:
    """The wanted port, or the first free one from 8000 on."""
    for port in (wanted,) if wanted else range(FIRST_PORT, FIRST_PORT + 100):
        with socket.socket() as probe:
            # As gunicorn binds it: a port whose last connections are still closing is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServiceError(f"Port {wanted or FIRST_PORT} is taken: set PORT to a free one.")


def _wait_for_web(port: int, supervisor: Supervisor, seconds: float = 60) -> None:
    """Any answer will do: with HTTPS set it is a redirect to an address that only the proxy serves."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        web = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            web.request("GET", "/health/")
            web.getresponse()
        except (OSError, http.client.HTTPException):
            supervisor.check()
            time.sleep(0.2)
        else:
            return
        finally:
            web.close()
    raise ServiceError(f"The web did not answer on port {port} within {seconds:g} seconds.")
