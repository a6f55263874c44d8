"""The WSGI entry point."""

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections

from .lengths import with_lengths
from .static import collect_static

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")


def wait_for_no_database_for_long() -> None:
    """Pages give up sooner than jobs do: somebody waits for them, and a thread with each."""
    chosen = connections.settings["default"]
    if chosen["ENGINE"] == "django.db.backends.sqlite3":
        chosen["OPTIONS"]["timeout"] = settings.WEB_LOCK_SECONDS
    else:
        before = chosen["OPTIONS"].get("options", "")
        chosen["OPTIONS"]["options"] = f"{before} -c statement_timeout={settings.WEB_STATEMENT_SECONDS}s".strip()


# Before anything is served: WhiteNoise looks once at what there is.
django.setup()
collect_static()
wait_for_no_database_for_long()
application = with_lengths(get_wsgi_application(), most=settings.MAX_UPLOAD_BYTES, said=settings.MAX_BODY_BYTES)
