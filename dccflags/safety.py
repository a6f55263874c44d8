"""What has to be so before any program of the product starts; else it ends with one sentence.

In: settings. Out: nothing, or ImproperlyConfigured. Called by settings.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

OWNER_ONLY = 0o700
OTHERS = 0o077
SHORTEST_KEY = 50
FEWEST_CHARACTERS = 5
"""Of a key that nobody guesses: as Django's own check for deployment has it."""


def own_folder(path: Path) -> None:
    """A folder for its owner only, made where it is not; what every program writes from here on is so too."""
    os.umask(OTHERS)
    try:
        path.mkdir(parents=True, exist_ok=True)
        found = path.stat()
        if found.st_uid == os.geteuid() and found.st_mode & OTHERS:
            path.chmod(OWNER_ONLY)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path} cannot be used: {error.strerror}. Set VAR_DIR to another folder."
        ) from error


def refuse_unsafe(*, debug: bool, secret_key: str, hosts: list[str]) -> None:
    """What nobody may reach from elsewhere: asked where HTTPS says that they can."""
    if debug:
        raise ImproperlyConfigured("DEBUG and HTTPS are both set: DEBUG shows strangers how it works. Unset DEBUG.")
    if len(secret_key) < SHORTEST_KEY or len(set(secret_key)) < FEWEST_CHARACTERS:
        raise ImproperlyConfigured(
            f"SECRET_KEY is short: with HTTPS it needs {SHORTEST_KEY} characters that nobody guesses. Unset it, and "
            "one is made."
        )
    if any(host.strip() in {"*", "."} for host in hosts):
        raise ImproperlyConfigured("ALLOWED_HOSTS holds *: with HTTPS name the hosts under which the web answers.")
