"""Which lines were not loaded, and why. Looked for only where the counts say that there are any.

In: an Intake and what SQL finds wrong. Out: Rejects in the order of the file. Called by the families of formats, as the
`rejects` of their Rows.
"""

from collections.abc import Collection, Iterator
from heapq import merge
from typing import Any

import duckdb

from ..contract import Intake, KeptWithout, Parsed, Reject, Rows
from ..values.numbers import is_mpxn, points_named
from .bytecheck import RAW_LENGTH
from .scans import REJECTS_TABLE, SCANS_TABLE, Lines

FETCHED = 10_000
BLANK = (b"\n", b"\r\n")
WRONG, BROKEN = "wrong_records", "broken_lines"

# row_number without an order is the order of the file: the reader keeps it, whatever the number of threads.
WRONG_RECORDS = """
    SELECT record, reason, points
    FROM (SELECT row_number() OVER () AS record, reason, {points} AS points FROM ({checked}))
    WHERE reason IS NOT NULL
"""
# A line is noted once for each value that it lacks or has too many.
BROKEN_LINES = f"""
    SELECT line, CASE
        WHEN bool_or(error_type = 'TOO MANY COLUMNS') THEN 'The line has ' || max(column_idx) || ' fields, '
        WHEN bool_or(error_type = 'MISSING COLUMNS')
            THEN 'The line has ' || min(column_idx) || if(min(column_idx) = 1, ' field, ', ' fields, ')
        END || $needed || ' are needed.' AS reason
    FROM {REJECTS_TABLE} GROUP BY line
"""
UNREADABLE = "The line cannot be taken apart into fields."


def selected_rejects(con: duckdb.DuckDBPyConnection, intake: Intake, parsed: Parsed) -> Iterator[Reject]:
    """The rejects of a file whose records are known with their `line` and their `raw` text."""
    found = _fetch(
        con,
        f"SELECT line, raw, reason, {_real(parsed.points)} FROM ({parsed.checked}) "
        "WHERE reason IS NOT NULL ORDER BY line",
    )
    rejects = (
        Reject(line, raw[:RAW_LENGTH], reason, tuple(named) or points_named(raw)) for line, raw, reason, named in found
    )
    yield from merge(intake.rejects, rejects, key=_line)


def selected_rows(con: duckdb.DuckDBPyConnection, intake: Intake, parsed: Parsed) -> Rows:
    """The Rows of such a file."""
    return Rows(parsed.rows, lambda: selected_rejects(con, intake, parsed), lambda: dropped_values(con, parsed))


def walked_rejects(
    con: duckdb.DuckDBPyConnection, intake: Intake, lines: Lines, parsed: Parsed, needed: int
) -> Iterator[Reject]:
    """The rejects of a delimited file, by a walk along its lines.

    What is `parsed` is a scan of the lines that keeps rejects; a line needs so many fields.
    """
    for table in (REJECTS_TABLE, SCANS_TABLE, WRONG, BROKEN):
        con.execute(f"DROP TABLE IF EXISTS {table}")
    wrong = WRONG_RECORDS.format(checked=parsed.checked, points=_real(parsed.points))
    con.execute(f"CREATE TABLE {WRONG} AS {wrong}")
    con.execute(f"CREATE TABLE {BROKEN} AS {BROKEN_LINES}", {"needed": str(needed)})
    yield from merge(intake.rejects, _walk(con, lines), key=_line)
    con.execute(f"DROP TABLE {WRONG}; DROP TABLE {BROKEN}")


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


def _walk(con: duckdb.DuckDBPyConnection, lines: Lines) -> Iterator[Reject]:
    """Walk with both lists in hand: lines that are broken, records that are wrong."""
    broken_lines = _fetch(con, f"FROM {BROKEN} ORDER BY line")
    wrong_records = _fetch(con, f"FROM {WRONG} ORDER BY record")
    broken, wrong = next(broken_lines, None), next(wrong_records, None)
    record = 0
    for place, number, line in lines.numbered():
        if not broken and not wrong:
            return
        if broken and broken[0] == place:
            yield Reject(number, _raw(line), broken[1] or UNREADABLE, points_named(_text(line)))
            broken = next(broken_lines, None)
        elif line not in BLANK:  # which the reader passes over
            record += 1
            if wrong and wrong[0] == record:
                yield Reject(number, _raw(line), wrong[1], tuple(wrong[2]) or points_named(_text(line)))
                wrong = next(wrong_records, None)


def _fetch(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    cursor = con.cursor()
    cursor.execute(query)
    while rows := cursor.fetchmany(FETCHED):
        yield from rows


def _real(points: Collection[str]) -> str:
    """A list of those of the columns that hold numbers of Meter Points."""
    return f"list_filter([{', '.join(points)}], lambda number: {is_mpxn('number')} IS TRUE)"


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def _raw(line: bytes) -> str:
    return _text(line.rstrip(b"\r\n")[: RAW_LENGTH * 4])[:RAW_LENGTH]


def _line(reject: Reject) -> int:
    return reject.line
