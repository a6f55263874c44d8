"""D0350, Notification of DCC Services at Metering Point: a DTC user file from the DCC to electricity registration.

In: an Intake. Out: a Reading of flag rows, a delta. Called through FEEDS.
The group layout is ASSUMED and stands in d0350.toml.
"""

import tomllib
from pathlib import Path

import duckdb

from reconcile.domain.tables import Table

from ..contract import BadFile, Feed, Intake, Parsed, Reading
from ..files.dates import moment
from ..files.framed import DTC, Frame, checked, fields, first_fields, frame
from ..files.scans import rejects_query, scan_lines
from ..sql import literal
from ..values import dates, flags, networks, numbers

LAYOUT = tomllib.loads((Path(__file__).with_suffix(".toml")).read_text("utf-8"))
POSITIONS: dict[str, int] = {name: int(place) for name, place in LAYOUT["positions"].items()}
FLOW, CREATED, TEST = 2, 7, 11
"""Places, from 0, of the flow, the creation time and the test flag in a ZHV line."""


def recognises(intake: Intake) -> bool:
    """A ZHV line. The reader says which flow it is where it is another."""
    return first_fields(intake, DTC)[0] == DTC.header


def read(con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
    """The date is that of the header's creation time. Raises BadFile."""
    framed = frame(con, intake, DTC)
    header = framed.header + [""] * 12
    if not header[FLOW].startswith(LAYOUT["flow"]):
        raise BadFile(
            f"The header names the flow '{header[FLOW]}', not {LAYOUT['flow']}. Load a {LAYOUT['flow']} file."
        )
    made_at = moment(header[CREATED])
    return Reading(
        kind=FEED.kind,
        table=FEED.table,
        coverage=FEED.coverage,
        as_of=made_at.date() if made_at else None,
        made_at=made_at,
        rows=_sql(scan_lines(intake.path)).rows,
        rejected=_sql(scan_lines(intake.path, keep_rejects=True)).rejected,
        first_line=1,
        records=framed.records,
        trailer=framed.trailer,
        warnings=framed.warnings + _warnings(framed, header),
    )


def _warnings(framed: Frame, header: list[str]) -> list[str]:
    warnings = []
    if header[TEST].startswith("TR"):
        warnings.append(f"The header marks the file as a test ({header[TEST]}), not as operational.")
    if len(framed.last) > 1 and framed.last[1] != header[1]:
        warnings.append(f"Header and trailer name different files: '{header[1]}' and '{framed.last[1]}'.")
    return warnings


def _sql(scan: str) -> Parsed:
    lines = fields(scan, DTC, POSITIONS)
    parsed = f"""
        SELECT *, {numbers.number("mpan")} AS mpxn, {flags.flag("flag")} AS dcc_flag,
            {dates.as_date("flag_from")} AS dcc_flag_from
        FROM ({lines})
    """
    group, types = LAYOUT["group"], LAYOUT["instruction_types"]
    known = " OR ".join(f"instruction_type = {literal(one)}" for one in types)
    lines_checked = checked(
        parsed,
        max(POSITIONS.values()),
        (f"code <> {literal(group)}", f"'Group ''' || code || ''' is not {group}, the group of a flag update.'"),
        (
            f"NOT ({known})",
            f"'''' || instruction_type || ''' is not an instruction type of this flow ({', '.join(types)}).'",
        ),
        (numbers.is_mprn("mpxn"), "'''' || mpan || ''' is not an MPAN: it must have 13 digits.'"),
        (f"{numbers.is_mpan('mpxn')} IS NOT TRUE", numbers.why_no_mpxn("mpan", "MPAN")),
        *flags.needed_flag("flag", "dcc_flag"),
        *dates.needed_date("flag_from", "dcc_flag_from"),
    )
    rows = f"""
        SELECT mpxn, dcc_flag AS flag, dcc_flag_from AS flag_from, {networks.network("mpxn", None)} AS network,
            NULL::VARCHAR AS supplier
        FROM ({lines_checked}) WHERE is_detail AND reason IS NULL
    """
    return Parsed(rows, rejects_query(lines_checked))


FEED = Feed("d0350", "D0350 flag updates (electricity)", Table.FLAGS, "delta", recognises, read)
