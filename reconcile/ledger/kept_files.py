"""Files that pass between web and workers: uploads, rejected lines, exports. Nobody else knows where they lie.

In: a file that is whole. Out: its name, which a row keeps, and the file again for whoever asks by that. A name is a
path: below VAR_DIR, or within the store of the lake (FOLDER); or the absolute one of a file that a command named.
"""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO

from django.conf import settings

from reconcile.lake import objects, sites, store

FOLDER = sites.KEPT_FILES


@dataclass(frozen=True)
class Kept:
    """A file that is kept: its name and bytes; when it was written and when it came there, in seconds since 1970."""

    name: str
    bytes: int
    written_at: float
    came_at: float


def new_name(folder: str, file: str) -> str:
    """The name of a file that is about to be kept; in a store one that was never used before."""
    return f"{folder}/{file}" if on_one_disk() else f"{folder}/{uuid.uuid4().hex[:8]}/{file}"


def in_full(name: str) -> str:
    """The name as people look for it: the whole path, where it is one of this machine's disk."""
    return str(_path(name)) if on_one_disk() else name


def aside_of(name: str) -> Path:
    """Where a file is written that is not whole yet; what a killed process leaves there is swept up."""
    folder, *within = PurePath(name).parts
    path = _path(f"{folder}/{'-'.join(within)}" if _in_store(name) else name)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f".{path.name}.part")


def keep(aside: Path, name: str) -> str:
    """Keep a whole file under a name, which it gives back. It is there at once or not at all. Raises StoreError."""
    if not (place := _in_store(name)):
        _path(name).parent.mkdir(parents=True, exist_ok=True)
        aside.replace(_path(name))
        return name
    try:
        place.put(aside, _key(name))
    finally:
        aside.unlink(missing_ok=True)
    return name


def is_there(name: str) -> bool:
    """Whether a file is kept, still. Raises StoreError."""
    place = _in_store(name)
    return _path(name).is_file() or (place is not None and place.size(_key(name)) is not None)


def is_there_or_unknown(name: str) -> bool:
    """The same for a page, which shows all else where the store does not answer: whoever asks for the file is told."""
    try:
        return is_there(name)
    except objects.StoreError:
        return True


@contextmanager
def at_hand(name: str) -> Iterator[Path]:
    """A file as one of this machine, for as long as it is worked on; what is not there any more is no file there.

    Raises StoreError.
    """
    place, path = _in_store(name), _path(name)
    if not place or path.is_file():
        yield path
        return
    with store.scratch() as folder:
        path = folder / path.name
        with suppress(FileNotFoundError):
            place.fetch(_key(name), path)
        yield path


def opened(name: str) -> BinaryIO | None:
    """A file to be read, which is here whole before its first byte is; None where it is not there any more.

    Raises StoreError.
    """
    with at_hand(name) as path:
        return path.open("rb") if path.is_file() else None


def beginning(name: str, length: int) -> tuple[bytes, int]:
    """The first bytes of a file, and how many it has in all; of one that is not there none. Raises StoreError."""
    place, path = _in_store(name), _path(name)
    with suppress(FileNotFoundError, IsADirectoryError):
        if not place or path.is_file():
            with path.open("rb") as file:
                return file.read(length), path.stat().st_size
        with place.opened(_key(name)) as file:
            return file.read(length), place.size(_key(name)) or 0
    return b"", 0


def remove(name: str) -> None:
    """Let a file go, if it is there. Raises StoreError."""
    _path(name).unlink(missing_ok=True)
    if place := _in_store(name):
        place.delete(_key(name))


def listed(folder: str) -> list[Kept]:
    """All files of a folder, those that lie on this machine with their whole path. Raises StoreError."""
    place = _place()
    there = place.list(_key(folder)) if place else []
    return listed_here(folder) + [
        Kept(one.name.removeprefix(f"{FOLDER}/"), one.bytes, one.modified.timestamp(), one.modified.timestamp())
        for one in there
    ]


def listed_here(folder: str) -> list[Kept]:
    """Those that lie on this machine: where there is a store, what is on its way there, or was left."""
    return [kept for path in (settings.VAR_DIR / folder).rglob("*") for kept in _kept(path)]


def bytes_in(folder: str) -> int:
    """How much room the files of a folder take."""
    return sum(kept.bytes for kept in listed(folder))


def same(name: str) -> Path:
    """What is equal for all names of one file."""
    return _path(name)


def copy_out(folder: str, target: Path) -> None:
    """Copy the files of a folder out, for a backup."""
    for kept in listed(folder):
        copy = target / _path(kept.name).relative_to(settings.VAR_DIR / folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with at_hand(kept.name) as path, suppress(FileNotFoundError):
            shutil.copy2(path, copy)


def copy_in(source: Path, folder: str) -> None:
    """Keep the files that were copied out, under the names that they had."""
    for path in (path for path in source.rglob("*") if path.is_file()):
        name = f"{folder}/{path.relative_to(source)}"
        aside = aside_of(f"{folder}/{uuid.uuid4().hex}")
        shutil.copy2(path, aside)
        keep(aside, name)


def _kept(path: Path) -> Iterator[Kept]:
    """A link to an old file came when its name did."""
    with suppress(FileNotFoundError):
        if not path.is_dir():
            yield Kept(str(path), path.lstat().st_size, path.stat().st_mtime, path.lstat().st_ctime)


def on_one_disk() -> bool:
    """Whether files are passed on by a disk that all machines have, for there is no store."""
    return _place() is None


def _place() -> objects.Place | None:
    place = objects.place(settings.LAKE_URL)
    return place if place.bucket else None


def _in_store(name: str) -> objects.Place | None:
    return None if PurePath(name).is_absolute() else _place()


def _key(name: str) -> str:
    return f"{FOLDER}/{name}"


def _path(name: str) -> Path:
    return Path(settings.VAR_DIR, name)
