"""Planned firmware updates (CSV): which make of devices is updated when, so that outages reported meanwhile are none.

In: an Intake. Out: a Reading of updates, a delta. Called through FEEDS.
"""

from datetime import date

from reconcile.domain.tables import Table

from ..contract import Intake, Parsed
from ..files.headings import Names, Sheet, heading_line, headings_of, places_of
from ..plain.tables import TableFeed
from ..sql import canonical, first_reason
from ..values import times

ALIASES = {
    "manufacturer": Names(("manufacturer", "DeviceManufacturer"), ("make",)),
    "model": Names(("model", "DeviceModel")),
    "firmware": Names(("firmware", "firmware_version", "DeviceFirmwareVersion"), ("version", "new_firmware")),
    "starts": Names(("update_starts", "update_start", "activation_starts"), ("starts", "start", "begins")),
    "ends": Names(("update_ends", "update_end", "activation_ends"), ("ends", "end", "until")),
}
NEEDED = ("manufacturer", "firmware", "starts", "ends")


def _sql(sheet: Sheet, given: str, latest: date) -> Parsed:
    moments = ", ".join(f"{times.moment(f'given_{name}')} AS {name}" for name in ("starts", "ends"))
    reason = first_reason(
        ("given_manufacturer IS NULL", "'The line names no manufacturer.'"),
        *times.no_moment("given_starts", "starts"),
        *times.no_moment("given_ends", "ends"),
        ("ends < starts", "'The update ends before it starts.'"),
    )
    checked = f"SELECT *, {reason} AS reason FROM (SELECT *, {moments} FROM ({given}))"
    texts = {name: f"given_{name}" for name in ("manufacturer", "model", "firmware")}
    rows = canonical(Table.FIRMWARE_UPDATES, f"({checked}) WHERE reason IS NULL", "starts", "ends", **texts)
    return Parsed(checked, rows, points=())


class FirmwareUpdates(TableFeed):
    """A table of updates; inventories name makes and versions too."""

    def recognises(self, intake: Intake) -> bool:
        """A heading line with all that an update needs."""
        headings = headings_of(intake, heading_line(intake, self.aliases))
        return places_of(headings, self.aliases).keys() >= set(self.needed)


FEED = FirmwareUpdates(
    "firmware_updates",
    Table.FIRMWARE_UPDATES,
    "delta",
    aliases=ALIASES,
    needed=NEEDED,
    known_by=NEEDED,
    sql=_sql,
)
