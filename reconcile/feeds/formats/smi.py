"""Device exports of the Smart Metering Inventory: CSV, one row a device, DUIS element names as headings.

In: an Intake. Out: a Reading of device rows. A full export by default. Called through FEEDS.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import FIRST_MPAN, DeviceType, Role, Status

from ..contract import Feed, Intake, Reading
from ..files.headings import meanings, table_of
from ..plain import columns
from ..plain.columns import NO_DAY, NONE, Field, Mask, Places, Words, capitals, days, places
from ..plain.lines import table_reading
from ..values.devices import DESCRIPTION, DESCRIPTION_MARK
from .devices import ALIASES, DATES, NEEDED, POINT_ELEMENTS, STATUSES, TYPE_2, device_sql

MAY_LACK_STATUS = [list(DeviceType).index(one) for one in TYPE_2]


def recognises(intake: Intake) -> bool:
    """A heading line with a device's identifier or type."""
    return bool(meanings(intake, ALIASES) & {"DeviceID", "DeviceType"})


def read(con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
    """The date of the export is looked for in the file's name. Raises BadFile."""
    table = table_of(intake, ALIASES, NEEDED, FEED.kind)
    sql = partial(device_sql, columns=table.columns)
    return table_reading(con, FEED, table, sql=sql, plain=PlainDevices, workdir=workdir)


def _type(text: str) -> str:
    """As `devices` has it: whatever the case."""
    return DeviceType(capitals(text))


def _status(text: str) -> str | None:
    """As `devices` has it: whatever the case, blanks and underscores between words too."""
    found = capitals(text)
    if found in ("", "NULL"):
        return None
    return Status(STATUSES.get(found.replace(" ", "").replace("_", ""), found))


class PlainDevices:
    """Plain lines of a device export; see plain.Format."""

    def __init__(self) -> None:
        self.words = {
            "device_type": Words(_type, DeviceType),
            "status": Words(_status),
            "role": Words(Role, Role),
            "description": Words(lambda *texts: DESCRIPTION_MARK.join(texts)),
        }

    def rows(self, field: Callable[[str], Field]) -> tuple[Mask, dict[str, pa.Array]]:
        """See plain.Format."""
        device, is_id = columns.device_ids(field("DeviceID"))
        kind = self.words["device_type"].places_of(field("DeviceType"))
        status = self.words["status"].places_of(field("DeviceStatus"))
        description = self.words["description"].places_of(*map(field, DESCRIPTION.values()))
        (day, is_day), (commissioned, is_commissioned) = (columns.dates(field(element)) for element in DATES)
        points = [columns.meter_points(field(element)) for element in POINT_ELEMENTS]
        plain = is_id & (kind >= 0) & (description >= 0) & is_day & is_commissioned
        plain &= (status >= 0) | (status == NONE) & np.isin(kind, MAY_LACK_STATUS)
        for numbers, are_points in points:
            plain &= are_points
            # Only the first element may hold an MPRN.
            plain &= (numbers == 0) | (numbers >= FIRST_MPAN) | (numbers is points[0][0])
        line, role, lead, mpxn = _one_row_a_point(np.flatnonzero(plain), [numbers for numbers, _ in points])
        return plain, {
            "device_id": pa.array(device[line]),
            "device_type": places(kind[line]),
            "status": places(status[line]),
            "status_from": days(np.where(day == NO_DAY, commissioned, day)[line]),
            "mpxn": pa.array(mpxn, mask=mpxn == 0),
            "role": places(role),
            "description": places(description[line]),
            "lead_row": pa.array(lead),
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


FEED = Feed("smi", "SMI device export (CSV)", Table.DEVICES, "full", recognises, read)
