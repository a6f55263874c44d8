"""Alerts that devices and the DCC sent to a network's people: CSV with headings, or DUIS documents (XML 5.0 to 5.4).

In: an Intake. Out: a Reading of alert rows, a delta dated as its newest alert. Called through FEEDS.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from reconcile.domain.tables import Table

from ..contract import Intake, Parsed, Reading
from ..files.headings import Sheet
from ..plain.tables import TableFeed
from .alert_documents import holds_alerts, is_document, read_alerts
from .alert_rows import ALIASES, kept, parsed_alerts


def _sql(sheet: Sheet, given: str, latest: date) -> Parsed:
    return parsed_alerts(given)


class Alerts(TableFeed):
    """Alerts, whichever way they are written."""

    def recognises(self, intake: Intake) -> bool:
        """A heading line with codes of alerts, or a document that holds one."""
        return holds_alerts(intake) if is_document(intake) else super().recognises(intake)

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """The date is that of the newest alert, for which all are read. Raises BadFile."""
        reading = (
            read_alerts(self, con, intake, workdir) if is_document(intake) else super().begin(con, intake, workdir)
        )
        rows = kept(con, reading.rows(lambda share: None, date.max))
        newest = con.execute(f"SELECT max(sent_at)::DATE FROM ({rows.query})").fetchall()[0][0]
        return replace(reading, as_of=newest or reading.as_of, rows=lambda progress, latest: rows)


FEED = Alerts(
    "alerts",
    Table.ALERTS,
    "delta",
    aliases=ALIASES,
    needed=("alert_code", "time"),
    known_by=("alert_code", "time"),
    sql=_sql,
    any_of=("device_id", "mpxn"),
)
