"""Which database a lake belongs to: a file in its root with the identity that stands in that database too.

In: an identity. Out: the one that the lake has. Called by ledger.ownership.
"""

import uuid
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from .sites import is_here, the_place

FILE = "identity"
CLAIMS = ".claims"
"""Where those say so who are about to write the identity into a bucket that has none."""


class Claimed(Exception):
    """Others give the lake an identity at this moment. Nothing was written."""


def new_identity() -> str:
    """One that nothing else has."""
    return str(uuid.uuid4())


def of_lake() -> str:
    """What stands in the lake's root; empty where the lake has no identity yet. Raises StoreError."""
    with suppress(FileNotFoundError), the_place().opened(FILE) as file:
        return file.read().decode().strip()
    return ""


def give(identity: str) -> None:
    """Write the identity into a lake that has none. Raises Claimed, StoreError.

    Of two that do so at once in a folder the first stays; in a bucket at most one is not refused.
    """
    if not is_here():
        _claim(identity)
        return
    settings.LAKE_DIR.mkdir(parents=True, exist_ok=True)
    draft = settings.LAKE_DIR / f"{FILE}.{uuid.uuid4().hex}"
    draft.write_text(f"{identity}\n")
    with suppress(FileExistsError):
        _file().hardlink_to(draft)
    draft.unlink()


def _claim(identity: str) -> None:
    """Say that one is about to write, under a name of its own, look who else does, and whether it is done, then write.

    Not every store can be told to write a file only where there is none. This way, of any two the one that looks later
    sees the other's word, or what the other wrote. Where the store goes away meanwhile the word stands.
    """
    place, mine = the_place(), f"{CLAIMS}/{identity}.{uuid.uuid4().hex}"
    _put(identity, mine)
    others = [one.name for one in place.list(CLAIMS) if not one.name.startswith(f"{CLAIMS}/{identity}.")]
    if not others and not of_lake():
        take(identity)
    place.delete(mine)
    if others:
        raise Claimed


def take(identity: str) -> None:
    """Write the identity over whatever stands there. Raises StoreError."""
    _put(identity, FILE)


def _put(identity: str, name: str) -> None:
    settings.LAKE_DIR.mkdir(parents=True, exist_ok=True)
    draft = settings.LAKE_DIR / f"{FILE}.{uuid.uuid4().hex}"
    draft.write_text(f"{identity}\n")
    try:
        the_place().put(draft, name)
    finally:
        draft.unlink(missing_ok=True)


def _file() -> Path:
    return settings.LAKE_DIR / FILE
