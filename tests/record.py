"""The record of who did what, which tests empty as they empty every table."""

from django.db import connection


def let_it_be_emptied() -> None:
    """On SQLite a database is emptied between tests by DELETE, which the record refuses. To be said after `migrate`."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for table in ("auditentry", "workversion", "alertversion"):
                cursor.execute(f"DROP TRIGGER IF EXISTS reconcile_{table}_DELETE")
