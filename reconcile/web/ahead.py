"""What a new web process reads before anybody asks, so that the first who do need not wait for it.

In: the product as it stands, which may be empty or out of order. Out: nothing; pages are as right without it. Called by
dccflags.patient, in a thread of its own, once the port is open.
"""

import logging
from threading import Thread

from django.db import connection
from django.template.loader import get_template

from reconcile.ledger import queries

logger = logging.getLogger(__name__)
TEMPLATES = ("overview", "discrepancies/list", "points/point", "work/list", "causes/causes", "parties/list")
"""The pages that most people open first."""


def begin() -> None:
    """Read ahead in a thread that nobody waits for."""
    Thread(target=_to_the_end, name="read-ahead", daemon=True).start()


def _to_the_end() -> None:
    try:
        read_ahead()
    finally:
        connection.close()


def read_ahead() -> None:
    """Read it. Whatever goes wrong here is told to whoever asks for a page."""
    try:
        for name in TEMPLATES:
            get_template(f"reconcile/{name}.html")
        queries.read_ahead()
    except Exception:
        logger.info("A new web process could not read ahead", exc_info=True)
