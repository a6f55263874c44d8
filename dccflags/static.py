"""The files of pages, gathered where the web serves them from, before it begins to.

In: settings. Out: STATIC_ROOT, filled. Called by `serve`, `demo` and every web process that starts.
"""

import fcntl

from django.conf import settings
from django.core.management import call_command


def collect_static() -> None:
    """Gather the pages' files, unless those gathered are newer than every source of them."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / "static.lock").open("w") as lock:
        # Several web processes start at once: one gathers, the others wait for it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_collected():
            call_command("collectstatic", interactive=False, verbosity=0)


def _is_collected() -> bool:
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    sources = [settings.BASE_DIR / "requirements.txt", *(settings.BASE_DIR / "static").rglob("*")]
    return manifest.exists() and manifest.stat().st_mtime > max(path.stat().st_mtime for path in sources)
