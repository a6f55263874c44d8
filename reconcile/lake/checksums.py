"""Checksums of a snapshot's files, so that a bit that flips on the disk is noticed before it becomes a wrong finding.

In: a folder. Out: file name -> SHA-256, and what differs from what was kept. Called by ledger.publishing, record and
integrity.
"""

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

CHUNK = 1024**2
AT_ONCE = 4
"""Files that are read at once; the hashing itself goes on beside Python."""


def checksums(folder: Path) -> dict[str, str]:
    """Of every Parquet file in the folder, by name."""
    files = sorted(folder.glob("*.parquet"))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return dict(zip((file.name for file in files), threads.map(of_file, files), strict=True))


def differences(folder: Path, kept: Mapping[str, str]) -> list[str]:
    """What is wrong with the files of `kept` (name -> SHA-256), in words like `rows.parquet is damaged`."""
    return compared(kept, lambda name: _sha256_or_none(folder / name))


def compared(kept: Mapping[str, str], sha256_of: Callable[[str], str | None]) -> list[str]:
    """The same, wherever the files are: what a name's is now, None where it is missing, is asked of the caller."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = threads.map(sha256_of, kept)
        return [
            f"{name} is {'missing' if sha256 is None else 'damaged'}"
            for (name, expected), sha256 in zip(kept.items(), found, strict=True)
            if sha256 != expected
        ]


def of_file(path: Path) -> str:
    """Of one file of this machine."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_stream(stream: BinaryIO) -> str:
    """Of whatever is read to its end."""
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _sha256_or_none(path: Path) -> str | None:
    """None where the file is not there; one that cannot be read any more is damaged."""
    try:
        return of_file(path)
    except FileNotFoundError:
        return None
    except OSError:
        return ""
