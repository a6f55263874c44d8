"""Which lines were not loaded, and why. Looked for only where the counts say that there are any.

In: an Intake and what SQL finds wrong. Out: Rejects in the order of the file. Called by the families of formats, as the
`rejects` of their Rows.
"""

from collections.abc import Collection, Iterator
from heapq import merge
from typing import Any, NamedTuple

import duckdb

from ..contract import Intake, KeptWithout, Parsed, Reject, Rows
from ..values.numbers import is_mpxn, points_named
from .bytecheck import QUOTED, RAW_LENGTH
from .scans import Lines

FETCHED = 10_000
MARKED = "marked_records"

# Every record that the reader found, in the order of the file: it keeps that, whatever the number of threads. Kept are
# those that are wrong, those before which lines are missing, and the last.
MARKS = """
    SELECT place, missing, reason, if(reason IS NULL, [], points) AS points, if(reason IS NULL, [], unread) AS unread
    FROM (
        SELECT place, reason, {points} AS points, {unread} AS unread,
            place - coalesce(lag(place) OVER (), 0) - 1 AS missing, lead(place) OVER () IS NULL AS is_last
        FROM ({checked})
    )
    WHERE missing > 0 OR reason IS NOT NULL OR is_last
"""
UNREADABLE = "The line cannot be taken apart into fields."


def selected_rejects(con: duckdb.DuckDBPyConnection, intake: Intake, parsed: Parsed) -> Iterator[Reject]:
    """The rejects of a file whose records are known with their `line` and their `raw` text."""
    found = _fetch(
        con,
        f"SELECT line, raw, reason, {_real(parsed.points)}, {_unread(parsed.unread)} FROM ({parsed.checked}) "
        "WHERE reason IS NOT NULL ORDER BY line",
    )
    rejects = (
        Reject(line, raw[:RAW_LENGTH], reason, tuple(named) or points_named(raw), tuple(unread))
        for line, raw, reason, named, unread in found
    )
    yield from merge(intake.rejects, rejects, key=_line)


def selected_rows(con: duckdb.DuckDBPyConnection, intake: Intake, parsed: Parsed) -> Rows:
    """The Rows of such a file."""
    return Rows(
        parsed.rows,
        lambda: selected_rejects(con, intake, parsed),
        lambda: dropped_values(con, parsed),
        lambda: noted(con, parsed),
    )


def walked_rejects(
    con: duckdb.DuckDBPyConnection, intake: Intake, lines: Lines, parsed: Parsed, width: int
) -> Iterator[Reject]:
    """The rejects of a delimited file, by a walk along its lines, each of which should have `width` values.

    What is `parsed` is a scan of the lines counted; those that it leaves out cannot be taken apart.
    """
    marks_of = MARKS.format(checked=parsed.checked, points=_real(parsed.points), unread=_unread(parsed.unread))
    con.execute(f"CREATE OR REPLACE TABLE {MARKED} AS {marks_of}")
    marks = (Mark(*row) for row in _fetch(con, f"FROM {MARKED} ORDER BY place"))
    yield from merge(intake.rejects, _walk(marks, lines, intake.delimiter.encode(), width), key=_line)
    con.execute(f"DROP TABLE {MARKED}")


def dropped_values(con: duckdb.DuckDBPyConnection, parsed: Parsed) -> KeptWithout:
    """How many accepted lines are kept without which value, and why."""
    if not parsed.dropped:
        return {}
    whys = ", ".join(f"{why} AS {meaning}" for meaning, why in parsed.dropped.items())
    query = f"SELECT {whys}, count(*) FROM ({parsed.checked}) WHERE reason IS NULL GROUP BY ALL ORDER BY ALL"
    found: KeptWithout = {}
    for *reasons, lines in con.execute(query).fetchall():
        for meaning, why in zip(parsed.dropped, reasons, strict=True):
            if why:
                counts = found.setdefault(meaning, {})
                counts[why] = counts.get(why, 0) + lines
    return found


def noted(con: duckdb.DuckDBPyConnection, parsed: Parsed) -> list[str]:
    """What is to be said of the file, of the things that are there."""
    counted = [(con.execute(query).fetchone(), words) for query, words in parsed.notes]
    return [words.format(count=f"{row[0]:,}") for row, words in counted if row and row[0]]


class Mark(NamedTuple):
    """A record, the lines `missing` right before it, and why it cannot be loaded, if so."""

    place: int
    missing: int
    reason: str | None
    points: list[int]
    unread: list[str]


def _walk(marks: Iterator[Mark], lines: Lines, delimiter: bytes, width: int) -> Iterator[Reject]:
    mark = next(marks, None)
    for place, (number, line) in enumerate(lines.filled(), 1):
        if mark and place > mark.place:
            mark = next(marks, None)
        if mark is None or mark.place - mark.missing <= place < mark.place:
            why = _why_broken(line, delimiter, width)
            yield Reject(number, _raw(line), why, points_named(_text(line)), broken=True)
        elif place == mark.place and mark.reason:
            points = tuple(mark.points) or points_named(_text(line))
            yield Reject(number, _raw(line), mark.reason, points, tuple(mark.unread))


def _why_broken(line: bytes, delimiter: bytes, width: int) -> str:
    values = QUOTED.sub(b"", line).count(delimiter) + 1
    if values == width:
        return UNREADABLE
    return f"The line has {values} {'field' if values == 1 else 'fields'}, {width} are needed."


def _fetch(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    cursor = con.cursor()
    cursor.execute(query)
    while rows := cursor.fetchmany(FETCHED):
        yield from rows


def _real(points: Collection[str]) -> str:
    """A list of those of the columns that hold numbers of Meter Points."""
    return f"list_filter([{', '.join(points)}], lambda number: {is_mpxn('number')} IS TRUE)"


def _unread(unread: Collection[str]) -> str:
    """A list of the texts where a number should stand that nobody can read."""
    return f"list_filter([{', '.join(unread)}]::VARCHAR[], lambda given: given IS NOT NULL)"


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def _raw(line: bytes) -> str:
    return _text(line.rstrip(b"\r\n")[: RAW_LENGTH * 4])[:RAW_LENGTH]


def _line(reject: Reject) -> int:
    return reject.line
