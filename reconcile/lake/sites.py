"""Where the lake is: a folder of this machine, or a bucket, of which LAKE_DIR holds this machine's copies.

In: settings. Out: the place, and what lies there. Called by the modules of the lake that write, list and remove.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from . import objects

ASIDE, TRASH, KEPT_FILES = ".aside", ".trash", ".files"
"""Folders of the lake that hold no snapshots, as all do whose name begins so: unfinished work, what was removed, and
files that web and workers pass on."""


class Snapshot(Protocol):
    """A row that names a snapshot, with the checksums of its files."""

    snapshot: Any
    checksums: Any


def is_here() -> bool:
    """Whether the lake is a folder of this machine."""
    return not settings.LAKE_URL.startswith(objects.S3)


def the_place() -> objects.Place:
    """The lake."""
    return objects.place(str(settings.LAKE_DIR) if is_here() else settings.LAKE_URL)


def folders() -> list[str]:
    """The folder of every snapshot on this machine."""
    found = (folder for folder in settings.LAKE_DIR.glob("[!.]*/*") if folder.is_dir())
    return sorted(str(folder.relative_to(settings.LAKE_DIR)) for folder in found)


def snapshot_files() -> list[objects.Object]:
    """Every file of a snapshot, wherever the lake is; in a bucket what lies in the trash too. Raises StoreError."""
    if is_here():
        return [one for name in folders() for one in _files(settings.LAKE_DIR / name)]
    return [one for one in the_place().list() if "/" in one.name and not one.name.startswith(".")]


def _files(folder: Path) -> Iterator[objects.Object]:
    """One that goes meanwhile is left out."""
    for path in sorted(folder.rglob("*")):
        with suppress(FileNotFoundError):
            if not path.is_dir():
                stat, name = path.stat(), path.relative_to(settings.LAKE_DIR).as_posix()
                yield objects.Object(name, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))
