"""Industry files: what kind a file is, its rows in canonical form, and the lines that cannot be loaded.

In: files as they arrive. Out: SQL over them that the lake runs, and rejects in words. Called by ledger.operations.
"""

from pathlib import Path

import duckdb

from .contract import BadFile, Feed, Intake, Reading, Reject
from .files.intake import take_in
from .files.rejects import count_rejects, locate_rejects
from .formats import d0350, duis, dxi, e46, registration, smi

FEEDS: dict[str, Feed] = {
    "d0350": d0350.FEED,
    "dxi": dxi.FEED,
    "e46": e46.FEED,
    "duis": duis.FEED,
    "smi": smi.FEED,
    "registration": registration.FEED,
}
"""Every format. The order is that of sniffing: device exports name meter points too."""


def sniff(intake: Intake) -> str | None:
    """The kind of a file by its content; None where it is none of ours."""
    return next((kind for kind, feed in FEEDS.items() if feed.recognises(intake)), None)


def read(con: duckdb.DuckDBPyConnection, intake: Intake, kind: str | None, workdir: Path) -> Reading:
    """How to load a file of the kind, or of the kind that it looks like. Raises BadFile.

    `con` keeps its default `preserve_insertion_order`: line numbers of rejects rest on it.
    """
    known = ", ".join(FEEDS)
    if kind and kind not in FEEDS:
        raise BadFile(f"There is no kind of file '{kind}'. Choose one of {known}.")
    kind = kind or sniff(intake)
    if not kind:
        first = next((line for line in intake.head if line.strip()), "")[:60]
        raise BadFile(f"The file begins '{first}', which is none of the known kinds ({known}). Name its kind.")
    return FEEDS[kind].read(con, intake, workdir)


__all__ = [
    "FEEDS",
    "BadFile",
    "Feed",
    "Intake",
    "Reading",
    "Reject",
    "count_rejects",
    "locate_rejects",
    "read",
    "sniff",
    "take_in",
]
