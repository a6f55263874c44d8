"""D0312, Notification of Meter Information: which meter, by its DCC device identifier, registration holds for an MPAN.

In: what its lines tell. Out: rows of registered meters, installed or removed. Called through FEEDS.
"""

from reconcile.domain.tables import Table

from ..contract import Parsed
from ..files.framed import checked
from ..files.groups import Flow, groups
from ..files.told import CHECKED, Told
from ..files.user_files import UserFileFeed
from ..sql import Case, of
from ..values import dates, devices, numbers
from .flag_updates import NO_MPAN

FLOW = Flow(
    "D0312",
    "003",
    "Notification of Meter Information to MPAS",
    groups("""
        11D 1:mpxn
            12D 1:meter_id 4:installed_on 6:device
            13D 1:meter_id 2:removed_on 4:device
            76M
                77M
    """),
    record="11D",
    rows=("12D", "13D"),
)
UNKNOWN = (0, 2**64 - 1)
"""Device identifiers that stand for none: all zeros, all ones."""
DATES = ("installed_on", "removed_on")


def _sql(told: Told) -> Parsed:
    found = checked(_lines(told), 2, told.unknown, _no_record(), *NO_MPAN, NO_REMOVAL)
    rows = f"""
        SELECT mpxn, if(device_id IN {UNKNOWN}, NULL, device_id) AS device_id, given_meter_id AS meter_id,
            {", ".join(DATES)}
        FROM {CHECKED} WHERE reason IS NULL
    """
    undated = " OR ".join(f"(given_{name} IS NOT NULL AND {name} IS NULL)" for name in DATES)
    notes = (
        (
            f"SELECT count(*) FROM {CHECKED} WHERE reason IS NULL AND device_id IS NULL AND given_device IS NOT NULL",
            "{count} meters have a device identifier that cannot be read; they are kept without.",
        ),
        (
            f"SELECT count(*) FROM {CHECKED} WHERE reason IS NULL AND ({undated})",
            "{count} meters have a date that cannot be read; they are kept without.",
        ),
    )
    return Parsed(found, rows, notes=notes)


NO_REMOVAL = (
    "code = '13D' AND removed_on IS NULL",
    "'The meter was removed on no date that can be read: ' || coalesce(given_removed_on, 'none') || '.'",
)
"""Without its date a removal would be an installation."""


def _lines(told: Told) -> str:
    """The meters with the MPAN of the record that they belong to."""
    days = ", ".join(f"{dates.day(f'given_{name}')} AS {name}" for name in DATES)
    return f"""
        SELECT *, {numbers.number("given_mpxn")} AS mpxn, {days},
            {devices.device_number("given_device")} AS device_id
        FROM (
            SELECT meter.* EXCLUDE (given_mpxn), held.given_mpxn, held.line IS NOT NULL AS is_held
            FROM ({told.lines()}) AS meter LEFT JOIN ({told.group("11D")}) AS held ON held.line = meter.record
        )
    """


def _no_record() -> Case:
    return "NOT is_held", of("code", f"stands outside of any {FLOW.record} that can be read.", "Group ")


FEED = UserFileFeed("d0312", Table.REGISTERED_METERS, "delta", flow=FLOW, sql=_sql)
