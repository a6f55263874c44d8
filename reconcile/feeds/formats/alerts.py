"""Alerts that devices and the DCC sent to a network's people: CSV with headings, or DUIS documents (XML 5.0 to 5.4).

In: an Intake. Out: a Reading of alert rows, a delta dated as its newest alert. Called through FEEDS.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from reconcile.domain.tables import Table

from ..contract import Intake, Parsed, Reading
from ..files.headings import Names, Sheet, is_known_by
from ..plain.tables import TableFeed
from ..values import times
from .alert_documents import holds_alerts, is_document, read_alerts
from .alert_rows import ALIASES, kept, parsed_alerts

WITH_DATE = {
    **ALIASES,
    "date": Names(("alert_date", "event_date", "date_of_alert"), ("date", "day", "date_utc", "received_date")),
}
"""Of tables: the day may stand in a column beside that of the time."""


def _sql(sheet: Sheet, given: str, latest: date) -> Parsed:
    whole = times.on_day("given_time", "given_date")
    return parsed_alerts(f"SELECT * REPLACE ({whole} AS given_time) FROM ({given})")


class Alerts(TableFeed):
    """Alerts, whichever way they are written."""

    def recognises(self, intake: Intake) -> bool:
        """A heading line with codes of alerts, or a document that holds one."""
        if is_document(intake):
            return holds_alerts(intake)
        # A code with a day alone is alerts without a time, which the reader then asks for.
        return super().recognises(intake) or is_known_by(intake, self.aliases, ("alert_code", "date"))

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
    aliases=WITH_DATE,
    needed=("alert_code", "time"),
    known_by=("alert_code", "time"),
    sql=_sql,
    any_of=("device_id", "mpxn"),
)
