"""Industry files: what kind a file is, its rows in canonical form, and the lines that cannot be loaded.

In: files as they arrive. Out: a Reading, Rows as SQL for the lake, Rejects in words. Called by ledger.loading, and for
the kinds by commands and pages.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

import duckdb

from reconcile.domain.blanks import trimmed
from reconcile.domain.tables import JUDGED

from .contract import (
    BadFile,
    ColumnMap,
    Columns,
    Coverage,
    Feed,
    Intake,
    KeptWithout,
    Limits,
    NotRecognised,
    Progress,
    Reading,
    Reject,
    Rows,
)
from .faults import fault_of, only_faults
from .files.bytecheck import HEAD_LINES
from .files.headings import listed
from .files.intake import take_in
from .files.user_files import UserFileFeed, flow_of
from .formats import (
    alerts,
    coverage,
    d0089,
    d0172,
    d0204,
    d0213,
    d0217,
    d0312,
    d0350,
    d0351,
    dsp_status,
    duis,
    dxi,
    e46,
    firmware_updates,
    inventory_json,
    premises,
    reads,
    registration,
    registration_json,
    smi,
)
from .learned import columns, guess, words
from .learned.columns import WORDS, BadColumns, as_toml, of_toml
from .learned.guess import Proposal
from .learned.sample import as_table, sample_of
from .plain.tables import TableFeed
from .values.numbers import points_named

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
        alerts.FEED,
        firmware_updates.FEED,
        reads.FEED,
        dsp_status.FEED,
        coverage.FEED,
        duis.FEED,
        registration_json.FEED,
        inventory_json.FEED,
        premises.FEED,
        smi.FEED,
        registration.FEED,
    )
}
"""Every format. The order is that of sniffing: device exports name meter points too."""


TABLES: dict[str, TableFeed] = {
    kind: feed for kind, feed in FEEDS.items() if isinstance(feed, TableFeed) and feed.table in JUDGED
}
"""The formats whose headings a person can tell us: those of the two sides, which come in every shape there is."""
AS_TABLE = {"registration_json": "registration", "inventory_json": "smi", **{kind: kind for kind in TABLES}}
"""Kinds whose files can be read as a table -> the kind of the table."""
LEAST_LINES = 20
"""Records of a document that tell its names."""


def sniff(intake: Intake) -> str | None:
    """The kind of a file by its content; None where it is none of ours."""
    return next((kind for kind, feed in FEEDS.items() if feed.recognises(intake)), None)


def begin(
    con: duckdb.DuckDBPyConnection, intake: Intake, kind: str | None, workdir: Path, said: ColumnMap | None = None
) -> Reading:
    """What a file of the kind, or of the kind that it looks like, says of itself. Raises BadFile.

    What a person `said` of its headings makes it a table of the kind that they said. `con` keeps its default
    `preserve_insertion_order`: line numbers of rejects rest on it.
    """
    known = ", ".join(FEEDS)
    if kind and kind not in FEEDS:
        raise BadFile(f"There is no kind of file '{kind}'. Choose one of {known}.")
    if said:
        return _as_said(con, intake, kind, workdir, said)
    kind = kind or sniff(intake)
    if not kind and (flow := flow_of(intake)):
        ours = ", ".join(feed.flow.name for feed in FEEDS.values() if isinstance(feed, UserFileFeed))
        raise BadFile(
            f"The header names the flow '{flow}', which says nothing of DCC Service Flags. Load one of {ours}."
        )
    if not kind:
        first = next(filter(None, map(trimmed, intake.head)), "")[:60]
        raise NotRecognised(
            f"The file begins '{first}', which is none of the known kinds ({known}). Name its kind. "
            f"Headings are looked for in the first {HEAD_LINES} lines"
            f"{', and the first holds values: add a line of headings above it' if points_named(first) else ''}."
        )
    return FEEDS[kind].begin(con, intake, workdir)


def _as_said(
    con: duckdb.DuckDBPyConnection, intake: Intake, kind: str | None, workdir: Path, said: ColumnMap
) -> Reading:
    if kind and AS_TABLE.get(kind) != said.kind:
        raise BadFile(f"The columns are those of the kind {said.kind}, and the file is to be read as {kind}.")
    table = as_table(intake, workdir)
    if table is None:
        raise BadFile("The file has no columns with headings, so nobody can say what they mean.")
    return TABLES[said.kind].saying(said).begin(con, table, workdir)


def told_headings(headings: Iterable[str]) -> tuple[str, ...]:
    """The headings of a file that a person's word can be about."""
    return columns.named(headings)


def checked(said: ColumnMap) -> ColumnMap:
    """What a person says of headings, if it can be. Raises BadColumns."""
    return columns.checked(said, TABLES)


def fitting(intake: Intake, kept: Collection[ColumnMap], workdir: Path) -> list[ColumnMap]:
    """Of what people said that which a file's headings fit; several where it cannot be told which of them counts."""
    table = as_table(intake, workdir, most=LEAST_LINES) if kept else None
    return columns.fitting(table, kept, TABLES) if table else []


def propose(con: duckdb.DuckDBPyConnection, intake: Intake, kind: str | None, workdir: Path) -> list[Proposal]:
    """What the headings of a file may mean, by kind of table, the likeliest first; none where it is no table."""
    feeds = [TABLES[AS_TABLE[kind]]] if kind in AS_TABLE else [] if kind else list(TABLES.values())
    return guess.proposals(con, intake, workdir, feeds) if feeds else []


def unknown_words(con: duckdb.DuckDBPyConnection, table: Intake, said: ColumnMap) -> dict[str, list[tuple[str, int]]]:
    """Words of a table's beginning that have no meaning, by the meaning of their column, each with its lines."""
    feed = TABLES[said.kind]
    sample = sample_of(table, [feed.aliases], said)
    return words.unknown_words(con, sample, said, feed) if sample else {}


def missed(con: duckdb.DuckDBPyConnection, intake: Intake, reading: Reading) -> dict[str, str]:
    """Optional meanings that no column was found for, and that an unknown heading looks like: meaning -> heading."""
    feed = reading.feed
    if not isinstance(feed, TableFeed):
        return {}
    absent = [meaning for meaning in feed.missed if meaning in reading.columns.not_found]
    return guess.missed(con, intake, feed, absent) if absent and reading.columns.ignored else {}


__all__ = [
    "FEEDS",
    "TABLES",
    "WORDS",
    "BadColumns",
    "BadFile",
    "ColumnMap",
    "Columns",
    "Coverage",
    "Feed",
    "Intake",
    "KeptWithout",
    "Limits",
    "NotRecognised",
    "Progress",
    "Proposal",
    "Reading",
    "Reject",
    "Rows",
    "as_toml",
    "begin",
    "checked",
    "fault_of",
    "fitting",
    "listed",
    "missed",
    "of_toml",
    "only_faults",
    "propose",
    "sniff",
    "take_in",
    "told_headings",
    "unknown_words",
]
