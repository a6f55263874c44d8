"""Whether the product can answer at all. Called by the health page."""

from django.db import DatabaseError, connection


def database_answers() -> bool:
    """One trivial question to the database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
