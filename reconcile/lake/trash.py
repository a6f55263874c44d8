"""The lake's trash: what is taken out of the lake lies here, by name, until it is emptied, and can be brought back.

In: the name of a snapshot, and the time. Out: what was moved, and the lake's own folder again. Called by whoever thins
or sweeps the lake. It lies on the lake's disk, so that moving costs nothing; TRASH/<when>/<name>/ holds the files.
"""

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from . import trash_marks
from .sites import TRASH, is_here

logger = logging.getLogger(__name__)
KEPT_FOR = timedelta(days=7)
"""How long what was removed can be brought back."""
STAMP = trash_marks.STAMP


@dataclass(frozen=True)
class Removed:
    """One snapshot in the trash: its name in the lake, since when, and its bytes."""

    name: str
    at: datetime
    bytes: int


def put(name: str, *, now: datetime, which: Callable[[Path], bool] = lambda file: True) -> int:
    """Move the files of a snapshot into the trash, or those that `which` says; gives their bytes, and logs the name.

    A folder that is left empty goes. Whoever is at the same files at the same time takes what is left. Of a lake in a
    bucket all of these raise StoreError.
    """
    moved = _moved(name, now, which) if is_here() else trash_marks.put(name, now, which)
    if moved:
        logger.warning("Removed %s from the lake (%s bytes); it lies in the trash for a week.", name, moved)
    return moved


def _moved(name: str, now: datetime, which: Callable[[Path], bool]) -> int:
    source, moved = settings.LAKE_DIR / name, 0
    target = settings.LAKE_DIR / TRASH / now.astimezone(UTC).strftime(STAMP) / name
    for file in [file for file in sorted(source.rglob("*")) if not file.is_dir() and which(file)]:
        with suppress(FileNotFoundError):
            size = file.stat().st_size
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.rename(place)
            moved += size
    _remove_empty(source)
    return moved


def bring_back(name: str) -> bool:
    """Move what was last removed under a name back into the lake; gives whether there was anything."""
    found = _moved_back(name) if is_here() else trash_marks.bring_back(name)
    if found:
        logger.warning("Brought %s back into the lake.", name)
    return found


def _moved_back(name: str) -> bool:
    found = [folder / name for folder in _stamps(newest_first=True) if (folder / name).is_dir()]
    for folder in found[:1]:
        for file in [file for file in folder.rglob("*") if not file.is_dir()]:
            place = settings.LAKE_DIR / name / file.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.rename(place)
        shutil.rmtree(folder, ignore_errors=True)
    return bool(found)


def contents() -> list[Removed]:
    """What lies in the trash, the newest first."""
    if not is_here():
        return [Removed(*one) for one in trash_marks.contents()]
    return [_removed(stamp, folder) for stamp in _stamps(newest_first=True) for folder in _snapshots(stamp)]


def empty(before: datetime) -> list[str]:
    """Remove for good what was put here before a moment; gives the names, and logs them."""
    names = _emptied(before) if is_here() else trash_marks.empty(before)
    for name in names:
        logger.warning("Emptied %s out of the trash.", name)
    return names


def _emptied(before: datetime) -> list[str]:
    gone = [stamp for stamp in _stamps() if _when(stamp) < before]
    names = [_name(stamp, folder) for stamp in gone for folder in _snapshots(stamp)]
    for stamp in gone:
        shutil.rmtree(stamp, ignore_errors=True)
    return names


def _removed(stamp: Path, folder: Path) -> Removed:
    size = 0
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):
            size += 0 if file.is_dir() else file.stat().st_size
    return Removed(_name(stamp, folder), _when(stamp), size)


def _name(stamp: Path, folder: Path) -> str:
    return str(folder.relative_to(stamp))


def _snapshots(stamp: Path) -> Iterator[Path]:
    """The folders that hold files: a snapshot's name may have several parts."""
    files = [file for file in sorted(stamp.rglob("*")) if not file.is_dir()]
    yield from dict.fromkeys(file.parent for file in files)


def _stamps(*, newest_first: bool = False) -> list[Path]:
    folders = [folder for folder in (settings.LAKE_DIR / TRASH).glob("*") if folder.is_dir() and _is_stamp(folder)]
    return sorted(folders, reverse=newest_first)


def _is_stamp(folder: Path) -> bool:
    with suppress(ValueError):
        return bool(_when(folder))
    return False


def _when(stamp: Path) -> datetime:
    return trash_marks.when(stamp.name)


def _remove_empty(folder: Path) -> None:
    """A folder in which nothing is left; one of a thinned inventory keeps what it was the first to show."""
    for one in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        with suppress(OSError):
            one.rmdir()
    with suppress(OSError):
        folder.rmdir()
