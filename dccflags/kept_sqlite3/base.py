"""Django's SQLite, with connections that a thread of the web keeps: to open one and read what tables there are takes
longer than most pages ask of it.

In: DATABASES. Out: the same database. Named as its ENGINE by `dccflags.wsgi`.
"""

from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

A_TABLE = "SELECT 1 FROM sqlite_master LIMIT 1"


class DatabaseWrapper(base.DatabaseWrapper):
    """Keeps a connection from one request to the next while it is one to the file that stands there."""

    file: tuple[int, int] | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection, and which file it is to."""
        made = super().get_new_connection(conn_params)
        self.file = self._there()
        return made

    def close_if_unusable_or_obsolete(self) -> None:
        """Close it at either end of a request if it is not to be kept."""
        if self.connection is not None and not self.in_atomic_block and not self._is_sound():
            self.close()
            return
        super().close_if_unusable_or_obsolete()

    def _is_sound(self) -> bool:
        """Whether all went well with it, and nobody has moved or replaced its file.

        One without a table was made by SQLite because there was none: it makes room for the one that comes back.
        """
        if self.errors_occurred or self.file is None or self.file != self._there():
            return False
        return self.connection.execute(A_TABLE).fetchone() is not None

    def _there(self) -> tuple[int, int] | None:
        try:
            found = Path(self.settings_dict["NAME"]).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
