"""Files of lines between a header and a trailer: DTC user files (ZHV ... ZPT) and UK Link files (A00 ... Z99).

In: an Intake and the shape of the family. Out: a Frame with its counts, SQL over the fields of every line, a Reading.
Called by user_files and uk_link.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from reconcile.domain.blanks import BLANKS, trimmed

from ..contract import BadFile, Feed, Intake, KeptWithout, Parsed, Progress, Reading, Rows, Trailer
from ..sql import Case, first_reason, literal
from ..values.texts import bare, value
from .dates import moment
from .headings import first_filled
from .rejects import selected_rejects
from .scans import scan_lines

QUOTE = '"'


@dataclass(frozen=True)
class Shape:
    """How a family frames its lines. `count_field` is the field of the trailer with the count, from 1.

    `made_at` are the places, from 0, of the fields of the header that say when the file was made. `closed`: a delimiter
    ends each line, so that what follows it is no field.
    """

    what: str
    header: str
    trailer: str
    delimiter: str
    count_field: int
    made_at: tuple[int, ...]
    closed: bool


@dataclass(frozen=True)
class Frame:
    """A file that has its header and its trailer. `header` and `last` are their fields; `records` the lines between.

    Lines that nobody could read are among the records. `claimed` is what the trailer counts, if it does.
    """

    header: list[str]
    last: list[str]
    records: int
    claimed: int | None


def split(line: str, shape: Shape) -> list[str]:
    """The fields of one line, without quotation marks and blanks around them."""
    return [field.strip(BLANKS + QUOTE) for field in line.split(shape.delimiter)]


def first_fields(intake: Intake, shape: Shape, place: int = 0) -> list[str]:
    """The fields of the header line, or of a line after it, blank ones aside; empty where there is none."""
    lines = [line for line in intake.head[first_filled(intake) :] if trimmed(line)]
    return split(lines[place], shape) if place < len(lines) else [""]


def ends(intake: Intake, shape: Shape) -> tuple[list[str], list[str]]:
    """The fields of the first line and of the last. Raises BadFile unless they are header and trailer."""
    header, last = first_fields(intake, shape), split(intake.tail, shape)
    if header[0] != shape.header:
        raise BadFile(f"The file does not begin with a {shape.header} line, so it is no {shape.what}. Name its kind.")
    if last[0] != shape.trailer:
        raise BadFile(f"The file ends without a {shape.trailer} line: it was cut short. Ask the sender for it again.")
    return header, last


def whole(shape: Shape, last: list[str], headers: int, trailers: int) -> int | None:
    """What the trailer counts, if it does. Raises BadFile unless there is one header and one trailer."""
    for count, code in ((headers, shape.header), (trailers, shape.trailer)):
        if count > 1:
            raise BadFile(f"The file holds {count} {code} lines: several files in one. Load each by itself.")
        if not count:
            raise BadFile(f"The {code} line cannot be read: its bytes are damaged. Ask the sender for it again.")
    claimed = last[shape.count_field - 1] if len(last) >= shape.count_field else ""
    return int(claimed) if claimed.isdecimal() else None


def frame(con: duckdb.DuckDBPyConnection, intake: Intake, shape: Shape) -> Frame:
    """Check that the file is whole and count its lines. Raises BadFile."""
    header, last = ends(intake, shape)
    headers, trailers, lines = _counts(con, intake, shape)
    claimed = whole(shape, last, headers, trailers)
    return Frame(header, last, lines - headers - trailers + len(intake.rejects), claimed)


def _counts(con: duckdb.DuckDBPyConnection, intake: Intake, shape: Shape) -> tuple[int, int, int]:
    """Header lines, trailer lines and all lines that are not blank."""
    query = f"""
        SELECT count_if(code = {literal(shape.header)}), count_if(code = {literal(shape.trailer)}), count_if(code <> '')
        FROM (SELECT {_code(shape)} AS code FROM {scan_lines(intake.path)})
    """
    ((headers, trailers, lines),) = con.execute(query).fetchall()
    return headers, trailers, lines


def framed_reading(
    feed: Feed,
    con: duckdb.DuckDBPyConnection,
    intake: Intake,
    shape: Shape,
    *,
    framed: Frame,
    sql: Callable[[Intake, date], Parsed],
    nothing: str,
) -> Reading:
    """The Reading of a framed file, dated by its header. `nothing`: see Reading."""
    made_at = moment("".join(framed.header[place] for place in shape.made_at if place < len(framed.header)))

    def rows(progress: Progress, latest: date) -> Rows:
        parsed = sql(intake, latest)
        return Rows(
            parsed.rows,
            lambda: selected_rejects(con, intake, parsed),
            kept_without=lambda: kept_without(con, parsed, parsed.checked),
        )

    uncounted = f"The {shape.trailer} line gives no count, so it cannot prove that the file is whole."
    return Reading(
        feed=feed,
        as_of=made_at.date() if made_at else None,
        made_at=made_at,
        trailer=None if framed.claimed is None else Trailer(framed.claimed, framed.records),
        records=framed.records,
        warnings=[uncounted] if framed.claimed is None else [],
        rows=rows,
        nothing=nothing,
    )


def kept_without(con: duckdb.DuckDBPyConnection, parsed: Parsed, checked: str) -> KeptWithout:
    """How many of the `checked` lines are kept without a value, and why; see Parsed.dropped."""
    found: KeptWithout = {}
    for meaning, why in parsed.dropped.items():
        query = f"""
            SELECT why, count(*) FROM (SELECT {why} AS why FROM ({checked}) WHERE is_detail AND reason IS NULL)
            WHERE why IS NOT NULL GROUP BY why ORDER BY why
        """
        counted = dict(con.execute(query).fetchall())
        if counted:
            found[meaning] = counted
    return found


def _code(shape: Shape) -> str:
    """The first field of a line; '?' where it is empty, '' where the line is blank."""
    first = bare(f"split_part(c0, {literal(shape.delimiter)}, 1)", QUOTE)
    return f"CASE WHEN coalesce({bare('c0')}, '') = '' THEN '' WHEN {first} = '' THEN '?' ELSE {first} END"


def fields(intake: Intake, shape: Shape, places: Mapping[str, int]) -> str:
    """Every physical line: number (`line`), `raw` text, `code`, number of `fields`, whether it `is_detail`.

    Beside them its values by name, as given_NAME; `places` of fields count from 1, the code being the first.
    """
    named = ", ".join(f"{value(f'parts[{place}]', QUOTE)} AS given_{name}" for name, place in places.items())
    count = "len(parts) - if(parts[-1] = '', 1, 0)" if shape.closed else "len(parts)"
    return f"""
        SELECT line, raw, code, code NOT IN ('', {literal(shape.header)}, {literal(shape.trailer)}) AS is_detail,
            {count} AS fields, {named}
        FROM (
            SELECT row_number() OVER () AS line, c0 AS raw, {_code(shape)} AS code,
                string_split(c0, {literal(shape.delimiter)}) AS parts
            FROM {scan_lines(intake.path)}
        )
    """


def checked(parsed: str, needed: int, *cases: Case) -> str:
    """`parsed` with the reason why a detail line cannot be loaded. Header, trailer and blank lines have none."""
    short = (f"fields < {needed}", f"'The line has ' || fields || ' fields, {needed} are needed.'")
    reason = first_reason(("is_detail IS NOT TRUE", "NULL"), *cases[:1], short, *cases[1:])
    return f"SELECT *, {reason} AS reason FROM ({parsed})"
