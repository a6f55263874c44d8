"""What every format gives (a Reading), and the small pieces its SQL is made of.

In: an Intake. Out: SQL of accepted rows and SQL of rejects over the same scan. Called by the format modules.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb

from reconcile.domain.tables import Table

from .intake import Intake

REJECTS_TABLE = "structural_rejects"
SCANS_TABLE = "structural_scans"
FILE_DATE = re.compile(r"(?<!\d)(20\d\d)(-?)(\d\d)\2(\d\d)(?:\d{4}(?:\d\d)?)?(?!\d)")


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


def literal(text: str | Path) -> str:
    """Text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def scan(path: Path, columns: int, *, delimiter: str, quote: str, skip: int, keep_rejects: bool) -> str:
    """`read_csv` with every value as text in c0, c1, ...; lines with a wrong number of values are left out.

    `keep_rejects` notes those lines in REJECTS_TABLE, which only the second pass needs.
    """
    names = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(columns))
    noting = f"store_rejects = true, rejects_table = '{REJECTS_TABLE}', rejects_scan = '{SCANS_TABLE}'"
    return (
        f"read_csv({literal(path)}, auto_detect = false, header = false, skip = {skip}, delim = {literal(delimiter)}, "
        f"quote = {literal(quote)}, escape = {literal(quote)}, strict_mode = true, columns = {{{names}}}, "
        f"{noting if keep_rejects else 'ignore_errors = true'})"
    )


def scan_lines(path: Path, *, keep_rejects: bool = False) -> str:
    """Every physical line, blank ones too, as text in c0. The delimiter is a character that no such file holds."""
    return scan(path, 1, delimiter="\x01", quote="", skip=0, keep_rejects=keep_rejects)


def rejects_query(checked: str) -> str:
    """(record, reason) of what `checked`, a query with a `reason`, would leave out."""
    # row_number without an order is the order of the file: the reader keeps it, whatever the number of threads.
    numbered = f"SELECT row_number() OVER () AS record, reason FROM ({checked})"
    return f"SELECT record, reason FROM ({numbered}) WHERE reason IS NOT NULL"


def first_reason(*cases: tuple[str, str]) -> str:
    """The first reason whose condition holds, else NULL."""
    return "CASE " + " ".join(f"WHEN {condition} THEN {reason}" for condition, reason in cases) + " END"


def plainly_filled(column: str) -> str:
    """Whether a value has no blank at either end and is not NULL: cheap, and true of nearly every value."""
    return f"({column} > '!' AND NOT suffix({column}, ' ') AND (strlen({column}) > 4 OR upper({column}) <> 'NULL'))"


def text(column: str) -> str:
    """A free-text value: trimmed; NULL where it is blank or says NULL."""
    return (
        f"CASE WHEN {plainly_filled(column)} THEN {column} "
        f"WHEN upper(trim({column})) NOT IN ('', 'NULL') THEN trim({column}) END"
    )


def enum(words: Iterable[str]) -> str:
    """The type of a column that holds nothing but these words."""
    return f"ENUM ({', '.join(literal(one) for one in words)})"


def spelt_out(rows: str, words: Mapping[str, list[str]]) -> str:
    """`rows` with words in the columns of `words`, where it has their places."""
    if not words:
        return rows
    columns = ", ".join(f"{_word_at(name, known)} AS {name}" for name, known in words.items())
    return f"SELECT * REPLACE ({columns}) FROM ({rows})"


def _word_at(place: str, words: list[str]) -> str:
    # An ENUM is written at a fraction of a text's cost.
    spelt = ", ".join(map(literal, words))
    return f"CAST([{spelt}] AS ENUM ({spelt})[])[{place} + 1]" if words else "CAST(NULL AS VARCHAR)"


def word(column: str, words: Iterable[str], otherwise: str) -> str:
    """One of a few words as an ENUM, which is sorted and written at a fraction of a text's cost; NULL where it is none.

    `otherwise` is the same value in the words' own spelling; it is looked at only where `column` itself is none.
    """
    kind = enum(words)
    return f"coalesce(TRY_CAST({column} AS {kind}), TRY_CAST({otherwise} AS {kind}))"


def keyed(column: str, words: Mapping[str, str]) -> str:
    """A value looked up in `words`, whose keys are upper case, whatever its case; NULL where it is not there."""
    pairs = ", ".join(f"{literal(key)}: {literal(value)}" for key, value in words.items())
    return f"MAP {{{pairs}}}[upper({column})]"


def exactly(column: str, words: Mapping[str, str], otherwise: str) -> str:
    """A value looked up in a few `words` as they are spelt, which is cheap; `otherwise` where it is not there."""
    # IN, and a MAP, cost a join or a search over every row, even in a branch that is hardly ever taken.
    cases = " ".join(f"WHEN {literal(key)} THEN {literal(value)}" for key, value in words.items())
    return f"CASE {column} {cases} ELSE {otherwise} END"


def date_in_name(name: str) -> date | None:
    """The first real date of 2000 to 2100 in a file's name, as YYYYMMDD or YYYY-MM-DD."""
    for match in FILE_DATE.finditer(name):
        found = iso_date(f"{match[1]}-{match[3]}-{match[4]}")
        if found:
            return found
    return None


def iso_date(words: str) -> date | None:
    """YYYY-MM-DD or YYYYMMDD as a date, None where there is no such day."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None


def moment(digits: str) -> datetime | None:
    """YYYYMMDDHHMMSS, or the same without seconds or time, in UTC; None where there is no such moment."""
    try:
        return datetime.strptime(digits.ljust(14, "0")[:14] + "+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        return None
