"""How long pages take with 20 clients at once, on the loaded market of VAR_DIR, and one Meter Point's evidence.

In: VAR_DIR and DATABASE_URL of a product that has a run. Out: JSON: page -> milliseconds for clients and server.
Run as a process by __main__; `--only queue`: such pages alone. It starts gunicorn and Redis as `make serve` does, on
127.0.0.1 only, and ends it.
"""

import http.client
import json
import os
import random
import shlex
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django comes first
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks.addresses import pages  # noqa: E402
from benchmarks.people import benchmark_person  # noqa: E402
from dccflags.services import redis_command, wait_for_redis, web_command  # noqa: E402
from dccflags.supervisor import Program  # noqa: E402
from reconcile.ledger import queries  # noqa: E402
from reconcile.ledger.access import EVERYTHING  # noqa: E402
from reconcile.models import Discrepancy  # noqa: E402
from reconcile.models.sessions import SessionStore  # noqa: E402

CLIENTS = 20
REQUESTS = 400
SECONDS = float(os.environ.get("BENCH_SECONDS", "10"))
"""A page is asked for so often, or for so long, whichever ends first."""
ALONE = 20
"""Requests of a page by one client with nobody else there, after those of the many."""
LOOK_UPS = 200
TAG = "X-Page"


def main() -> None:
    """Start the web, ask for every page, end the web, print."""
    points, log = sample_points(random.Random(1)), settings.VAR_DIR / "requests.log"
    log.unlink(missing_ok=True)
    wanted, cookie = only(pages(points)), session()
    connection.close()
    with serving(*logged(log)) as port:
        found = {name: ask(port, cookie, name, paths) for name, paths in wanted.items()}
        for name, paths in wanted.items():
            times = client(port, cookie, "alone", (paths * ALONE)[:ALONE], time.monotonic() + SECONDS)
            found[name]["alone_p50"] = round(quantile(times, 50), 1)
    served = server_times(log)
    for name, figures in found.items():
        figures |= {f"server_p{at}": round(quantile(served[name], at), 1) for at in (50, 95)}
        figures["server_max"] = round(max(served[name]), 1)
    print(printed(found))
    judged = evidence(points) if len(sys.argv) == 1 else {}
    print(json.dumps({"clients": CLIENTS, "pages": found, "evidence": judged}))


def only(every: dict[str, list[str]]) -> dict[str, list[str]]:
    """All pages, or those whose names begin as `--only` says."""
    wanted = sys.argv[2] if sys.argv[1:2] == ["--only"] else ""
    return {name: paths for name, paths in every.items() if name.startswith(wanted)}


def logged(log: Path) -> tuple[str, ...]:
    """What lets gunicorn note of each request its page, its microseconds and its status."""
    return "--access-logfile", str(log), "--access-logformat", f"%({{{TAG.lower()}}}i)s %(D)s %(s)s"


def heads_of(cookie: str, name: str) -> dict[str, str]:
    """What a browser sends with a request for a page: like any, it can read what is compressed."""
    return {"Cookie": cookie, "Accept-Encoding": "gzip", TAG: shlex.quote(name.replace(" ", "_"))}


COLUMNS = ("requests", "p50", "p95", "max", "server_p50", "server_p95", "server_max", "alone_p50", "per_second")


def printed(found: dict[str, dict[str, Any]]) -> str:
    """A table in Markdown: a page a line."""
    shown = [one for one in COLUMNS if any(one in figures for figures in found.values())]
    lines = [["page", *(one.replace("_", " ") for one in shown)], ["---", *["---:"] * len(shown)]]
    lines += [[name, *(f"{figures.get(one, 0):,.0f}" for one in shown)] for name, figures in found.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@contextmanager
def serving(*logged: str) -> Iterator[int]:
    """The web and Redis, as `make serve` starts them; gives the port."""
    port = free_port()
    call_command("collectstatic", interactive=False, verbosity=0)
    redis = Program("redis", redis_command(settings.VAR_DIR), settings.VAR_DIR / "redis.log")
    web = Program("web", [*web_command(port), *logged], settings.VAR_DIR / "web.log")
    redis.start()
    web.start()
    try:
        wait_for_redis(settings.VAR_DIR)
        wait_for(port)
        yield port
    finally:
        web.end()
        redis.end()


def sample_points(chosen: random.Random, number: int = LOOK_UPS) -> list[int]:
    """Meter Points with a discrepancy, open or not."""
    ids = list(Discrepancy.objects.order_by("pk").values_list("mpxn", flat=True)[:1_000_000])
    return chosen.sample(ids, min(number, len(ids)))


def session() -> str:
    """The cookie of somebody who sees the whole market."""
    user = benchmark_person()
    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def ask(port: int, cookie: str, name: str, paths: list[str]) -> dict[str, Any]:
    """Ask for a page from 20 clients at once; milliseconds as the clients see them."""
    deadline = time.monotonic() + SECONDS
    shares = [[paths[n % len(paths)] for n in range(first, REQUESTS, CLIENTS)] for first in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as clients:
        started = time.perf_counter()
        per_client = list(clients.map(lambda share: client(port, cookie, name, share, deadline), shares))
        seconds = time.perf_counter() - started
    times = [one for times in per_client for one in times]
    return {
        "requests": len(times),
        "p50": round(quantile(times, 50), 1),
        "p95": round(quantile(times, 95), 1),
        "max": round(max(times), 1),
        "per_second": round(len(times) / seconds, 1),
    }


def client(port: int, cookie: str, name: str, paths: list[str], deadline: float) -> list[float]:
    """One client, one request after the other. Milliseconds each."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    times = []
    for path in paths:
        if time.monotonic() > deadline:
            break
        started = time.perf_counter()
        answer = asked(line, path, heads_of(cookie, name))
        times.append((time.perf_counter() - started) * 1000)
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
    line.close()
    return times


def asked(line: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    """Ask, and read the answer; once more where the server had closed a line that lay idle."""
    for last in (False, True):
        try:
            line.request("GET", path, headers=headers)
            answer = line.getresponse()
            answer.read()
        except http.client.RemoteDisconnected:
            line.close()
            if last:
                raise
        else:
            return answer
    raise AssertionError("one of the two has returned")


def server_times(log: Path) -> dict[str, list[float]]:
    """Milliseconds that gunicorn measured, by page; a request waiting for a thread is not in them."""
    times: dict[str, list[float]] = {}
    for line in log.read_text().splitlines():
        tag, micros, _ = line.rsplit(" ", 2)
        if tag != "-":
            times.setdefault(tag.strip("'").replace("_", " "), []).append(int(micros) / 1000)
    return times


def evidence(points: list[int]) -> dict[str, Any]:
    """Milliseconds of judging one Meter Point anew from the lake, warm."""
    queries.evidence(scope=EVERYTHING, mpxn=points[0])
    times = []
    for mpxn in points:
        started = time.perf_counter()
        if queries.evidence(scope=EVERYTHING, mpxn=mpxn) is None:
            raise SystemExit(f"There is no evidence for {mpxn}")
        times.append((time.perf_counter() - started) * 1000)
    return {"look_ups": len(times), "p50": round(quantile(times, 50), 1), "p95": round(quantile(times, 95), 1)}


def quantile(values: list[float], per_cent: int) -> float:
    """The value that so many per cent of the values do not pass."""
    return statistics.quantiles(values, n=100, method="inclusive")[per_cent - 1] if len(values) > 1 else values[0]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 60) -> None:
    """Return once the web answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("The web did not start")


if __name__ == "__main__":
    main()
