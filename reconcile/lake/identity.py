"""Which database a lake belongs to: a file in its root with the identity that stands in that database too.

In: an identity. Out: the one that the lake has. Called by ledger.ownership.
"""

import uuid
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from .sites import is_here, the_place

FILE = "identity"


def new_identity() -> str:
    """One that nothing else has."""
    return str(uuid.uuid4())


def of_lake() -> str:
    """What stands in the lake's root; empty where the lake has no identity yet. Raises StoreError."""
    with suppress(FileNotFoundError), the_place().opened(FILE) as file:
        return file.read().decode().strip()
    return ""


def give(identity: str) -> None:
    """Write the identity into a lake that has none; of two that do so at once the first stays, in a bucket the last."""
    if not is_here():
        if not of_lake():
            take(identity)
        return
    settings.LAKE_DIR.mkdir(parents=True, exist_ok=True)
    draft = settings.LAKE_DIR / f"{FILE}.{uuid.uuid4().hex}"
    draft.write_text(f"{identity}\n")
    with suppress(FileExistsError):
        _file().hardlink_to(draft)
    draft.unlink()


def take(identity: str) -> None:
    """Write the identity over whatever stands there. Raises StoreError."""
    settings.LAKE_DIR.mkdir(parents=True, exist_ok=True)
    draft = settings.LAKE_DIR / f"{FILE}.{uuid.uuid4().hex}"
    draft.write_text(f"{identity}\n")
    try:
        the_place().put(draft, FILE)
    finally:
        draft.unlink(missing_ok=True)


def _file() -> Path:
    return settings.LAKE_DIR / FILE
