"""A lake beside the lake: every snapshot copied out for a backup, and back in.

In: a folder. Out: copies; their bytes. Called by ledger.backups.
"""

import shutil
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from . import holdings, identity
from .sites import is_here, the_place


def copy_out(target: Path) -> int:
    """Copy every snapshot that is there, and the lake's identity; gives the bytes. One that goes meanwhile is left."""
    target.mkdir(parents=True, exist_ok=True)
    for name in holdings.names():
        _copy(name, target / name)
    if text := identity.of_lake():
        (target / identity.FILE).write_text(f"{text}\n")
    return holdings.folder_size(target)


def _copy(name: str, target: Path) -> None:
    if is_here():
        shutil.copytree(settings.LAKE_DIR / name, target, dirs_exist_ok=True)
        return
    for one in the_place().list(name):
        with suppress(FileNotFoundError):
            the_place().fetch(one.name, target / one.name.rpartition("/")[2])


def copy_in(source: Path) -> None:
    """Copy what `copy_out` wrote into the lake, which is empty."""
    if not is_here():
        the_place().put(source, "")
        return
    settings.LAKE_DIR.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, settings.LAKE_DIR, dirs_exist_ok=True)
