"""An alert, which tables and DUIS responses hold alike: who said what, and when.

In: rows with the values given_NAME of the names in ALIASES. Out: SQL of checked alerts and of alert rows. Called by the
formats of alerts.
"""

from dataclasses import replace
from functools import partial

import duckdb

from reconcile.domain.alerts import LONGEST_ALERT_CODE

from ..contract import Parsed, Rows
from ..files.headings import Names
from ..sql import Case, first_reason, of
from ..values import devices, numbers, times

ALIASES = {
    "alert_code": Names(
        ("alert_code", "dcc_alert_code", "device_alert_code", "alert_id_code"),
        ("code", "alert", "event_code", "alert_type", "event"),
    ),
    "time": Names(
        ("alert_time", "alert_timestamp", "alert_date_time", "alert_received_at"),
        (
            *("time", "timestamp", "date_time", "datetime", "time_utc", "timestamp_utc", "date_time_utc"),
            *("event_time", "event_timestamp", "event_date_time", "event_time_utc", "alert_time_utc"),
            *("received", "received_at", "received_time", "raised_at", "occurred_at", "at", "when"),
            *("response_date_time", "start_date_time"),
        ),
    ),
    "device_id": Names(
        ("device_id", "device_guid", "device_eui", "device_eui64", "esme_id", "gsme_id", "originator"),
        (
            *("eui", "eui64", "guid", "device", "device_identifier"),
            *("meter_device_id", "meter_guid", "business_originator_id"),
        ),
    ),
    "mpxn": Names(
        ("mpxn", "mpan", "mprn", "mpan_core", "meter_point_reference", "meter_point", "import_mpxn", "import_mpan"),
        ("mpxn_number", "mpan_number", "supply_number", "supply_number_mpan", "mpan_mprn", "meter_point_number"),
    ),
    "comms_hub": Names(
        ("comms_hub_device_id", "comms_hub_id", "comms_hub", "chf_id", "chf_device_id", "communications_hub_id"),
        ("hub", "hub_id", "chf"),
    ),
    "change": Names(("device_status_change", "status_change")),
    "throttled": Names(("throttled_alert_count",)),
}
POINTS = ("mpxn", "secondary_mpan", "export_mpan")
"""The Meter Points that an alert may name; a table has the first alone."""
CODE = "upper(regexp_replace(given_alert_code, '^0[xX]', ''))"
KEPT = "alert_rows"
NOTES = {
    "no_zone": (
        "1 alert states no zone: its time is taken as UTC.",
        "{count} alerts state no zone: their times are taken as UTC.",
    ),
    "no_hub": (
        "1 alert has an identifier of a communications hub that cannot be read; it is kept without.",
        "{count} alerts have an identifier of a communications hub that cannot be read; they are kept without.",
    ),
}
"""A mark of rows, and what is said of one of them and of several."""


def parsed_alerts(given: str, *cases: Case, points: tuple[str, ...] = POINTS[:1]) -> Parsed:
    """Every alert checked, and the rows of the good ones, one for each Meter Point that an alert names.

    `cases` come first; `points`: the names of the values that hold Meter Points.
    """
    found = ", ".join(f"{numbers.number(f'given_{name}')} AS {name}" for name in points)
    read = f"""
        SELECT *, {CODE} AS code, {times.moment("given_time")} AS sent_at, {found},
            {devices.device_number("given_device_id")} AS read_device,
            {devices.device_number("given_comms_hub")} AS read_hub
        FROM ({given})
    """
    names = f"SELECT *, {_real('read_device')} AS device_id, {_real('read_hub')} AS hub_id FROM ({read})"
    checked = f"SELECT *, {first_reason(*cases, *_cases(points))} AS reason FROM ({names})"
    unread = tuple(numbers.unread(f"given_{name}", name, needed=False) for name in points)
    # Whose device it was that a line names alone, nobody can tell who has not read the line.
    nameless = f"if({' AND '.join(f'given_{name} IS NULL' for name in points)}, '', NULL)"
    return Parsed(checked, _rows(checked, points), points=points, unread=(*unread, nameless))


def kept(con: duckdb.DuckDBPyConnection, rows: Rows) -> Rows:
    """The rows in a table, so that what is asked of them more than once is worked out once."""
    con.execute(f"CREATE OR REPLACE TABLE {KEPT} AS {rows.query}")
    marks = ", ".join(NOTES)
    return replace(rows, query=f"SELECT * EXCLUDE ({marks}) FROM {KEPT}", notes=partial(_notes, con), stored=True)


def _real(number: str) -> str:
    """An identifier, NULL where it only holds the place of one: an alert is one without it too."""
    return f"CASE WHEN {number} NOT IN ({', '.join(map(str, devices.PLACEHOLDERS))}) THEN {number} END"


def _cases(points: tuple[str, ...]) -> list[Case]:
    unread_device = devices.no_device_id("given_device_id", "read_device")[1:]
    return [
        ("given_alert_code IS NULL", "'The line has no alert code.'"),
        (
            f"length(given_alert_code) > {LONGEST_ALERT_CODE}",
            of("given_alert_code", f"is no alert code: it is longer than {LONGEST_ALERT_CODE} characters."),
        ),
        *times.no_moment("given_time", "sent_at"),
        *((f"given_device_id IS NOT NULL AND {condition}", why) for condition, why in unread_device),
        *(_point_case(name) for name in points),
        (
            " AND ".join(f"{name} IS NULL" for name in ("device_id", "hub_id", *points)),
            "'The alert names neither a device nor a Meter Point.'",
        ),
    ]


def _point_case(name: str) -> Case:
    why = numbers.why_no_mpxn(f"given_{name}", found=name)
    return f"given_{name} IS NOT NULL AND {numbers.is_mpxn(name)} IS NOT TRUE", why


def _rows(checked: str, points: tuple[str, ...]) -> str:
    """A Meter Point that an alert names twice is one."""
    named = f"list_filter([{', '.join(points)}], lambda number: number IS NOT NULL)"
    return f"""
        SELECT sent_at, code, mpxn, device_id, hub_id, change, throttled,
            mpxn IS NOT DISTINCT FROM named[1] AS lead_row, {", ".join(NOTES)}
        FROM (
            SELECT *, unnest(if(len(named) = 0, [NULL]::BIGINT[], named)) AS mpxn
            FROM (
                SELECT sent_at, code, device_id, hub_id, given_change AS change,
                    TRY_CAST(given_throttled AS BIGINT) AS throttled,
                    {times.without_zone("given_time")} AS no_zone,
                    given_comms_hub IS NOT NULL AND read_hub IS NULL AS no_hub,
                    list_sort(list_distinct({named})) AS named
                FROM ({checked}) WHERE reason IS NULL
            )
        )
    """


def _notes(con: duckdb.DuckDBPyConnection) -> list[str]:
    counts = ", ".join(f"count_if({mark} AND lead_row)" for mark in NOTES)
    found = con.execute(f"SELECT {counts} FROM {KEPT}").fetchall()[0]
    said = zip(found, NOTES.values(), strict=True)
    return [one if count == 1 else several.format(count=f"{count:,}") for count, (one, several) in said if count]
