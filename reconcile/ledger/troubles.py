"""What can fail of the machine, in one sentence that a person can do something about and that gives nothing away.

In: an exception. Out: the sentence, or None where it is no such thing. Called by the web and the commands.
"""

import errno
import re

import duckdb
import redis
from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError

from reconcile.lake.objects import StoreError

FULL = re.compile(r"no space left|disk (is )?full|disk quota|write error|file too large", re.IGNORECASE)
CLOSED = re.compile(r"read-?only|permission denied", re.IGNORECASE)
BUSY = re.compile(r"database (table )?is locked|statement timeout|lock timeout", re.IGNORECASE)
UNREADABLE = re.compile(r"disk i/o error|unable to open database", re.IGNORECASE)
NOT_SET_UP = re.compile(r"no such (table|column)|(relation|column) .* does not exist", re.IGNORECASE)
OF_A_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
OF_DATABASE = (OperationalError, InterfaceError)
SOMETIMES = (ProgrammingError, InternalError)
"""Mistakes of ours, but where the database has not been set up or takes no writes."""


def trouble_in_words(error: BaseException) -> str | None:
    """The sentence."""
    text = str(error)
    if isinstance(error, StoreError):
        return "The store of files does not answer, or does not let us in."
    if isinstance(error, OSError) and error.errno in OF_A_DISK:
        text = f"{text} {error.strerror}"
    elif isinstance(error, redis.RedisError):
        return "Redis does not answer."
    elif not isinstance(error, (*OF_DATABASE, *SOMETIMES, duckdb.IOException)):
        return None
    for pattern, words in SENTENCES.items():
        if pattern.search(text):
            return words
    if isinstance(error, OF_DATABASE):
        return "The database does not answer."
    return "The disk cannot be read or written." if isinstance(error, OSError | duckdb.IOException) else None


SENTENCES = {
    FULL: "The disk is full.",
    CLOSED: "The disk, or the database, takes no writes.",
    UNREADABLE: "The database's disk cannot be read or written; it may be full.",
    BUSY: "The database is busy with other work.",
    NOT_SET_UP: "The database has not been set up: manage.py migrate does so.",
}
