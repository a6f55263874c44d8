"""What the lake holds, wherever it is: the names of its snapshots, their bytes, and whether they are what was written.

In: rows that name snapshots. Out: names, sizes, what differs. Called by store, copies and the ledger.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from . import checksums, local_copies, objects, trash_marks
from .sites import Snapshot, folders, is_here, snapshot_files, the_place


def differences(row: Snapshot, kept: Mapping[str, str]) -> list[str]:
    """What is wrong with the files of `kept` (name -> SHA-256) of a snapshot, as `checksums.differences` has it.

    Of a lake in a bucket it reads the bucket's own, and lets a copy go that is not the same. Raises StoreError.
    """
    if is_here():
        return checksums.differences(settings.LAKE_DIR / row.snapshot, kept)
    for file, sha256 in kept.items():
        local_copies.let_go_unless(settings.LAKE_DIR / row.snapshot / file, sha256)
    return checksums.compared(kept, lambda file: _in_bucket(f"{row.snapshot}/{file}"))


def written(row: Snapshot) -> dict[str, str]:
    """The checksums of the files that a snapshot has now. Raises StoreError."""
    if is_here():
        return checksums.checksums(settings.LAKE_DIR / row.snapshot)
    files = [one.name for one in the_place().list(row.snapshot) if one.name.endswith(".parquet")]
    return {name.rpartition("/")[2]: _in_bucket(name) or "" for name in files}


def _in_bucket(name: str) -> str | None:
    try:
        with the_place().opened(name) as stream:
            return checksums.of_stream(stream)
    except FileNotFoundError:
        return None


def sizes() -> dict[str, int]:
    """Bytes by kind of snapshot: flags, devices, responses, runs. Raises StoreError."""
    found: Counter[str] = Counter()
    for one in _standing():
        found[one.name.partition("/")[0]] += one.bytes
    return dict(sorted(found.items()))


def _standing() -> list[objects.Object]:
    return snapshot_files() if is_here() else trash_marks.standing()


def bytes_of(name: str) -> int:
    """Bytes of a snapshot. Raises StoreError."""
    return folder_size(settings.LAKE_DIR / name) if is_here() else sum(one.bytes for one in the_place().list(name))


def missing(wanted: Iterable[str]) -> bool:
    """Whether any of some snapshots has no files. Raises StoreError."""
    if is_here():
        return not all((settings.LAKE_DIR / name).is_dir() for name in wanted)
    return not all(objects.at_once(lambda name: bool(the_place().list(name)), wanted))


def folder_size(folder: Path) -> int:
    """Bytes of all files in a folder; one that goes meanwhile counts nothing."""
    total = 0
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += file.stat().st_size if file.is_file() else 0
    return total


def names() -> list[str]:
    """Every snapshot that is there: `flags/2026-11-14-0a1b2c3d`. Raises StoreError."""
    return sorted(newest())


def newest() -> dict[str, datetime]:
    """Every snapshot that is there, and when something of it was last written."""
    if is_here():
        return {name: _changed(settings.LAKE_DIR / name) for name in folders()}
    found: dict[str, datetime] = {}
    for one in _standing():
        name = one.name.rpartition("/")[0]
        found[name] = max(one.modified, found.get(name, one.modified))
    return found


def _changed(folder: Path) -> datetime:
    """One that goes meanwhile changes now."""
    try:
        return datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.now(UTC)
