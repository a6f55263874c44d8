"""The second pass: which lines were not loaded, and why. Done only where the counts say that there are any.

In: an Intake and its Reading. Out: Rejects in the order of the file. Called by ledger.operations.
"""

from collections.abc import Iterator
from dataclasses import replace
from heapq import merge
from pathlib import Path

import duckdb

from ..contract import NUMBER_BYTES, Aside, Intake, Reading, Reject
from .bytecheck import RAW_LENGTH
from .scans import REJECTS_TABLE, SCANS_TABLE

FETCHED = 10_000
BLANK = (b"\n", b"\r\n")
WRONG, BROKEN = "wrong_records", "broken_lines"

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


def count_rejects(intake: Intake, reading: Reading, accepted: int) -> int:
    """How many rejects the file has, given the lines accepted (for devices: the rows with `lead_row`)."""
    return len(intake.rejects) + reading.records - accepted


def locate_rejects(con: duckdb.DuckDBPyConnection, intake: Intake, reading: Reading) -> Iterator[Reject]:
    """Every reject of the file, ordered by line, a few at a time. Scans the file again; not within a transaction."""
    for table in (REJECTS_TABLE, SCANS_TABLE, WRONG, BROKEN):
        con.execute(f"DROP TABLE IF EXISTS {table}")
    con.execute(f"CREATE TABLE {WRONG} AS {reading.rejected}")
    found: Iterator[Reject]
    if reading.raw_in_sql:
        found = (Reject(line, raw, reason) for line, reason, raw in _fetch(con, f"FROM {WRONG} ORDER BY line"))
    else:
        con.execute(f"CREATE TABLE {BROKEN} AS {BROKEN_LINES}", {"needed": str(reading.columns)})
        found = _at_lines(con, reading.aside.lines if reading.aside else intake.path, reading)
        if reading.aside:
            found = _renumbered(found, reading.aside)
    yield from merge(intake.rejects, found, key=lambda reject: reject.line)
    con.execute(f"DROP TABLE {WRONG}; DROP TABLE IF EXISTS {BROKEN}")


def _renumbered(found: Iterator[Reject], aside: Aside) -> Iterator[Reject]:
    """Rejects of lines set aside with the numbers that the lines have in their file."""
    with aside.numbers.open("rb") as numbers:
        for reject in found:
            numbers.seek(NUMBER_BYTES * (reject.line - 1))
            yield replace(reject, line=int.from_bytes(numbers.read(NUMBER_BYTES), "little"))


def _at_lines(con: duckdb.DuckDBPyConnection, path: Path, reading: Reading) -> Iterator[Reject]:
    """Walk the physical lines with both lists in hand: lines that are broken, records that are wrong."""
    broken_lines = _fetch(con, f"FROM {BROKEN} ORDER BY line")
    wrong_records = _fetch(con, f"FROM {WRONG} ORDER BY record")
    broken, wrong = next(broken_lines, None), next(wrong_records, None)
    record = 0
    for number, line in _lines(path, reading.first_line):
        if not broken and not wrong:
            return
        if broken and broken[0] == number:
            yield Reject(number, _raw(line), broken[1] or UNREADABLE)
            broken = next(broken_lines, None)
            continue
        if reading.columns and line in BLANK:
            # The reader of delimited files passes over a blank line; the reader of whole lines delivers it.
            continue
        record += 1
        if wrong and wrong[0] == record:
            yield Reject(number, _raw(line), wrong[1])
            wrong = next(wrong_records, None)


def _lines(path: Path, first: int) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if number >= first:
                yield number, line


def _fetch(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple]:
    cursor = con.cursor()
    cursor.execute(query)
    while rows := cursor.fetchmany(FETCHED):
        yield from rows


def _raw(line: bytes) -> str:
    return line.rstrip(b"\r\n")[: RAW_LENGTH * 4].decode("utf-8", "replace")[:RAW_LENGTH]
