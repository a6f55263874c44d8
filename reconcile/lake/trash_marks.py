"""The trash of a lake in a bucket: marks beside the files, which stay where they are until it is emptied.

In: as lake.trash. Out: the same. Called by lake.trash. Nothing can be renamed in a bucket, and copying costs as much as
the files are large: TRASH/<when>/<file> marks one. Each of the functions raises StoreError.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from .objects import Object
from .sites import TRASH, snapshot_files, the_place

STAMP = "%Y%m%dT%H%M%SZ"
Marks = dict[str, dict[str, set[str]]]
"""When -> snapshot -> its files."""


def put(name: str, now: datetime, which: Callable[[Path], bool]) -> int:
    """Mark the files of a snapshot that `which` says; gives their bytes."""
    already = marked()
    found = [one for one in the_place().list(name) if one.name not in already and which(Path(one.name))]
    with TemporaryDirectory() as folder:
        for one in found:
            mark = Path(folder, "mark")
            mark.write_text(one.name)
            the_place().put(mark, f"{TRASH}/{now.astimezone(UTC).strftime(STAMP)}/{one.name}")
    return sum(one.bytes for one in found)


def bring_back(name: str) -> bool:
    """Take the newest marks off a snapshot; gives whether there were any."""
    stamps = [stamp for stamp, names in marks().items() if name in names]
    if stamps:
        the_place().delete(f"{TRASH}/{max(stamps)}/{name}")
    return bool(stamps)


def contents() -> list[tuple[str, datetime, int]]:
    """Name, when and bytes of what is marked, the newest first."""
    sizes = {one.name: one.bytes for one in snapshot_files()}
    return [
        (name, when(stamp), sum(sizes.get(file, 0) for file in files))
        for stamp, names in sorted(marks().items(), reverse=True)
        for name, files in names.items()
    ]


def empty(before: datetime) -> list[str]:
    """Remove what was marked before a moment, each file before its mark; gives the names of the snapshots."""
    old = {stamp: names for stamp, names in marks().items() if when(stamp) < before}
    for stamp, names in old.items():
        for name, files in names.items():
            _remove(name, files)
        the_place().delete(f"{TRASH}/{stamp}")
    return [name for names in old.values() for name in names]


def _remove(name: str, files: set[str]) -> None:
    """A snapshot of which nothing is left goes at once."""
    left = {one.name for one in the_place().list(name)} - files
    for gone in files if left else [name]:
        the_place().delete(gone)


def marked() -> set[str]:
    """Every file that lies in the trash."""
    return {file for names in marks().values() for files in names.values() for file in files}


def standing() -> list[Object]:
    """Every file of a snapshot that does not."""
    gone = marked()
    return [one for one in snapshot_files() if one.name not in gone]


def marks() -> Marks:
    """What is marked."""
    found: Marks = defaultdict(lambda: defaultdict(set))
    for one in the_place().list(TRASH):
        _, stamp, file = one.name.split("/", 2)
        found[stamp][file.rpartition("/")[0]].add(file)
    return found


def when(stamp: str) -> datetime:
    """The moment that a stamp says."""
    return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
