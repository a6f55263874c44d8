"""Real programs for tests: where they find the test's data, and how they are started and ended.

In: the test session's settings. Out: environments, running programs, and what a web answers. Called by fixtures of
tests/celery and browser.
"""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection

from dccflags.services import redis_command, wait_for_redis, web_command, worker_command
from dccflags.supervisor import Program

LOST_AFTER_SECONDS = 3
ADA, PASSWORD, TOKEN = "ada", "a long enough password", "a" * 32
AS_ADA = {"Authorization": "Basic " + base64.b64encode(f"{ADA}:{PASSWORD}".encode()).decode()}
FROM_A_PAGE = AS_ADA | {
    "Accept": "application/json",
    "Cookie": f"csrftoken={TOKEN}",
    "X-CSRFToken": TOKEN,
}


def database_url() -> str:
    """The test database as another process reaches it."""
    wanted = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{wanted['NAME']}"
    return f"postgresql://{wanted['USER']}@/{wanted['NAME']}?{urlencode(wanted['OPTIONS'])}"


def environment(**more: str) -> dict[str, str]:
    """For a program that shares this session's VAR_DIR and database, with the product's own settings."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "dccflags.settings",
        "VAR_DIR": str(settings.VAR_DIR),
        "DATABASE_URL": database_url(),
        "LOST_AFTER_SECONDS": str(LOST_AFTER_SECONDS),
        **more,
    }


def redis() -> Program:
    """Redis on the session's socket, started and answering."""
    program = Program("redis", redis_command(settings.VAR_DIR), settings.VAR_DIR / "redis.log")
    program.start()
    wait_for_redis(settings.VAR_DIR)
    return program


def worker(processes: int = 2, name: str = "", **more: str) -> Program:
    """A Celery worker, starting up; `more` are settings of its own. One with a name has a log of its own."""
    log = settings.VAR_DIR / (f"worker-{name}.log" if name else "worker.log")
    program = Program("worker", worker_command(processes, name), log, environment(**more))
    program.start()
    return program


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def web(**more: str) -> tuple[Program, int]:
    """The web on a free port, answering; its log is web.log."""
    port = free_port()
    program = Program("web", web_command(port), settings.VAR_DIR / "web.log", environment(**more))
    program.start()
    until(lambda: _listens(port))
    return program, port


@dataclass
class Answer:
    """What a web said."""

    status: int
    headers: Message
    body: bytes

    @property
    def told(self) -> Any:
        """Its JSON."""
        return json.loads(self.body)


def ask(port: int, path: str, body: bytes | None = None, **headers: str) -> Answer:
    """Ada asks the web at a port; with a body she sends it."""
    line = HTTPConnection("127.0.0.1", port, timeout=240)
    try:
        line.request("GET" if body is None else "POST", path, body, FROM_A_PAGE | headers)
        answer = line.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        line.close()


def form(*files: Path) -> tuple[bytes, dict[str, str]]:
    """Files as a page sends them: the body, and the heading that it needs."""
    part = '--line\r\nContent-Disposition: form-data; name="file"; filename="{}"\r\n\r\n'
    parts = b"".join(part.format(file.name).encode() + file.read_bytes() + b"\r\n" for file in files)
    return parts + b"--line--\r\n", {"Content-Type": "multipart/form-data; boundary=line"}


def upload(port: int, *files: Path) -> Answer:
    """Ada hands in files at the web at a port."""
    body, headers = form(*files)
    return ask(port, "/api/extracts/", body, **headers)


def end(programs: Iterable[subprocess.Popen], number: signal.Signals, seconds: float = 20) -> None:
    """Tell programs to end, the last that began first, and kill those that do not within a time."""
    programs = list(programs)
    for program in reversed(programs):
        program.send_signal(number)
    for program in programs:
        try:
            program.wait(seconds)
        except subprocess.TimeoutExpired:
            program.kill()


def collect_static() -> None:
    """The files of pages, as the product itself gathers them."""
    collect = [sys.executable, str(settings.BASE_DIR / "manage.py"), "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(collect, env=environment(), check=True)


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def until(
    condition: Callable[[], Any], seconds: float = 60, every: float = 0.01, logs: Iterable[Path] | None = None
) -> Any:
    """What `condition` gives once it is true; the test fails, with the last words of logs, after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(every)
    asked = [settings.VAR_DIR / "worker.log"] if logs is None else sorted(logs)
    words = "\n".join(log.read_text()[-3000:] if log.exists() else f"there is no {log.name}" for log in asked)
    raise AssertionError(f"not within {seconds:g} seconds; the last words:\n{words}")


def answered(condition: Callable[[], Any]) -> Callable[[], Any]:
    """The condition, not true while nobody listens."""

    def asked() -> Any:
        with suppress(HTTPException, OSError):
            return condition()

    return asked
