"""Read responses (CSV): which device was read, at what time, whose clock said so, and whether that clock is reliable.

In: an Intake. Out: a Reading of reads, a delta. Called through FEEDS.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from reconcile.domain.reads import CLOCKS, RELIABLE, SOURCES
from reconcile.domain.tables import Table

from ..contract import Intake, Parsed, Reading
from ..files.headings import Names, Sheet, heading_line, headings_of, places_of
from ..plain.tables import TableFeed
from ..sql import first_reason, keyed, literal, of
from ..values import dates, devices, times

ALIASES = {
    "device_id": Names(("device_id", "device_guid", "device_eui", "device_eui64", "guid", "eui64"), ("device", "id")),
    "read_time": Names(
        ("read_time", "reading_time", "read_at", "reading_date_time", "read_date_time", "read_timestamp"),
        ("time", "timestamp", "date_time", "datetime", "reading_timestamp", "reading_date", "read_date"),
    ),
    "source": Names(("source", "read_source", "time_source", "clock_source", "timestamp_source")),
    "clock": Names(("clock", "clock_status", "clock_state", "time_status", "clock_reliability", "timestamp_status")),
}
NEEDED = ("device_id", "read_time", "source", "clock")


def _sql(sheet: Sheet, given: str, latest: date) -> Parsed:
    read = f"""
        SELECT *, {devices.device_number("given_device_id")} AS device_id, {_moment()} AS read_at,
            {keyed("given_source", SOURCES)} AS source, {keyed("given_clock", CLOCKS)} AS clock
        FROM ({given})
    """
    reason = first_reason(
        ("given_device_id IS NULL", "'The line names no device.'"),
        *devices.no_device_id("given_device_id", "device_id"),
        ("source IS NULL", of("given_source", "is no source of a reading (GSME, GPF, ESME).")),
        ("clock IS NULL", of("given_clock", "is no state of a clock (reliable, unreliable, invalid).")),
        (
            f"clock = {literal(RELIABLE)} AND read_at IS NULL",
            of("coalesce(given_read_time, '')", "is no time, though the clock is said to be reliable."),
        ),
        (
            f"clock = {literal(RELIABLE)} AND read_at >= {_after(latest)}",
            of("given_read_time", "is later than the file, though the clock is said to be reliable."),
        ),
    )
    checked = f"SELECT *, {reason} AS reason FROM ({read})"
    rows = f"SELECT device_id, read_at, source, clock FROM ({checked}) WHERE reason IS NULL"
    return Parsed(checked, rows, points=())


def _after(latest: date) -> str:
    """The moment after the last day that a time can be of."""
    return f"CAST(DATE '{latest}' + 1 AS TIMESTAMP)" if latest < date.max else "'infinity'::TIMESTAMP"


def _moment() -> str:
    """A day without a time is its beginning: no more is certain of it."""
    return f"coalesce({times.moment('given_read_time')}, CAST({dates.day('given_read_time')} AS TIMESTAMP))"


class Reads(TableFeed):
    """A table of read responses; inventories name devices and types too."""

    def recognises(self, intake: Intake) -> bool:
        """A heading line with all that a read needs."""
        headings = headings_of(intake, heading_line(intake, self.aliases))
        return places_of(headings, self.aliases).keys() >= set(self.needed)

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """The date is that in the file's name, or else of the newest read with a reliable clock. Raises BadFile."""
        reading = super().begin(con, intake, workdir)
        if reading.as_of:
            return reading
        rows = reading.rows(lambda share: None, date.max)
        newest = f"SELECT max(read_at)::DATE FROM ({rows.query}) WHERE clock = {literal(RELIABLE)}"
        return replace(reading, as_of=con.execute(newest).fetchall()[0][0])


FEED = Reads("reads", Table.READS, "delta", aliases=ALIASES, needed=NEEDED, known_by=NEEDED, sql=_sql)
