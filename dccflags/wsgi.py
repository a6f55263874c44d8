"""The WSGI entry point."""

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections

from .lengths import with_lengths
from .static import collect_static

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")


def suit_pages() -> None:
    """They give up on the database sooner than jobs do, because somebody waits for them; threads keep connections."""
    chosen = connections.settings["default"]
    kind, options = chosen["ENGINE"].rsplit(".", 1)[1], chosen["OPTIONS"]
    chosen |= {
        "ENGINE": f"dccflags.kept_{kind}",
        "CONN_MAX_AGE": settings.WEB_CONNECTION_SECONDS,
        "CONN_HEALTH_CHECKS": True,
    }
    if kind == "sqlite3":
        options["timeout"] = settings.WEB_LOCK_SECONDS
        # Each of sixteen threads keeps what it has read.
        options["init_command"] += f"; PRAGMA cache_size=-{settings.WEB_CACHE_KB}"
    else:
        before = options.get("options", "")
        options["options"] = f"{before} -c statement_timeout={settings.WEB_STATEMENT_SECONDS}s".strip()


# Before anything is served: WhiteNoise looks once at what there is.
django.setup()
collect_static()
suit_pages()
application = with_lengths(get_wsgi_application(), most=settings.MAX_UPLOAD_BYTES, said=settings.MAX_BODY_BYTES)
