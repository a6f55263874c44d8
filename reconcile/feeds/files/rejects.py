"""Which lines were not loaded, and why. Looked for only where the counts say that there are any.

In: an Intake and what SQL finds wrong. Out: Rejects in the order of the file. Called by the families of formats, as the
`rejects` of their Rows.
"""

from collections.abc import Iterator
from heapq import merge
from typing import Any

import duckdb

from ..contract import Intake, Reject
from .bytecheck import RAW_LENGTH
from .scans import REJECTS_TABLE, SCANS_TABLE, Lines

FETCHED = 10_000
BLANK = (b"\n", b"\r\n")
WRONG, BROKEN = "wrong_records", "broken_lines"

# row_number without an order is the order of the file: the reader keeps it, whatever the number of threads.
WRONG_RECORDS = """
    SELECT record, reason FROM (SELECT row_number() OVER () AS record, reason FROM ({checked}))
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


def selected_rejects(con: duckdb.DuckDBPyConnection, intake: Intake, checked: str) -> Iterator[Reject]:
    """The rejects of a file whose `checked` query knows the `line` and the `raw` text of every record."""
    found = _fetch(
        con, f"SELECT line, left(raw, {RAW_LENGTH}), reason FROM ({checked}) WHERE reason IS NOT NULL ORDER BY line"
    )
    yield from merge(intake.rejects, (Reject(*row) for row in found), key=_line)


def walked_rejects(
    con: duckdb.DuckDBPyConnection, intake: Intake, lines: Lines, checked: str, needed: int
) -> Iterator[Reject]:
    """The rejects of a delimited file, by a walk along its lines.

    `checked` is over a scan of the lines that keeps rejects; a line needs so many fields.
    """
    for table in (REJECTS_TABLE, SCANS_TABLE, WRONG, BROKEN):
        con.execute(f"DROP TABLE IF EXISTS {table}")
    con.execute(f"CREATE TABLE {WRONG} AS {WRONG_RECORDS.format(checked=checked)}")
    con.execute(f"CREATE TABLE {BROKEN} AS {BROKEN_LINES}", {"needed": str(needed)})
    yield from merge(intake.rejects, _walk(con, lines), key=_line)
    con.execute(f"DROP TABLE {WRONG}; DROP TABLE {BROKEN}")


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
            yield Reject(number, _raw(line), broken[1] or UNREADABLE)
            broken = next(broken_lines, None)
        elif line not in BLANK:  # which the reader passes over
            record += 1
            if wrong and wrong[0] == record:
                yield Reject(number, _raw(line), wrong[1])
                wrong = next(wrong_records, None)


def _fetch(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    cursor = con.cursor()
    cursor.execute(query)
    while rows := cursor.fetchmany(FETCHED):
        yield from rows


def _raw(line: bytes) -> str:
    return line.rstrip(b"\r\n")[: RAW_LENGTH * 4].decode("utf-8", "replace")[:RAW_LENGTH]


def _line(reject: Reject) -> int:
    return reject.line
