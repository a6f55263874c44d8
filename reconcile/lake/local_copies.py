"""This machine's copies of the files of a lake in a bucket: fetched whole, compared with their checksum, then kept.

In: where a file of the lake would lie if the lake were here. Out: it does. Called by lake.store. Programs of one
machine share the copies. They take LAKE_CACHE_BYTES; those that nobody asked for for longest go first.
"""

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from django.conf import settings

from . import checksums, objects

FETCHING = ".fetching"
"""Where a copy lies that is not whole yet. A folder of the lake's that holds no snapshots."""
KEPT_SECONDS = 300
"""A copy that was asked for so lately is not let go: somebody is about to open it."""
HELD = "held"
"""In a scratch folder: links to the copies that the work in it reads, which stay as long as it does."""

told: dict[str, str] = {}
"""File of the lake -> SHA-256, as rows of the database have it; they tell it with the file's place (`store.kept`)."""
working_in: ContextVar[Path | None] = ContextVar("working_in", default=None)
"""The scratch folder of the work that is being done."""
_linking = threading.Lock()


def bring(place: objects.Place, paths: Iterable[Path]) -> None:
    """See to it that copies lie at their paths, and stay while they are read. What the bucket lacks stays missing.

    Raises StoreError, also where what came is not what was written.
    """
    work = working_in.get()
    if wanted := [path for path in paths if not _touched(path, work)]:
        objects.at_once(lambda path: _bring(place, path, work), wanted)
        keep_within_bounds()


def _bring(place: objects.Place, path: Path, work: Path | None) -> None:
    with suppress(FileNotFoundError):
        while not _touched(path, work):
            _fetch(place, path)


def keep_within_bounds() -> None:
    """Let go what was not asked for for longest, until the rest fits."""
    copies = sorted(_copies(), key=lambda copy: copy[1].st_mtime)
    over = sum(stat.st_size for _, stat in copies) - settings.LAKE_CACHE_BYTES
    for path, stat in copies:
        if over <= 0 or time.time() - stat.st_mtime < KEPT_SECONDS:
            return
        if stat.st_nlink == 1:
            path.unlink(missing_ok=True)
            over -= stat.st_size


def let_go_unless(path: Path, sha256: str) -> None:
    """Let go a copy that is not what it should be."""
    with suppress(FileNotFoundError):
        if checksums.of_file(path) != sha256:
            path.unlink()


def clear_up(before: float) -> None:
    """Remove what killed processes left of copies that were on their way."""
    for path in (settings.LAKE_DIR / FETCHING).glob("*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()


def name_of(path: Path) -> str:
    """What the bucket calls a file."""
    return path.relative_to(settings.LAKE_DIR).as_posix()


def _touched(path: Path, work: Path | None) -> bool:
    """Whether a copy lies there; it counts as asked for now, and is held by the work that is being done."""
    with suppress(FileNotFoundError):
        os.utime(path)
        if work:
            link = work / HELD / hashlib.sha256(str(path).encode()).hexdigest()
            with _linking:
                if not link.exists():
                    link.parent.mkdir(exist_ok=True)
                    link.hardlink_to(path)
        return True
    return False


def _fetch(place: objects.Place, path: Path) -> None:
    """One of those that want the same file at once fetches it, and the others wait."""
    name = name_of(path)
    aside = settings.LAKE_DIR / FETCHING / hashlib.sha256(name.encode()).hexdigest()
    with _alone(aside.with_suffix(".lock")):
        if path.exists():
            return
        try:
            place.fetch(name, aside)
            if told.get(name) and checksums.of_file(aside) != told[name]:
                raise objects.StoreError(
                    f"{name} in {place.address} is damaged: its checksum is not what it was when it was written. "
                    "Restore it from the backup, or load its file again."
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.rename(path)
        finally:
            aside.unlink(missing_ok=True)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _copies() -> Iterator[tuple[Path, os.stat_result]]:
    for path in settings.LAKE_DIR.glob("[!.]*/*/*"):
        with suppress(FileNotFoundError):
            yield path, path.stat()
