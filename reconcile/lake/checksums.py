"""Checksums of a snapshot's files, so that a bit that flips on the disk is noticed before it becomes a wrong finding.

In: a folder. Out: file name -> SHA-256, and what differs from what was kept. Called by ledger.publishing, record and
integrity.
"""

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

AT_ONCE = 4
"""Files that are read at once; the hashing itself goes on beside Python."""


def checksums(folder: Path) -> dict[str, str]:
    """Of every Parquet file in the folder, by name."""
    files = sorted(folder.glob("*.parquet"))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return dict(zip((file.name for file in files), threads.map(_sha256, files), strict=True))


def differences(folder: Path, kept: Mapping[str, str]) -> list[str]:
    """What is wrong with the files of `kept` (name -> SHA-256), in words like `rows.parquet is damaged`."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = threads.map(_sha256_or_none, (folder / name for name in kept))
        return [
            f"{name} is {'missing' if sha256 is None else 'damaged'}"
            for (name, expected), sha256 in zip(kept.items(), found, strict=True)
            if sha256 != expected
        ]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sha256_or_none(path: Path) -> str | None:
    """None where the file is not there; one that cannot be read any more is damaged."""
    try:
        return _sha256(path)
    except FileNotFoundError:
        return None
    except OSError:
        return ""
