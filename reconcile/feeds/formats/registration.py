"""Registration extracts: CSV with a heading line, ECOES-like, gas-like or anyone's. A full extract by default.

In: an Intake. Out: a Reading of flag rows. Called through FEEDS.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import FIRST_MPAN

from ..contract import Parsed
from ..files.headings import Sheet
from ..plain import fields
from ..plain.fields import Field, Mask
from ..plain.tables import TableFeed
from ..plain.words import NOT_PLAIN, Words, places
from ..sql import canonical, first_reason
from ..values import dates, flags, networks, numbers, texts

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


def _sql(sheet: Sheet, given: str) -> Parsed:
    parsed = f"""
        SELECT *, {numbers.number("given_mpxn")} AS mpxn, {flags.flag("given_flag")} AS flag,
            {dates.day("given_flag_from")} AS flag_from, {texts.supplier("given_supplier")} AS supplier
        FROM ({given})
    """
    no_mpxn = numbers.why_no_mpxn("given_mpxn", heading=sheet.headings["mpxn"])
    reason = first_reason(
        (f"{numbers.is_mpxn('mpxn')} IS NOT TRUE", no_mpxn),
        flags.no_flag("given_flag", "flag"),
        dates.no_day("given_flag_from", "flag_from"),
        texts.overlong_supplier("given_supplier"),
    )
    checked = f"SELECT *, {reason} AS reason FROM ({parsed})"
    accepted = f"({checked}) WHERE reason IS NULL"
    network = networks.network("mpxn", "given_network")
    rows = canonical(Table.FLAGS, accepted, "mpxn", "flag", "flag_from", "supplier", network=network)
    return Parsed(checked, rows)


class PlainFlags:
    """Plain lines of a registration extract; see plain.lines.PlainReader."""

    def __init__(self) -> None:
        self.words = {
            "flag": Words(flags.flag_of),
            "network": Words(networks.gas_network_of, map(str, DISTRIBUTOR_IDS)),
            "supplier": Words(texts.supplier_code),
        }

    def rows(self, field: Callable[[str], Field]) -> tuple[Mask, dict[str, pa.Array]]:
        """See plain.lines.PlainReader."""
        mpxn, is_point = fields.meter_points(field("mpxn"))
        flag, gas, supplier = (self.words[name].places_of(field(name)) for name in ("flag", "network", "supplier"))
        day, is_day = fields.dates(field("flag_from"))
        distributor = mpxn // (FIRST_MPAN // DISTRIBUTOR_IDS[0]) - DISTRIBUTOR_IDS[0]
        network = np.where(mpxn >= FIRST_MPAN, distributor, gas)
        plain = is_point & (mpxn > 0) & is_day & np.all([one != NOT_PLAIN for one in (flag, supplier, network)], axis=0)
        return plain, {
            "mpxn": pa.array(mpxn[plain]),
            "flag": places(flag[plain]),
            "flag_from": fields.days(day[plain]),
            "network": places(network[plain]),
            "supplier": places(supplier[plain]),
            "point_status": pa.nulls(int(np.count_nonzero(plain)), pa.string()),
        }


FEED = TableFeed(
    "registration",
    Table.FLAGS,
    "full",
    aliases=ALIASES,
    needed=NEEDED,
    known_by=NEEDED,
    sql=_sql,
    plain=PlainFlags,
)
