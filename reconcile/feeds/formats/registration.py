"""Registration extracts: CSV with a heading line, ECOES-like, gas-like or anyone's. A full extract by default.

In: an Intake. Out: a Reading of flag rows. Called through FEEDS.
"""

from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa

from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import FIRST_MPAN, Flag, Fuel

from ..contract import Parsed
from ..files.headings import Names, Sheet
from ..plain import fields
from ..plain.fields import Field, Mask, Places
from ..plain.tables import TableFeed
from ..plain.words import NONE, NOT_PLAIN, Words, places
from ..sql import canonical, first_reason
from ..values import dates, flags, networks, numbers, postcodes, texts
from ..values.point_status import point_status, point_status_of

ALIASES = {
    "mpxn": Names(
        (
            *("mpxn", "mpan_core", "mpan", "mprn", "meter_point_reference", "meter_point_reference_number"),
            *("MeterPoint", "meter_point_number", "supply_meter_point_reference"),
        ),
        (
            *("queried_mpan", "mpan_number", "mpan_core_number", "mprn_number", "mpxn_number", "meter_point_id"),
            *("mpan_no", "mpan_core_no", "mprn_no", "mpan_id", "mprn_id", "mpan_mprn", "mpan_or_mprn", "mpan_and_mprn"),
            *("meter_point_administration_number", "metering_point", "metering_point_reference", "metering_point_id"),
        ),
    ),
    "flag": Names(
        ("dcc_service_flag",),
        (
            *("dcc_flag", "dcc_service_flag_value", "dcc_service_flag_code", "dcc_service_flag_current"),
            *("current_dcc_service_flag", "dcc_service_flag_status", "dcc_flag_status", "dcc_flag_value"),
        ),
    ),
    "flag_from": Names(
        (
            *("dcc_service_flag_efd", "dcc_service_flag_effective_from_date", "dcc_service_flag_effective_from"),
            *("dcc_service_flag_date", "dcc_service_flag_from", "dcc_service_effective_from_date"),
            *("dcc_effective_from", "dcc_effective_from_date", "dcc_flag_efd", "dcc_flag_effective_from"),
            *("dcc_service_flag_effective_date", "dcc_service_flag_from_date", "dcc_service_flag_start_date"),
            *("dcc_service_flag_start", "dcc_service_flag_efsd", "dcc_efd", "dcc_effective_date", "dcc_flag_date"),
            *("dcc_flag_effective_date", "dcc_flag_effective_from_date", "dcc_flag_from", "dcc_flag_start_date"),
        ),
        ("effective_from", "effective_from_date", "efd", "flag_efd", "flag_effective_from", "flag_effective_date"),
    ),
    "supplier": Names(
        (
            *("supplier_mpid", "supplier", "current_supplier", "current_supplier_mpid", "supplier_id"),
            *("supplier_short_code", "current_supplier_id", "supplier_market_participant_id"),
        ),
        (
            "css_supplier_mpid",
            "supplier_code",
            "current_supplier_code",
            "registered_supplier",
            "supplier_participant_id",
        ),
    ),
    "ldz": Names(("ldz", "ldz_id", "ldz_code", "local_distribution_zone")),
    "network": Names(
        (
            *("network_party", "network_short_code", "nwo_short_code", "network_name", "gas_transporter"),
            *("gas_transporter_name", "transporter", "network_operator"),
        ),
        ("distributor_mpid", "distributor", "distributor_name"),
    ),
    "trading_status": Names(
        ("trading_status",),
        ("mpan_trading_status", "trading_status_code", "metering_point_trading_status", "current_trading_status"),
    ),
    "rmp_state": Names(
        ("rmp_state",), ("rmp_status", "rmp_state_code", "registrable_measurement_point_state", "css_rmp_state")
    ),
    "energisation_status": Names(
        ("energisation_status",),
        (
            *("energisation_status_code", "mpan_energisation_status", "metering_point_energisation_status"),
            *("meter_energisation_status", "current_energisation_status", "energisation_state", "energisation"),
            *("energised_status", "energization_status", "energisation_indicator", "energy_status"),
        ),
    ),
    "postcode": Names(("postcode", "post_code"), ("metering_point_postcode", "site_postcode", "address_postcode")),
}
POINT_STATUS = ("trading_status", "rmp_state", "energisation_status")
CANONICAL = {"ldz": "network", "postcode": "postcode_area"} | dict.fromkeys(POINT_STATUS, "point_status")
MISSED = {
    "flag_from": "no flag of this file has a date, so none can be told to be in flight, or since when it is wrong",
    "supplier": "no Meter Point of this file has a supplier",
}
NEEDED = ("mpxn", "flag")
DISTRIBUTOR_IDS = range(10, 100)
"""The first two digits of an MPAN."""


def _sql(sheet: Sheet, given: str, latest: date) -> Parsed:
    heading = sheet.headings["mpxn"]
    read = f"""
        SELECT *, {numbers.number("given_mpxn")} AS mpxn, {flags.flag("given_flag")} AS flag,
            {dates.day("given_flag_from")} AS read_flag_from, {texts.supplier("given_supplier")} AS supplier
        FROM ({given})
    """
    parsed = f"SELECT *, {dates.known('read_flag_from', latest)} AS flag_from FROM ({read})"
    reason = first_reason(
        numbers.wrong_fuel("given_mpxn", "mpxn", heading),
        (f"{numbers.is_mpxn('mpxn')} IS NOT TRUE", numbers.why_no_mpxn("given_mpxn", heading=heading)),
        flags.no_flag("given_flag", "flag"),
        texts.overlong_supplier("given_supplier"),
    )
    checked = f"SELECT *, {reason} AS reason FROM ({parsed})"
    network = networks.network("mpxn", "given_network", "given_ldz")
    status = point_status(*(f"given_{meaning}" for meaning in POINT_STATUS))
    accepted = f"({checked}) WHERE reason IS NULL"
    same = ("mpxn", "flag", "flag_from", "supplier")
    area = postcodes.area("given_postcode")
    street = postcodes.of_point("mpxn", "flag", "given_postcode")
    rows = canonical(
        Table.FLAGS, accepted, *same, network=network, point_status=status, postcode_area=area, postcode=street
    )
    dropped = {
        "flag_from": dates.dropped("given_flag_from", "read_flag_from", latest),
        "supplier": texts.lost("given_supplier"),
    }
    unread = numbers.unread("given_mpxn", "mpxn", of=numbers.fuel_of_heading(heading))
    return Parsed(checked, rows, unread=(unread,), dropped=dropped)


def _yes_or_no(sheet: Sheet) -> str:
    """A column of yes and no is no column of flags: its N would be read as Non-Active."""
    values = sheet.first_values("flag")
    answers = sorted(values.intersection(flags.YES_NO))
    if not answers or values & {Flag.A, Flag.I}:
        return ""
    return (
        f"The column '{sheet.headings['flag']}' holds yes/no values ({', '.join(answers)}), not DCC Service Flags, so "
        "that an N in it may mean no. Ask for the flag itself (A, N, I or empty)."
    )


class PlainFlags:
    """Plain lines of a registration extract; see plain.lines.PlainReader."""

    def __init__(self, sheet: Sheet, latest: date) -> None:
        self.latest, self.fuel = latest, numbers.fuel_of_heading(sheet.headings["mpxn"])
        self.statuses = [meaning for meaning in POINT_STATUS if meaning in sheet.places]
        self.words = {
            "flag": Words(flags.flag_of),
            "network": Words(networks.gas_network_of, map(str, DISTRIBUTOR_IDS)),
            "supplier": Words(texts.supplier_code),
            "point_status": Words(self._point_status),
            "postcode_area": Words(postcodes.area_of),
        }

    def _point_status(self, *given: str) -> str | None:
        return point_status_of(**dict(zip(self.statuses, given, strict=True)))

    def _has_postcode(self, flag: Places, is_mpan: Mask) -> Mask:
        """As postcodes.of_point."""
        of_street = is_mpan & self.words["flag"].are(flag, postcodes.HAS_STREET)
        may_wait = (self.words["flag"].are(flag, one) for one in postcodes.MAY_WAIT)
        asked: Mask = np.any([flag == NONE, of_street, *may_wait], axis=0)
        return asked

    def rows(self, field: Callable[[str], Field]) -> tuple[Mask, dict[str, pa.Array]]:
        """See plain.lines.PlainReader."""
        mpxn, is_point = fields.meter_points(field("mpxn"))
        flag, supplier = (self.words[name].places_of(field(name)) for name in ("flag", "supplier"))
        gas = self.words["network"].places_of(field("ldz"), field("network"))
        status = np.full(len(mpxn), NONE)
        if self.statuses:
            status = self.words["point_status"].places_of(*map(field, self.statuses))
        area = self.words["postcode_area"].places_of(fields.first_two(field("postcode")))
        day, is_day = fields.dates(field("flag_from"), self.latest)
        is_mpan = mpxn >= FIRST_MPAN
        network = np.where(is_mpan, mpxn // (FIRST_MPAN // DISTRIBUTOR_IDS[0]) - DISTRIBUTOR_IDS[0], gas)
        plain = is_point & (mpxn > 0) & is_day
        plain &= np.all([one != NOT_PLAIN for one in (flag, supplier, network, status)], axis=0)
        if self.fuel:
            plain &= is_mpan == (self.fuel == Fuel.ELECTRICITY)
        return plain, {
            "mpxn": pa.array(mpxn[plain]),
            "flag": places(flag[plain]),
            "flag_from": fields.days(day[plain]),
            "network": places(network[plain]),
            "supplier": places(supplier[plain]),
            "point_status": places(status[plain]),
            "postcode_area": places(area[plain]),
            "postcode": fields.postcodes(field("postcode"), self._has_postcode(flag, is_mpan)).filter(pa.array(plain)),
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
    missed=MISSED,
    canonical=CANONICAL,
    objection=_yes_or_no,
)
