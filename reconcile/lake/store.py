"""The lake's folders: snapshots of extracts and runs are written aside and renamed, never half-there.

In: a finished folder. Out: its name in the lake. Called by whoever writes, measures, thins or sweeps snapshots.
"""

import fcntl
import logging
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Protocol

import duckdb
from django.conf import settings

from reconcile.feeds.sql import literal

from . import trash

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
ASIDE = ".aside"
JUST_MADE_SECONDS = 10
LOCK = "lock"
"""In a scratch folder: held for as long as the process lives that made it."""
NO_SNAPSHOTS = {ASIDE, trash.TRASH}
"""Folders of the lake that hold no snapshots."""
PARQUET = "FORMAT parquet, PARQUET_VERSION v2"
"""Sorted numbers are written as their differences: a third less to keep, and a little quicker to write and to read."""

_scratches: set[Path] = set()
_at_work: list["Interruptible"] = []


class Interruptible(Protocol):
    """An engine that is at work."""

    def interrupt(self) -> None:
        """Break off what it is at, which then raises; from another thread, without waiting."""


def quoted(*paths: Path) -> str:
    """Paths as a DuckDB list literal, for `read_parquet`."""
    return f"[{', '.join(literal(path) for path in paths)}]"


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder on the lake's own disk, gone at the end: what is renamed out of it is whole."""
    folder = settings.LAKE_DIR / ASIDE / uuid.uuid4().hex
    folder.mkdir(parents=True)
    _scratches.add(folder)
    try:
        with (folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
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
    keeps it.
    """
    own = f"{name}-{uuid.uuid4().hex[:8]}"
    target = settings.LAKE_DIR / own
    target.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(target)
    return own


def remove(name: str) -> None:
    """Take a snapshot out of the lake that no row will ever use."""
    shutil.rmtree(settings.LAKE_DIR / name, ignore_errors=True)


def thin(name: str, *, now: datetime) -> int:
    """Put all of a snapshot into the trash but what it was the first to show with a live meter; gives the bytes."""
    return trash.put(name, now=now, which=lambda file: not outlives(file.name))


def outlives(file: str) -> bool:
    """Whether a file of a snapshot stays when its rows are thinned away."""
    return file.startswith("seen")


def add(name: str, folder: Path, file: str) -> None:
    """Put a finished file of a folder aside into a snapshot."""
    (folder / file).rename(settings.LAKE_DIR / name / file)


def sizes() -> dict[str, int]:
    """Bytes by kind of snapshot: flags, devices, responses, runs."""
    folders = [folder for folder in settings.LAKE_DIR.glob("*") if folder.is_dir() and folder.name not in NO_SNAPSHOTS]
    return {folder.name: folder_size(folder) for folder in sorted(folders)}


def folder_size(folder: Path) -> int:
    """Bytes of all files in a folder; one that goes meanwhile counts nothing."""
    total = 0
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += file.stat().st_size if file.is_file() else 0
    return total


def names() -> list[str]:
    """Every snapshot that is there: `flags/2026-11-14-0a1b2c3d`."""
    folders = [folder for folder in settings.LAKE_DIR.glob("*/*") if folder.parent.name not in NO_SNAPSHOTS]
    return sorted(str(folder.relative_to(settings.LAKE_DIR)) for folder in folders if folder.is_dir())


def sweep(used: set[str], before: datetime, now: datetime) -> list[str]:
    """Put snapshots that no row uses, untouched since `before`, into the trash. Where no row names any that is there,
    none is: it may be the lake of others. Scratch folders go whose process has ended. Gives the names."""
    there = names()
    unused = [name for name in there if name not in used and _untouched(settings.LAKE_DIR / name, before)]
    swept = unused if used & set(there) else []
    for name in swept:
        trash.put(name, now=now)
    left = [folder for folder in (settings.LAKE_DIR / ASIDE).glob("*") if _is_left(folder, before)]
    for folder in left:
        logger.warning("Removed what a process that ended left in %s.", folder)
        shutil.rmtree(folder, ignore_errors=True)
    return [*(f"{ASIDE}/{folder.name}" for folder in left), *swept]


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
