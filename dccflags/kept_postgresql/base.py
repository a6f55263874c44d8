"""Django's PostgreSQL, with connections that a thread of the web keeps: to open one takes longer than most
pages ask of it.

In: DATABASES. Out: the same database. Named as its ENGINE by `dccflags.wsgi`.
"""

import selectors

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base
from psycopg.generators import execute
from psycopg.pq import ExecStatus
from psycopg.waiting import wait


class DatabaseWrapper(base.DatabaseWrapper):
    """Before the first question of a request, finds out whether the server still answers on what was kept."""

    def is_usable(self) -> bool:
        """Whether it answers soon: one that is frozen would be waited for without end, if it were asked as usual."""
        if self.connection is None or self.connection.closed:
            return False
        wire = self.connection.pgconn
        try:
            wire.send_query(b"SELECT 1")
            with selectors.DefaultSelector() as answers:
                answers.register(wire.socket, selectors.EVENT_READ)
                if not answers.select(settings.DATABASE_SECONDS):
                    return False
            found = [one.status for one in wait(execute(wire), wire.socket)]
        except psycopg.Error:
            return False
        # A server that ends says so in place of an answer; so does a transaction that has failed.
        return found == [ExecStatus.TUPLES_OK]
