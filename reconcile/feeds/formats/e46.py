"""Responses of gas registration to flag updates: A00, then one E46 record each, accepted or rejected, then Z99.

In: an Intake. Out: a Reading of response rows (RDIS section 3.28). Called through FEEDS.
"""

from pathlib import Path

import duckdb

from reconcile.domain.tables import Table

from ..contract import Feed, Intake, Parsed, Reading
from ..files.framed import UK_LINK, first_fields
from ..files.scans import rejects_query
from .dxi import uk_link_lines, uk_link_reading

POSITIONS = {"outcome": 2, "mprn": 3, "flag": 4, "flag_from": 5}


def recognises(intake: Intake) -> bool:
    """An A00 line followed by an E46 line."""
    return first_fields(intake, UK_LINK)[0] == UK_LINK.header and first_fields(intake, UK_LINK, 1)[0] == "E46"


def read(con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
    """The date is the header's creation date. Raises BadFile."""
    return uk_link_reading(con, intake, FEED, _sql)


def _sql(scan: str) -> Parsed:
    why = (
        "if(code = 'E45', 'This is an E45 update: load it as kind dxi.', 'Record type ''' || code || ''' is not E46.')"
    )
    lines = uk_link_lines(
        scan,
        POSITIONS,
        ("code <> 'E46'", why),
        ("outcome <> 'AC' AND outcome <> 'RJ'", "'''' || outcome || ''' is not an outcome (AC or RJ).'"),
    )
    rows = f"""
        SELECT mpxn, outcome, dcc_flag AS flag, dcc_flag_from AS flag_from, line
        FROM ({lines}) WHERE is_detail AND reason IS NULL
    """
    return Parsed(rows, rejects_query(lines))


FEED = Feed("e46", "E46 responses (gas)", Table.RESPONSES, "delta", recognises, read)
