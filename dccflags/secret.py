"""A secret that is made once on this machine and kept in a file."""

import secrets
from contextlib import suppress
from pathlib import Path


def kept_secret(path: Path, strength: int = 50) -> str:
    """The secret in `path`; made on first use, readable by its owner only, the same for all who start at once.

    `strength` is the number of random bytes in a new one.
    """
    if path.exists():
        return path.read_text()
    # Written aside and then linked, so that nobody reads a file that is still empty.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    draft.touch(0o600)
    draft.write_text(secrets.token_urlsafe(strength))
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
    return path.read_text()
