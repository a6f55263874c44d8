"""Industry files: what kind a file is, its rows in canonical form, and the lines that cannot be loaded.

In: files as they arrive. Out: a Reading, Rows as SQL for the lake, Rejects in words. Called by ledger.loading, and for
the kinds by commands and pages.
"""

from pathlib import Path

import duckdb

from reconcile.domain.blanks import trimmed

from .contract import BadFile, Columns, Coverage, Feed, Intake, KeptWithout, Progress, Reading, Reject, Rows
from .files.intake import take_in
from .files.user_files import UserFileFeed, flow_of
from .formats import (
    d0089,
    d0172,
    d0204,
    d0213,
    d0217,
    d0312,
    d0350,
    d0351,
    duis,
    dxi,
    e46,
    inventory_json,
    premises,
    registration,
    registration_json,
    smi,
)

FEEDS: dict[str, Feed] = {
    feed.kind: feed
    for feed in (
        d0350.FEED,
        d0351.FEED,
        d0172.FEED,
        d0204.FEED,
        d0213.FEED,
        d0217.FEED,
        d0089.FEED,
        d0312.FEED,
        dxi.FEED,
        e46.FEED,
        duis.FEED,
        registration_json.FEED,
        inventory_json.FEED,
        premises.FEED,
        smi.FEED,
        registration.FEED,
    )
}
"""Every format. The order is that of sniffing: device exports name meter points too."""


def sniff(intake: Intake) -> str | None:
    """The kind of a file by its content; None where it is none of ours."""
    return next((kind for kind, feed in FEEDS.items() if feed.recognises(intake)), None)


def begin(con: duckdb.DuckDBPyConnection, intake: Intake, kind: str | None, workdir: Path) -> Reading:
    """What a file of the kind, or of the kind that it looks like, says of itself. Raises BadFile.

    `con` keeps its default `preserve_insertion_order`: line numbers of rejects rest on it.
    """
    known = ", ".join(FEEDS)
    if kind and kind not in FEEDS:
        raise BadFile(f"There is no kind of file '{kind}'. Choose one of {known}.")
    kind = kind or sniff(intake)
    if not kind and (flow := flow_of(intake)):
        ours = ", ".join(feed.flow.name for feed in FEEDS.values() if isinstance(feed, UserFileFeed))
        raise BadFile(
            f"The header names the flow '{flow}', which says nothing of DCC Service Flags. Load one of {ours}."
        )
    if not kind:
        first = next(filter(None, map(trimmed, intake.head)), "")[:60]
        raise BadFile(f"The file begins '{first}', which is none of the known kinds ({known}). Name its kind.")
    return FEEDS[kind].begin(con, intake, workdir)


__all__ = [
    "FEEDS",
    "BadFile",
    "Columns",
    "Coverage",
    "Feed",
    "Intake",
    "KeptWithout",
    "Progress",
    "Reading",
    "Reject",
    "Rows",
    "begin",
    "sniff",
    "take_in",
]
