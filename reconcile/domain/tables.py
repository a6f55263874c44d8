"""The canonical tables: whatever a file is called and however it is written, its rows are rows of one of these.

In: nothing. Out: TABLES. Called by every other layer: feeds give these columns, the lake keeps them, the engine reads
them, and the ledger's guards watch them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Table(StrEnum):
    """What the rows of an extract say."""

    FLAGS = "flags"
    """The DCC Service Flag that registration holds for a Meter Point."""
    DEVICES = "devices"
    """A device of the Smart Metering Inventory, once for each Meter Point that it is associated with."""
    RESPONSES = "responses"
    """What registration answered to a flag update."""
    REGISTERED_METERS = "registered_meters"
    """The meter that registration holds for a Meter Point."""
    CONFIRMATIONS = "confirmations"
    """How much of a file that was sent registration took."""
    ALERTS = "alerts"
    """What devices and the DCC told a network's people, once for each Meter Point that an alert names."""
    COVERAGE = "coverage"
    """Where the wide area network of the DCC reaches, by postcode or its outward part."""
    READS = "reads"
    """When a device was read, and whose clock said so."""
    DSP_STATUSES = "dsp_statuses"
    """The DCC Service Status that the DSP itself holds for a Meter Point, and whether it told registration."""
    FIRMWARE_UPDATES = "firmware_updates"
    """When devices of one make were to be updated: outages that they report meanwhile are none."""


class Repeats(StrEnum):
    """What becomes of lines of one extract that name the same Meter Point."""

    STAND = "stand"
    """Each of them says something of its own."""
    LATEST_FLAG = "latest flag"
    """The one with the latest flag_from counts; on one date A before I before N. Two different flags are noted."""


class Watched(StrEnum):
    """What a full extract must not change much since the last one."""

    ROWS = "rows"
    NETWORK_ROWS = "network rows"
    """The rows of each network by itself."""


@dataclass(frozen=True)
class Declared:
    """A canonical table. `columns`: name -> SQL type, in order.

    Rows are kept `sorted_by` one of them. `lead_row`, where there is one, marks the first of the rows that one line of
    a file became.
    `remembers_meters`: which Meter Points it is the first to show with a live meter is kept for ever.
    """

    title: str
    columns: Mapping[str, str]
    repeats: Repeats = Repeats.STAND
    watched: Watched | None = None
    remembers_meters: bool = False
    sorted_by: str = "mpxn"


TABLES: dict[Table, Declared] = {
    Table.FLAGS: Declared(
        title="Registration",
        columns={
            "mpxn": "BIGINT",
            "flag": "VARCHAR",
            "flag_from": "DATE",
            "network": "VARCHAR",
            "supplier": "VARCHAR",
            "point_status": "VARCHAR",
            "postcode_area": "VARCHAR",
            "postcode": "VARCHAR",
        },
        repeats=Repeats.LATEST_FLAG,
        watched=Watched.NETWORK_ROWS,
    ),
    Table.DEVICES: Declared(
        title="Inventory",
        columns={
            "device_id": "UBIGINT",
            "device_type": "VARCHAR",
            "status": "VARCHAR",
            "status_from": "DATE",
            "mpxn": "BIGINT",
            "role": "VARCHAR",
            "description": "VARCHAR",
            "commissioned": "DATE",
            "lead_row": "BOOLEAN",
            "postcode": "VARCHAR",
        },
        watched=Watched.ROWS,
        remembers_meters=True,
    ),
    Table.RESPONSES: Declared(
        title="Responses",
        columns={
            "mpxn": "BIGINT",
            "outcome": "VARCHAR",
            "flag": "VARCHAR",
            "flag_from": "DATE",
            "line": "BIGINT",
            "reason": "VARCHAR",
        },
    ),
    Table.REGISTERED_METERS: Declared(
        title="Registered meters",
        columns={
            "mpxn": "BIGINT",
            "device_id": "UBIGINT",
            "meter_id": "VARCHAR",
            "installed_on": "DATE",
            "removed_on": "DATE",
        },
    ),
    Table.CONFIRMATIONS: Declared(
        title="Confirmations",
        columns={
            "file": "VARCHAR",
            "received": "BIGINT",
            "accepted": "BIGINT",
            "rejected": "BIGINT",
            "received_on": "DATE",
        },
        sorted_by="file",
    ),
    Table.ALERTS: Declared(
        title="Alerts",
        columns={
            "sent_at": "TIMESTAMP",
            "code": "VARCHAR",
            "mpxn": "BIGINT",
            "device_id": "UBIGINT",
            "hub_id": "UBIGINT",
            "change": "VARCHAR",
            "throttled": "BIGINT",
            "lead_row": "BOOLEAN",
        },
    ),
    Table.COVERAGE: Declared(
        title="WAN coverage",
        columns={
            "postcode": "VARCHAR",
            "region": "VARCHAR",
            "available": "BOOLEAN",
            "anticipated": "DATE",
            "technology": "VARCHAR",
            "likelihood": "VARCHAR",
            "auxiliary": "VARCHAR",
        },
        sorted_by="postcode",
    ),
    Table.READS: Declared(
        title="Reads",
        columns={"device_id": "UBIGINT", "read_at": "TIMESTAMP", "source": "VARCHAR", "clock": "VARCHAR"},
        sorted_by="device_id",
    ),
    Table.DSP_STATUSES: Declared(
        title="DSP statuses",
        columns={"mpxn": "BIGINT", "status": "VARCHAR", "status_from": "DATE", "notified": "BOOLEAN"},
    ),
    Table.FIRMWARE_UPDATES: Declared(
        title="Firmware updates",
        columns={
            "manufacturer": "VARCHAR",
            "model": "VARCHAR",
            "firmware": "VARCHAR",
            "starts": "TIMESTAMP",
            "ends": "TIMESTAMP",
        },
        sorted_by="starts",
    ),
}
JUDGED = (Table.FLAGS, Table.DEVICES)
"""The two sides whose rows are judged: where a line of them is not read, a rule may rest on what is missed."""
HISTORY = {"mpxn": "BIGINT", "flag": "VARCHAR", "flag_from": "DATE"}
"""The columns of every flag that a Meter Point had, as a refresh of registration tells it."""
STATUSES = {"mpxn": "BIGINT", "point_status": "VARCHAR"}
"""The columns of what an update says of Meter Points besides their flags; no status is one in use."""
