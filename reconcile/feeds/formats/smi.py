"""Device exports of the Smart Metering Inventory: CSV, one row a device, DUIS element names as headings.

In: an Intake. Out: a Reading of device rows. A full export by default. Called through FEEDS.
"""

from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa

from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import FIRST_MPAN, DeviceType, Role, Status

from ..contract import Parsed
from ..files.headings import Sheet
from ..plain import fields
from ..plain.fields import NO_DAY, Field, Mask, Places
from ..plain.tables import TableFeed
from ..plain.words import NONE, Words, places
from ..values import devices
from .device_rows import ALIASES, DATES, MISSED, NEEDED, POINTS, TYPE_2, parsed_devices
from .one_device import each_once

COMMISSIONED = list(Status).index(Status.COMMISSIONED)
INSTALLED = list(Status).index(Status.INSTALLED)
MAY_LACK_STATUS = [list(DeviceType).index(one) for one in TYPE_2]


def _sql(sheet: Sheet, given: str, latest: date) -> Parsed:
    return parsed_devices(given, latest=latest)


class PlainDevices:
    """Plain lines of a device export; see plain.lines.PlainReader."""

    def __init__(self, sheet: Sheet, latest: date) -> None:
        self.latest = latest
        self.words = {
            "device_type": Words(devices.device_type_of, DeviceType),
            "status": Words(devices.status_of, Status),
            "role": Words(Role, Role),
            "description": Words(devices.description_of),
        }

    def rows(self, field: Callable[[str], Field]) -> tuple[Mask, dict[str, pa.Array]]:
        """See plain.lines.PlainReader."""
        device, is_id = fields.device_ids(field("DeviceID"))
        kind = self.words["device_type"].places_of(field("DeviceType"))
        status = self.words["status"].places_of(field("DeviceStatus"))
        description = self.words["description"].places_of(*map(field, devices.DESCRIPTION.values()))
        (day, is_day), (commissioned, is_commissioned) = (
            fields.dates(field(element), self.latest) for element in DATES
        )
        points = [fields.meter_points(field(element)) for element in POINTS]
        plain = (
            is_id & ~np.isin(device, devices.PLACEHOLDERS) & (kind >= 0) & (description >= 0) & is_day & is_commissioned
        )
        plain &= (status >= 0) | (status == NONE) & np.isin(kind, MAY_LACK_STATUS)
        for numbers, are_points in points:
            plain &= are_points
            # Only the first element may hold an MPRN.
            plain &= (numbers == 0) | (numbers >= FIRST_MPAN) | (numbers is points[0][0])
        # As STATUS_FROM of device_rows.
        status_from = np.where((day == NO_DAY) & (status == COMMISSIONED), commissioned, day)
        line, role, lead, mpxn = _one_row_a_point(np.flatnonzero(plain), [numbers for numbers, _ in points])
        return plain, {
            "device_id": pa.array(device[line]),
            "device_type": places(kind[line]),
            "status": places(status[line]),
            "status_from": fields.days(status_from[line]),
            "mpxn": pa.array(mpxn, mask=mpxn == 0),
            "role": places(role),
            "description": places(description[line]),
            "commissioned": fields.days(commissioned[line]),
            "lead_row": pa.array(lead),
            "postcode": fields.postcodes(field("PostCode"), status == INSTALLED).take(pa.array(line)),
        }


def _one_row_a_point(lines: Places, points: list[Places]) -> tuple[Places, Places, Mask, Places]:
    """For each row its line, its role (or NONE), whether it is the first of its line, and its Meter Point (or 0).

    A Meter Point that a line names twice is its first role's only; a line that names none is one row.
    """
    imported, secondary, exported = (numbers[lines] for numbers in points)
    secondary = np.where(secondary == imported, 0, secondary)
    exported = np.where((exported == imported) | (exported == secondary), 0, exported)
    role = np.where(imported > 0, 0, np.where(secondary > 0, 1, np.where(exported > 0, 2, NONE)))
    first = np.choose(np.maximum(role, 0), (imported, secondary, exported))
    rows = [(lines, role, np.ones(len(lines), np.bool_), first)]
    for later, numbers in ((1, secondary), (2, exported)):
        more = np.flatnonzero((numbers > 0) & (role < later))
        if len(more):
            rows.append((lines[more], np.full(len(more), later), np.zeros(len(more), np.bool_), numbers[more]))
    line, role, lead, mpxn = (np.concatenate(column) for column in zip(*rows, strict=True))
    return line, role, lead, mpxn


FEED = TableFeed(
    "smi",
    Table.DEVICES,
    "full",
    aliases=ALIASES,
    needed=NEEDED,
    known_by=("DeviceID", "DeviceType"),
    sql=_sql,
    plain=PlainDevices,
    any_of=tuple(POINTS),
    missed=MISSED,
    settle=each_once,
)
