"""A lake beside the lake: every snapshot copied out for a backup, and back in.

In: a folder. Out: copies; their bytes. Called by ledger.backups.
"""

import shutil
from pathlib import Path

from django.conf import settings

from . import identity, store


def copy_out(target: Path) -> int:
    """Copy every snapshot that is there, and the lake's identity; gives the bytes. One that goes meanwhile is left."""
    target.mkdir(parents=True, exist_ok=True)
    for name in store.names():
        shutil.copytree(settings.LAKE_DIR / name, target / name, dirs_exist_ok=True)
    if text := identity.of_lake():
        (target / identity.FILE).write_text(f"{text}\n")
    return store.folder_size(target)


def copy_in(source: Path) -> None:
    """Copy what `copy_out` wrote into the lake, which is empty."""
    settings.LAKE_DIR.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, settings.LAKE_DIR, dirs_exist_ok=True)
