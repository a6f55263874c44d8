"""The lake's snapshots of extracts and runs: written aside, then put under a name of their own, never half-there.

In: a finished folder. Out: its name in the lake; its files on this machine, wherever the lake is. Called by whoever
writes, reads, thins or sweeps snapshots. The row of the database that names one is the commit.
"""

import fcntl
import logging
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Protocol

import duckdb
from django.conf import settings

from reconcile.feeds.sql import literal

from . import local_copies, objects, trash
from .holdings import newest
from .sites import ASIDE, Snapshot, is_here, the_place

logger = logging.getLogger(__name__)
ROWS = "rows.parquet"
REPEATS = "repeats.parquet"
SEEN = "seen.parquet"
SEEN_TOO = "seen-since-{}-went.parquet"
"""What an inventory shows too of what one that was withdrawn (its number) had been the first to show."""
HISTORY = "history.parquet"
STATUSES = "statuses.parquet"
CELLS, LATENESS = "cells.parquet", "lateness.parquet"
"""Beside the rows of a run: its registered points by party and cell of the truth table, and how late flags followed."""
STOOD, MOVES = "stood.parquet", "moves.parquet"
"""Of a day that was replayed: how its flags stood by party, and what was other than the day before. LATENESS too."""
KINDS, PLACES = "kinds.parquet", "places.parquet"
"""Beside the rows of a run: its registered points by the kind of their meter, and by where and when that was put."""
UNREADABLE = "unreadable.parquet"
"""Meter Points that lines name which were not loaded: `mpxn`, in order. No file where there are none."""
UNCERTAIN = "uncertain.parquet"
"""Numbers that such lines may be about where theirs cannot be read: `first` to `last`. No file where there are none."""
JUST_MADE_SECONDS = 10
LOOKED, HOUR = ".looked", 3600
"""A file that says when this machine last looked what a bucket holds that no row names."""
LOCK = "lock"
"""In a scratch folder: held for as long as the process lives that made it."""
PARQUET = "FORMAT parquet, PARQUET_VERSION v2"
"""Sorted numbers are written as their differences: a third less to keep, and a little quicker to write and to read."""

_scratches: set[Path] = set()
_at_work: list["Interruptible"] = []


class Interruptible(Protocol):
    """An engine that is at work."""

    def interrupt(self) -> None:
        """Break off what it is at, which then raises; from another thread, without waiting."""


def kept(row: Snapshot, file: str) -> Path:
    """Where a file of a snapshot lies; of a lake in a bucket, where it will lie once `here` or `quoted` is asked."""
    if not is_here():
        local_copies.told.update({f"{row.snapshot}/{name}": sha256 for name, sha256 in row.checksums.items()})
    path: Path = settings.LAKE_DIR / row.snapshot / file
    return path


def there(row: Snapshot, file: str) -> bool:
    """Whether a snapshot has a file. Raises StoreError."""
    if is_here():
        return kept(row, file).exists()
    if getattr(row, "thinned_at", None) and not outlives(file):
        return False
    return file in row.checksums if row.checksums else the_place().size(f"{row.snapshot}/{file}") is not None


def is_known(path: Path) -> bool:
    """Whether a snapshot, of which another file was `kept`, has this one."""
    return path.exists() if is_here() else local_copies.name_of(path) in local_copies.told


def here(*paths: Path) -> None:
    """Have files of the lake on this machine, to be opened now. What the lake does not have is not there then.

    Raises StoreError.
    """
    if is_here():
        return
    lake, aside = settings.LAKE_DIR, settings.LAKE_DIR / ASIDE
    wanted = (path for path in paths if path.is_relative_to(lake) and not path.is_relative_to(aside))
    local_copies.bring(the_place(), wanted)


def quoted(*paths: Path) -> str:
    """Paths as a DuckDB list literal, for `read_parquet`; they are brought `here`. Raises StoreError."""
    here(*paths)
    return f"[{', '.join(literal(path) for path in paths)}]"


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder on the lake's own disk, gone at the end: what is renamed out of it is whole."""
    folder = settings.LAKE_DIR / ASIDE / uuid.uuid4().hex
    folder.mkdir(parents=True)
    _scratches.add(folder)
    within = local_copies.working_in.set(folder)
    try:
        with (folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        local_copies.working_in.reset(within)
        shutil.rmtree(folder, ignore_errors=True)
        _scratches.discard(folder)


@contextmanager
def connected(workdir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own that spills to `workdir`, closed at the end."""
    with closing(connect(spill=workdir / "spill")) as con, at_work(con):
        yield con


@contextmanager
def at_work(engine: Interruptible) -> Iterator[None]:
    """Let `interrupt` reach the engine meanwhile."""
    _at_work.append(engine)
    try:
        yield
    finally:
        _at_work.remove(engine)


def interrupt() -> None:
    """Break off what every engine of this process is at; a DuckDB raises duckdb.InterruptException."""
    for engine in list(_at_work):
        engine.interrupt()


def clear_up() -> None:
    """Remove every scratch folder of this process, which is about to end."""
    for folder in list(_scratches):
        shutil.rmtree(folder, ignore_errors=True)


def connect(spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB within the memory of the settings that fetches nothing from outside; without `spill` it never spills."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.ENGINE_MEMORY,
        "temp_directory": str(spill or ""),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if settings.ENGINE_THREADS:
        config["threads"] = settings.ENGINE_THREADS
    return duckdb.connect(":memory:", config=config)


def asking() -> duckdb.DuckDBPyConnection:
    """A connection of the caller's own for one question about published snapshots; use it in a `with`.

    DuckDB's default connection is shared by all threads, and knows nothing of the settings.
    """
    return _asked().cursor()


@cache
def _asked() -> duckdb.DuckDBPyConnection:
    con = connect()
    # A published snapshot never changes, so what its file is made of is read once.
    con.execute("SET GLOBAL parquet_metadata_cache = true")
    return con


def publish(folder: Path, name: str) -> str:
    """Give a finished folder a name of its own in the lake, beginning with `name`; gives the name.

    Nothing is ever replaced: two that load the same bytes at once make two folders, and the one that commits its row
    keeps it. Raises StoreError.
    """
    own = f"{name}-{uuid.uuid4().hex[:8]}"
    the_place().put(folder, own)
    if not is_here():
        _keep_copy(folder, settings.LAKE_DIR / own)
    return own


def _keep_copy(made: Path, path: Path) -> None:
    """What was just put into a bucket is the first copy of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made.rename(path)
    local_copies.keep_within_bounds()


def remove(name: str) -> None:
    """Take a snapshot out of the lake that no row will ever use; where it cannot be now, the next sweep does it."""
    shutil.rmtree(settings.LAKE_DIR / name, ignore_errors=True)
    if not is_here():
        try:
            the_place().delete(name)
        except objects.StoreError:
            logger.exception("%s was not removed", name)


def drop(name: str, file: str) -> None:
    """Take a file out of a snapshot that no row names any more. Raises StoreError."""
    (settings.LAKE_DIR / name / file).unlink(missing_ok=True)
    the_place().delete(f"{name}/{file}")


def thin(name: str, *, now: datetime) -> int:
    """Put all of a snapshot into the trash but what it was the first to show with a live meter; gives the bytes."""
    return trash.put(name, now=now, which=lambda file: not outlives(file.name))


def outlives(file: str) -> bool:
    """Whether a file of a snapshot stays when its rows are thinned away."""
    return file.startswith("seen")


def add(name: str, folder: Path, file: str) -> None:
    """Put a finished file of a folder aside into a snapshot. Raises StoreError."""
    if is_here():
        (folder / file).replace(settings.LAKE_DIR / name / file)
        return
    the_place().put(folder / file, f"{name}/{file}")
    _keep_copy(folder / file, settings.LAKE_DIR / name / file)


def sweep(used: set[str], before: datetime, now: datetime) -> list[str]:
    """Put snapshots that no row uses, untouched since `before`, into the trash. Where no row names any that is there,
    none is: it may be the lake of others. Scratch folders go whose process has ended. Gives the names."""
    there = newest() if _is_due(now) else {}
    unused = [name for name, changed in there.items() if name not in used and changed < before]
    swept = unused if used & set(there) else []
    for name in swept:
        trash.put(name, now=now)
    return [*sweep_here(before), *swept]


def sweep_here(before: datetime) -> list[str]:
    """Remove what processes of this machine left that have ended: scratch folders, and copies on their way."""
    local_copies.clear_up(before.timestamp())
    left = [folder for folder in (settings.LAKE_DIR / ASIDE).glob("*") if _is_left(folder, before)]
    for folder in left:
        logger.warning("Removed what a process that ended left in %s.", folder)
        shutil.rmtree(folder, ignore_errors=True)
    return [f"{ASIDE}/{folder.name}" for folder in left]


def _is_due(now: datetime) -> bool:
    """Whether to look for unused snapshots: a bucket is listed once an hour by each machine."""
    if is_here():
        return True
    mark = settings.LAKE_DIR / LOOKED
    if mark.exists() and abs(now.timestamp() - mark.stat().st_mtime) < HOUR:
        return False
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    os.utime(mark, (now.timestamp(), now.timestamp()))
    return True


def _untouched(folder: Path, before: datetime) -> bool:
    try:
        return folder.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False


def _is_left(folder: Path, before: datetime) -> bool:
    """Whether the process that made a scratch folder has ended: nobody holds its lock. Without one its age tells."""
    try:
        with (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between making its folder and holding its lock, a process is younger than this.
            return time.time() - os.fstat(lock.fileno()).st_ctime > JUST_MADE_SECONDS
    except BlockingIOError:
        return False
    except OSError:
        return _untouched(folder, before)
