"""A checksum of what pages are made of, so that no part of a page outlives the code that wrote it.

In: folders. Out: a short text. Called by settings.
"""

import hashlib
from pathlib import Path


def checksum(*folders: Path) -> str:
    """Of every template and module in the folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".html", ".py"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
