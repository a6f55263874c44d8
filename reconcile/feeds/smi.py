"""Device exports of the Smart Metering Inventory: CSV, one row a device, DUIS element names as headings.

In: an Intake. Out: a Reading of device rows. A full export by default. Called through FEEDS.
"""

from pathlib import Path

import duckdb

from .base import Feed, Reading, date_in_name
from .devices import ALIASES, NEEDED, device_sql
from .headings import meanings, table_of
from .intake import Intake


def recognises(intake: Intake) -> bool:
    """A heading line with a device's identifier or type."""
    return bool(meanings(intake, ALIASES) & {"DeviceID", "DeviceType"})


def read(con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
    """The date of the export is looked for in the file's name. Raises BadFile."""
    table = table_of(intake, ALIASES, NEEDED, FEED.kind)
    return Reading(
        kind=FEED.kind,
        table=FEED.table,
        coverage=FEED.coverage,
        as_of=date_in_name(intake.name),
        made_at=None,
        rows=device_sql(table.scan(), table.columns).rows,
        rejected=device_sql(table.scan(keep_rejects=True), table.columns).rejected,
        first_line=table.line + 1,
        records=table.records,
        columns=table.width,
        warnings=table.warnings,
    )


FEED = Feed("smi", "SMI device export (CSV)", "devices", "full", recognises, read)
