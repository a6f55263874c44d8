"""Whether the product can do its work: each part that it needs, asked in a second or two. Called by the health pages.

In: the time. Out: Health. Nobody has to log in for it, so it names no address, path or person.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from reconcile.lake import holdings, identity, objects, sites
from reconcile.models import RunInput

from ..access import EVERYTHING
from ..heartbeat import CLOCK, TIMER, WORKER, last_sign, signs
from ..inputs import latest_run
from ..integrity import known_damaged
from ..ownership import of_database
from .feeds import late

SECONDS = 1.5
"""How long a part may take to answer."""
FORGOTTEN_AFTER = timedelta(days=1)
"""A worker that was killed and is not there any more is missed for so long."""
LATE_SECONDS = 30
"""A worker signs every half minute; a sign is late by so much after it would count as lost."""
PAGES = ("database", "migrations", "lake")
"""What pages need; with the others away they answer, and work waits."""
JOBS = ("redis", "worker", "timer")
"""What jobs need besides."""
READINESS = (*PAGES, "disk")
"""What changes need too."""


@dataclass(frozen=True)
class Health:
    """Each part and what is wrong with it, in words: empty where nothing is, None where it could not be asked.

    `late_feeds`: how many files have not come that should have, which is nothing wrong with the product.
    """

    parts: dict[str, str | None]
    worker_seconds: int | None = None
    late_feeds: int | None = None

    @property
    def faults(self) -> list[str]:
        """What is wrong, part by part."""
        return [words for words in self.parts.values() if words]


def health(*, now: datetime, parts: Iterable[str] | None = None) -> Health:
    """How the parts are, or some of them."""
    wanted = tuple(parts or PARTS)
    found: dict[str, str | None] = {"database": _database()}
    for name in wanted:
        # Where the database does not answer, nothing more is to be learnt of what it would have to be asked for.
        found[name] = PARTS[name](now) if not found["database"] or name in WITHOUT_DATABASE else found.get(name)
    seen = last_sign() if not found["database"] and "worker" in wanted else None
    asked = "worker" in wanted and not found["database"] and not found.get("migrations")
    return Health(
        {name: found[name] for name in wanted},
        int((now - seen).total_seconds()) if seen else None,
        len(late(scope=EVERYTHING, now=now)) if asked else None,
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    return ""


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)


def _migrations(now: datetime) -> str:
    missing = len(_known_migrations() - MigrationRecorder(connection).applied_migrations().keys())
    return f"{missing} migrations are not applied: run migrate." if missing else ""


def _lake(now: datetime) -> str:
    """What the newest run read and found has to be there; before the first run, the folder or the one it will be in.

    So has to be whatever was checked last.
    """
    ours = of_database()
    if not _within_time("identity", lambda: not ours or _is_ours(ours)):
        return "The lake belongs to another database, or cannot be read."
    if damaged := len(known_damaged()):
        return f"{damaged} snapshot{'s are' if damaged > 1 else ' is'} damaged or missing: the Storage page names them."
    run = latest_run()
    if run is None:
        there = _within_time("lake", _is_or_can_be)
    else:
        read = RunInput.objects.filter(run=run).values_list("extract__snapshot", flat=True).distinct()
        needed = [run.snapshot, *read]
        there = _within_time("lake", lambda: _holds(needed))
    return "" if there else "The lake cannot be read, or what the newest run read or found is not there."


def _is_or_can_be() -> bool:
    """Whether there is a lake, or a folder or bucket in which it will be."""
    try:
        return not sites.is_here() or settings.LAKE_DIR.is_dir() or settings.LAKE_DIR.parent.is_dir()
    except OSError:
        return False


def _is_ours(ours: str) -> bool:
    try:
        return identity.of_lake() in {"", ours}
    except objects.StoreError:
        return False


def _holds(names: Sequence[str]) -> bool:
    try:
        return not holdings.missing(names)
    except OSError:
        return False


_asking: dict[str, threading.Thread] = {}


def _within_time(part: str, ask: Callable[[], bool]) -> bool:
    """An answer, or False where none comes: a disk of another machine that is away would be waited for without end."""
    standing = _asking.get(part)
    if standing and standing.is_alive():
        return False
    answer: SimpleQueue[bool] = SimpleQueue()
    _asking[part] = threading.Thread(target=lambda: answer.put(ask()), daemon=True)
    _asking[part].start()
    try:
        return answer.get(timeout=SECONDS)
    except Empty:
        return False


def _redis(now: datetime) -> str:
    try:
        with redis.Redis.from_url(
            settings.REDIS_CLIENT_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS
        ) as client:
            client.ping()
    except redis.RedisError:
        return "Redis does not answer."
    return ""


def _worker(now: datetime) -> str:
    seen = last_sign()
    if seen is None:
        return "No worker has given a sign of life yet."
    if is_late(seen, now):
        return "No worker has given a sign of life lately."
    workers = [at for part, at in signs().items() if part.startswith(WORKER) and now - at < FORGOTTEN_AFTER]
    silent = sum(is_late(at, now) for at in workers)
    return f"{silent} of {len(workers)} workers gave no sign of life lately." if silent else ""


def is_late(seen: datetime, now: datetime) -> bool:
    """Whether a sign is too old; or from a time to come, because the clock was set back and nobody signed since."""
    most: int = settings.LOST_AFTER_SECONDS + LATE_SECONDS
    return abs((now - seen).total_seconds()) > most


def _timer(now: datetime) -> str:
    found = signs()
    seen = found.get(CLOCK, found.get(TIMER))
    if seen is None:
        return "The timer has given no sign of life yet."
    return "The timer is late: nothing looks for lost jobs." if is_late(seen, now) else ""


def free_share(folder: Path) -> float:
    """The free share of the disk that a folder is on, or will be on."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    disk = shutil.disk_usage(there)
    return disk.free / disk.total


def _can_be_written(folder: Path) -> bool:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return os.access(there, os.W_OK) and not os.statvfs(there).f_flag & os.ST_RDONLY


def _disk(now: datetime) -> str:
    if not _within_time("disk", lambda: all(map(_can_be_written, (settings.VAR_DIR, settings.LAKE_DIR)))):
        return "A disk takes no writes."
    if not _within_time("disk", lambda: min(map(free_share, (settings.VAR_DIR, settings.LAKE_DIR))) >= _least_free()):
        return f"Less than {settings.MIN_FREE_PERCENT} % of a disk are free (MIN_FREE_PERCENT)."
    return ""


def _least_free() -> float:
    percent: int = settings.MIN_FREE_PERCENT
    return percent / 100


WITHOUT_DATABASE = {"redis", "disk"}
PARTS: dict[str, Callable[[datetime], str]] = {
    "database": lambda now: "",
    "migrations": _migrations,
    "lake": _lake,
    "redis": _redis,
    "worker": _worker,
    "timer": _timer,
    "disk": _disk,
}
