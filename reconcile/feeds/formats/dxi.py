"""The gas DCC Status File (DXI): A00, then one E45 record a flag update, then Z99 (RDIS section 3.29).

In: an Intake. Out: a Reading of flag rows, a delta. Text may be quoted or bare. Called through FEEDS.
"""

from collections.abc import Callable
from pathlib import Path

import duckdb

from reconcile.domain.tables import Table

from ..contract import Feed, Intake, Parsed, Reading
from ..files.dates import moment
from ..files.framed import UK_LINK, checked, fields, first_fields, frame
from ..files.scans import rejects_query, scan_lines
from ..values import dates, flags, networks, numbers

POSITIONS = {"mprn": 2, "flag": 3, "flag_from": 4}
FILE_TYPE, CREATED, TIME = 2, 3, 4
"""Places, from 0, of the file type, the creation date and time in an A00 line."""


def recognises(intake: Intake) -> bool:
    """An A00 line that says DXI or is followed by an E45 line; E46 right after it is another kind."""
    header, second = first_fields(intake, UK_LINK), first_fields(intake, UK_LINK, 1)[0]
    is_dxi = len(header) > FILE_TYPE and header[FILE_TYPE].upper() == "DXI"
    return header[0] == UK_LINK.header and second != "E46" and (second == "E45" or is_dxi)


def read(con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
    """The date is the header's creation date. Raises BadFile."""
    return uk_link_reading(con, intake, FEED, _sql)


def uk_link_reading(
    con: duckdb.DuckDBPyConnection, intake: Intake, feed: Feed, sql: Callable[[str], Parsed]
) -> Reading:
    """The Reading of a file between A00 and Z99, whose lines `sql` takes apart. Raises BadFile."""
    framed = frame(con, intake, UK_LINK)
    header = framed.header + [""] * 5
    made_at = moment(header[CREATED] + header[TIME])
    return Reading(
        kind=feed.kind,
        table=feed.table,
        coverage=feed.coverage,
        as_of=made_at.date() if made_at else None,
        made_at=made_at,
        rows=sql(scan_lines(intake.path)).rows,
        rejected=sql(scan_lines(intake.path, keep_rejects=True)).rejected,
        first_line=1,
        records=framed.records,
        trailer=framed.trailer,
        warnings=framed.warnings,
    )


def uk_link_lines(scan: str, positions: dict[str, int], *cases: tuple[str, str]) -> str:
    """Every line with its MPRN, flag and date parsed, and a reason where it cannot be loaded. `cases` come first."""
    parsed = f"""
        SELECT *, {numbers.number("mprn")} AS mpxn, {flags.flag("flag")} AS dcc_flag,
            {dates.as_date("flag_from")} AS dcc_flag_from
        FROM ({fields(scan, UK_LINK, positions)})
    """
    return checked(
        parsed,
        max(positions.values()),
        *cases,
        (numbers.is_mpan("mpxn"), "'''' || mprn || ''' is an MPAN; an MPRN has 1 to 10 digits.'"),
        (f"{numbers.is_mprn('mpxn')} IS NOT TRUE", numbers.why_no_mpxn("mprn", "MPRN")),
        *flags.needed_flag("flag", "dcc_flag"),
        *dates.needed_date("flag_from", "dcc_flag_from"),
    )


def _sql(scan: str) -> Parsed:
    other = "'Record type ''' || code || ''' is not E45.'"
    why = f"if(code = 'E46', 'This is an E46 response: load it as kind e46.', {other})"
    lines = uk_link_lines(scan, POSITIONS, ("code <> 'E45'", why))
    rows = f"""
        SELECT mpxn, dcc_flag AS flag, dcc_flag_from AS flag_from, {networks.network("mpxn", None)} AS network,
            NULL::VARCHAR AS supplier
        FROM ({lines}) WHERE is_detail AND reason IS NULL
    """
    return Parsed(rows, rejects_query(lines))


FEED = Feed("dxi", "DXI flag updates (gas)", Table.FLAGS, "delta", recognises, read)
