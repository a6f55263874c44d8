"""What every format gives (a Reading), what it is given (an Intake), and what is said of what cannot be loaded.

In: nothing of ours. Out: types. Called by every other module of feeds, and through its door.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb

from reconcile.domain.tables import Table


class BadFile(Exception):
    """A file that cannot be loaded at all: one plain sentence for the user, with what to do next."""


@dataclass(frozen=True)
class Reject:
    """A line that was not loaded: its number, its first 500 characters, and why in words."""

    line: int
    raw: str
    reason: str


@dataclass(frozen=True)
class Intake:
    """A file that was read once. `sha256` and `size` are of the uncompressed bytes.

    `path` is what to scan: the source, or a mended or unzipped copy. Line numbers in it are those of the source.
    `head` holds the first lines (up to 20) decoded and without BOM, `tail` the last line that is not blank.
    `rejects` are hazardous lines, blanked out in the mended copy; `blank` counts the blank lines of `path`, with those.
    """

    path: Path
    name: str
    sha256: str
    size: int
    lines: int
    blank: int
    head: list[str]
    tail: str
    rejects: list[Reject]


Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1."""


NUMBER_BYTES = 8


@dataclass(frozen=True)
class Aside:
    """Lines of a file that were set aside: as they stand, and their numbers in the file, NUMBER_BYTES each.

    The lowest byte of a number comes first.
    """

    lines: Path
    numbers: Path


@dataclass(frozen=True)
class Reading:
    """How to load one file. Nothing has been loaded yet: `rows` is run once, by the lake, in the same connection.

    `rows` selects the accepted canonical rows. `rejected` selects (record, reason) in file order: record counts, from
    1, the records that the CSV reader delivers; the first is physical line `first_line`. Where `raw_in_sql`, it selects
    (line, reason, raw) instead. `columns` is the number of values that a line needs, 0 where `rejected` counts them.
    Columns of `words` are places in a list of words, see `spelt_out`. Where there is an `aside`, `rejected` and
    `first_line` speak of its lines. `quicker`, where there is one, reads the file and gives a Reading to use instead.
    `records` is the exact number of lines that should become rows, so that
    `records - accepted lines + len(intake.rejects)` is the number of rejects.
    `trailer` is (count claimed, count found), None without a trailer.
    """

    kind: str
    table: Table
    coverage: str
    as_of: date | None
    made_at: datetime | None
    rows: str
    rejected: str
    first_line: int
    records: int
    columns: int = 0
    trailer: tuple[int, int] | None = None
    raw_in_sql: bool = False
    words: Mapping[str, list[str]] = field(default_factory=dict)
    aside: Aside | None = None
    quicker: "Callable[[Progress], Reading] | None" = None
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Feed:
    """One format: how to recognise it and how to read it. `table` and `coverage` are the kind's defaults."""

    kind: str
    title: str
    table: Table
    coverage: str
    recognises: Callable[[Intake], bool]
    read: Callable[[duckdb.DuckDBPyConnection, Intake, Path], Reading]


@dataclass(frozen=True)
class Parsed:
    """The two queries that a format's SQL ends in."""

    rows: str
    rejected: str
