"""Registration extracts: CSV with a heading line, ECOES-like, gas-like or anyone's. A full extract by default.

In: an Intake. Out: a Reading of flag rows. Called through FEEDS.
"""

from pathlib import Path

import duckdb

from . import numbers
from .base import Feed, Parsed, Reading, date_in_name, first_reason, rejects_query, text
from .headings import Table, meanings, table_of
from .intake import Intake

ALIASES = {
    "mpxn": ("mpxn", "mpan", "mpan_core", "mprn", "meter_point_reference"),
    "flag": ("dcc_service_flag",),
    "flag_from": ("dcc_service_flag_efd", "dcc_service_flag_effective_from_date", "effective_from"),
    "supplier": ("supplier_mpid", "supplier"),
    "network": ("network_party", "network_name", "distributor_mpid", "ldz", "ldz_id"),
}
NEEDED = ("mpxn", "flag")


def recognises(intake: Intake) -> bool:
    """A heading line with a Meter Point or a flag column: where one is missing, the reader says so."""
    return bool(meanings(intake, ALIASES) & set(NEEDED))


def read(con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
    """The date of the extract is looked for in the file's name. Raises BadFile."""
    table = table_of(intake, ALIASES, NEEDED, FEED.kind)
    return Reading(
        kind=FEED.kind,
        table=FEED.table,
        coverage=FEED.coverage,
        as_of=date_in_name(intake.name),
        made_at=None,
        rows=_sql(table, table.scan()).rows,
        rejected=_sql(table, table.scan(keep_rejects=True)).rejected,
        first_line=table.line + 1,
        records=table.records,
        columns=table.width,
        warnings=table.warnings,
    )


def _sql(table: Table, scan: str) -> Parsed:
    column = table.columns
    flag_from = column.get("flag_from")
    parsed = f"""
        SELECT *, {numbers.number(column["mpxn"])} AS mpxn, {numbers.flag(column["flag"])} AS flag,
            {numbers.as_date(flag_from) if flag_from else "NULL::DATE"} AS flag_from
        FROM {scan}
    """
    cases = [
        (f"{numbers.is_mpxn('mpxn')} IS NOT TRUE", numbers.why_no_mpxn(column["mpxn"], heading=table.names["mpxn"])),
        (numbers.no_flag(column["flag"], "flag"), numbers.why_no_flag(column["flag"])),
    ]
    if flag_from:
        cases.append((numbers.no_date(flag_from, "flag_from"), numbers.why_no_date(flag_from)))
    checked = f"SELECT *, {first_reason(*cases)} AS reason FROM ({parsed})"
    rows = f"""
        SELECT mpxn, flag, flag_from, {numbers.network("mpxn", column.get("network"))} AS network,
            {text(column["supplier"]) if "supplier" in column else "NULL::VARCHAR"} AS supplier
        FROM ({checked}) WHERE reason IS NULL
    """
    return Parsed(rows, rejects_query(checked))


FEED = Feed("registration", "Registration extract (CSV)", "flags", "full", recognises, read)
