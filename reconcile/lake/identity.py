"""Which database a lake belongs to: a file in its root with the identity that stands in that database too.

In: an identity. Out: the one that the lake has. Called by ledger.ownership.
"""

import uuid
from contextlib import suppress
from pathlib import Path

from django.conf import settings

FILE = "identity"


def new_identity() -> str:
    """One that nothing else has."""
    return str(uuid.uuid4())


def of_lake() -> str:
    """What stands in the lake's root; empty where the lake has no identity yet."""
    with suppress(FileNotFoundError):
        return _file().read_text().strip()
    return ""


def give(identity: str) -> None:
    """Write the identity into a lake that has none; of two that do so at once the first stays."""
    settings.LAKE_DIR.mkdir(parents=True, exist_ok=True)
    draft = settings.LAKE_DIR / f"{FILE}.{uuid.uuid4().hex}"
    draft.write_text(f"{identity}\n")
    with suppress(FileExistsError):
        _file().hardlink_to(draft)
    draft.unlink()


def take(identity: str) -> None:
    """Write the identity over whatever stands there."""
    settings.LAKE_DIR.mkdir(parents=True, exist_ok=True)
    draft = settings.LAKE_DIR / f"{FILE}.{uuid.uuid4().hex}"
    draft.write_text(f"{identity}\n")
    draft.replace(_file())


def _file() -> Path:
    return settings.LAKE_DIR / FILE
