"""Django's PostgreSQL, with connections that a thread of the web keeps: to open one takes longer than most
pages ask of it.

In: DATABASES. Out: the same database. Named as its ENGINE by `dccflags.wsgi`.
"""

import selectors

import psycopg
from django.db.backends.postgresql import base
from psycopg.generators import execute
from psycopg.pq import ExecStatus
from psycopg.waiting import wait

SECONDS = 3
"""Within which a server answers that it is there; as long as `dccflags.settings` lets it take a connection."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Before the first question of a request, finds out whether the server still answers on what was kept."""

    def is_usable(self) -> bool:
        """Whether it answers soon: one that is frozen would be waited for without end, if it were asked as usual."""
        if self.connection is None or self.connection.closed:
            return False
        wire = self.connection.pgconn
        try:
            wire.send_query(b"")
            with selectors.DefaultSelector() as answers:
                answers.register(wire.socket, selectors.EVENT_READ)
                if not answers.select(SECONDS):
                    return False
            (answer,) = wait(execute(wire), wire.socket)
        except psycopg.Error:
            return False
        return bool(answer.status == ExecStatus.EMPTY_QUERY)
