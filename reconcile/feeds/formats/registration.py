"""Registration extracts: CSV with a heading line, ECOES-like, gas-like or anyone's. A full extract by default.

In: an Intake. Out: a Reading of flag rows. Called through FEEDS.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import FIRST_MPAN, UNKNOWN_GAS, Flag

from ..contract import Feed, Intake, Parsed, Reading
from ..files import headings
from ..files.headings import meanings, table_of
from ..files.scans import rejects_query
from ..plain import columns
from ..plain.columns import NOT_PLAIN, Field, Mask, Words, capitals, days, places
from ..plain.lines import table_reading
from ..sql import first_reason
from ..values import dates, flags, networks, numbers
from ..values.texts import text

ALIASES = {
    "mpxn": ("mpxn", "mpan", "mpan_core", "mprn", "meter_point_reference"),
    "flag": ("dcc_service_flag",),
    "flag_from": ("dcc_service_flag_efd", "dcc_service_flag_effective_from_date", "effective_from"),
    "supplier": ("supplier_mpid", "supplier"),
    "network": ("network_party", "network_name", "distributor_mpid", "ldz", "ldz_id"),
}
NEEDED = ("mpxn", "flag")
DISTRIBUTOR_IDS = range(10, 100)
"""The first two digits of an MPAN."""


def recognises(intake: Intake) -> bool:
    """A heading line with a Meter Point or a flag column: where one is missing, the reader says so."""
    return bool(meanings(intake, ALIASES) & set(NEEDED))


def read(con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
    """The date of the extract is looked for in the file's name. Raises BadFile."""
    table = table_of(intake, ALIASES, NEEDED, FEED.kind)
    return table_reading(con, FEED, table, sql=partial(_sql, table), plain=PlainFlags, workdir=workdir)


def _sql(table: headings.Table, scan: str) -> Parsed:
    column = table.columns
    flag_from = column.get("flag_from")
    parsed = f"""
        SELECT *, {numbers.number(column["mpxn"])} AS mpxn, {flags.flag(column["flag"])} AS flag,
            {dates.as_date(flag_from) if flag_from else "NULL::DATE"} AS flag_from
        FROM {scan}
    """
    cases = [
        (f"{numbers.is_mpxn('mpxn')} IS NOT TRUE", numbers.why_no_mpxn(column["mpxn"], heading=table.names["mpxn"])),
        (flags.no_flag(column["flag"], "flag"), flags.why_no_flag(column["flag"])),
    ]
    if flag_from:
        cases.append((dates.no_date(flag_from, "flag_from"), dates.why_no_date(flag_from)))
    checked = f"SELECT *, {first_reason(*cases)} AS reason FROM ({parsed})"
    rows = f"""
        SELECT mpxn, flag, flag_from, {networks.network("mpxn", column.get("network"))} AS network,
            {text(column["supplier"]) if "supplier" in column else "NULL::VARCHAR"} AS supplier
        FROM ({checked}) WHERE reason IS NULL
    """
    return Parsed(rows, rejects_query(checked))


def _flag(text: str) -> str | None:
    """As `flags.flag`."""
    found = capitals(text)
    return None if found in ("", "NULL") else Flag(found)


def _text(text: str) -> str | None:
    """As `texts.text`."""
    found = text.strip(" ")
    return None if found.upper() in ("", "NULL") else found


def _gas_network(text: str) -> str:
    """As `networks.network` of an MPRN."""
    found = capitals(text)
    return UNKNOWN_GAS if found in ("", "NULL") else networks.GAS_NETWORK_CODES.get(found, found[:40])


class PlainFlags:
    """Plain lines of a registration extract; see plain.Format."""

    def __init__(self) -> None:
        networks = Words(_gas_network, map(str, DISTRIBUTOR_IDS))
        self.words = {"flag": Words(_flag), "network": networks, "supplier": Words(_text)}

    def rows(self, field: Callable[[str], Field]) -> tuple[Mask, dict[str, pa.Array]]:
        """See plain.Format."""
        mpxn, is_point = columns.meter_points(field("mpxn"))
        flag, gas, supplier = (self.words[name].places_of(field(name)) for name in ("flag", "network", "supplier"))
        day, is_day = columns.dates(field("flag_from"))
        distributor = mpxn // (FIRST_MPAN // DISTRIBUTOR_IDS[0]) - DISTRIBUTOR_IDS[0]
        network = np.where(mpxn >= FIRST_MPAN, distributor, gas)
        plain = is_point & (mpxn > 0) & is_day & np.all([one != NOT_PLAIN for one in (flag, supplier, network)], axis=0)
        return plain, {
            "mpxn": pa.array(mpxn[plain]),
            "flag": places(flag[plain]),
            "flag_from": days(day[plain]),
            "network": places(network[plain]),
            "supplier": places(supplier[plain]),
        }


FEED = Feed("registration", "Registration extract (CSV)", Table.FLAGS, "full", recognises, read)
