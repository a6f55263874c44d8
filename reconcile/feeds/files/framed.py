"""Files of lines between a header and a trailer: DTC user files (ZHV ... ZPT) and UK Link files (A00 ... Z99).

In: an Intake and the shape of the format. Out: a Frame with its counts, and SQL over the fields of every line.
Called by d0350, dxi and e46.
"""

from dataclasses import dataclass

import duckdb

from ..contract import BadFile, Intake
from ..sql import first_reason, literal
from .headings import heading_line
from .scans import scan_lines


@dataclass(frozen=True)
class Shape:
    """How a format frames its lines. `count_field` is the field of the trailer with the count, from 1.

    `closed`: a delimiter ends each line, so that what follows it is no field.
    """

    what: str
    header: str
    trailer: str
    delimiter: str
    count_field: int
    closed: bool


DTC = Shape("DTC user file", "ZHV", "ZPT", "|", 3, closed=True)
UK_LINK = Shape("UK Link file", "A00", "Z99", ",", 2, closed=False)


@dataclass(frozen=True)
class Frame:
    """A file that has its header and its trailer. `header` and `last` are their fields; `records` the lines between."""

    header: list[str]
    last: list[str]
    records: int
    trailer: tuple[int, int] | None
    warnings: list[str]


def split(line: str, shape: Shape) -> list[str]:
    """The fields of one line, without quotation marks and blanks around them."""
    return [value.strip(' "') for value in line.split(shape.delimiter)]


def first_fields(intake: Intake, shape: Shape, place: int = 0) -> list[str]:
    """The fields of the header line, or of a line after it, blank ones aside; empty where there is none."""
    lines = [line for line in intake.head[heading_line(intake) :] if line.strip()]
    return split(lines[place], shape) if place < len(lines) else [""]


def frame(con: duckdb.DuckDBPyConnection, intake: Intake, shape: Shape) -> Frame:
    """Check that the file is whole and count its lines. Raises BadFile."""
    header, last = first_fields(intake, shape), split(intake.tail, shape)
    if header[0] != shape.header:
        raise BadFile(f"The file does not begin with a {shape.header} line, so it is no {shape.what}. Name its kind.")
    if last[0] != shape.trailer:
        raise BadFile(f"The file ends without a {shape.trailer} line: it was cut short. Ask the sender for it again.")
    headers, trailers, lines = _counts(con, intake, shape)
    for count, code in ((headers, shape.header), (trailers, shape.trailer)):
        if count > 1:
            raise BadFile(f"The file holds {count} {code} lines: several files in one. Load each by itself.")
        if not count:
            raise BadFile(f"The {code} line cannot be read: its bytes are damaged. Ask the sender for it again.")
    records = lines - headers - trailers
    claimed = last[shape.count_field - 1] if len(last) >= shape.count_field else ""
    if not claimed.isdecimal():
        warning = f"The {shape.trailer} line gives no count, so it cannot prove that the file is whole."
        return Frame(header, last, records, None, [warning])
    return Frame(header, last, records, (int(claimed), records + len(intake.rejects)), [])


def _counts(con: duckdb.DuckDBPyConnection, intake: Intake, shape: Shape) -> tuple[int, int, int]:
    """Header lines, trailer lines and all lines that are not blank."""
    query = f"""
        SELECT count_if(code = {literal(shape.header)}), count_if(code = {literal(shape.trailer)}), count_if(code <> '')
        FROM (SELECT {_code(shape)} AS code FROM {scan_lines(intake.path)})
    """
    return con.execute(query).fetchall()[0]


def _code(shape: Shape) -> str:
    """The first field of a line; '?' where it is empty, '' where the line is blank."""
    first = f"trim(split_part(c0, {literal(shape.delimiter)}, 1), ' \"\ufeff')"
    return f"CASE WHEN coalesce(trim(c0), '') = '' THEN '' WHEN {first} = '' THEN '?' ELSE {first} END"


def fields(scan: str, shape: Shape, names: dict[str, int]) -> str:
    """Every physical line: its number, `code`, number of `fields`, whether it `is_detail`, and fields by name."""
    named = ", ".join(f"trim(parts[{place}], ' \"') AS {name}" for name, place in names.items())
    count = "len(parts) - if(parts[-1] = '', 1, 0)" if shape.closed else "len(parts)"
    return f"""
        SELECT line, code, code NOT IN ('', {literal(shape.header)}, {literal(shape.trailer)}) AS is_detail,
            {count} AS fields, {named}
        FROM (
            SELECT row_number() OVER () AS line, {_code(shape)} AS code,
                string_split(c0, {literal(shape.delimiter)}) AS parts
            FROM {scan}
        )
    """


def checked(parsed: str, needed: int, *cases: tuple[str, str]) -> str:
    """`parsed` with the reason why a detail line cannot be loaded. Header, trailer and blank lines have none."""
    short = (f"fields < {needed}", f"'The line has ' || fields || ' fields, {needed} are needed.'")
    reason = first_reason(("is_detail IS NOT TRUE", "NULL"), *cases[:1], short, *cases[1:])
    return f"SELECT *, {reason} AS reason FROM ({parsed})"
