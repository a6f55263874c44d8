"""The inputs of a run under the names that the steps read: views of snapshots, and tables that the domain states.

In: Inputs and a Policy. Out: full_flags, full_devices, the updates, truth, networks and others in an engine.
Called by engine and spark, and by point for one Meter Point.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
from pyarrow import parquet

from reconcile.domain.alerts import ALERT_DAYS, OF_DEVICES, OUTAGES, STREET_MINUTES
from reconcile.domain.policy import Policy, PolicyRow, truth_table
from reconcile.domain.reads import METERS, RELIABLE
from reconcile.domain.rules import DSP_RULES, INVENTORY_RULES, RULES, SILENCE_RULES
from reconcile.domain.tables import TABLES, Table
from reconcile.domain.vocabulary import LIVE, Status
from reconcile.feeds.sql import literal
from reconcile.feeds.values.devices import DESCRIPTION_MARK
from reconcile.feeds.values.misread import Range, clipped, merged, of_network

from . import status_changes
from .contract import COVERED, LATE_DAYS, FullExtract, Inputs, Source, Update
from .naming import InDuckDB, Naming
from .snapshots import declared_rows
from .steps import NETWORK_UPDATES, NETWORKS, VARIABLES, market_steps
from .store import here, quoted

TEXT, NUMBER = pa.string(), pa.int64()
FLAGS = ", ".join(TABLES[Table.FLAGS].columns)
IN_SLICE = "mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')"


def name_inputs(
    con: duckdb.DuckDBPyConnection, inputs: Inputs, policy: Policy, open_before: pa.Table, since: date | None = None
) -> None:
    """Name everything that the steps read in a DuckDB, but the slice, as `name_all` does.

    Nothing is temporary, so that every cursor of the DuckDB sees it; what a slice makes is a cursor's own.
    """
    here(*inputs.files())
    set_variables(con)
    con.execute("SET VARIABLE grace_days = ?", [inputs.grace_days])
    name_all(InDuckDB(con), inputs, policy, open_before, since)


def name_all(to: Naming, inputs: Inputs, policy: Policy, open_before: pa.Table, since: date | None = None) -> None:
    """Tell an engine everything that the steps read, but variables. `open_before` has a column `id`.

    How late flags followed is looked at for changes of the last LATE_DAYS, or of all days from `since`.
    """
    to.table("truth", _truth(policy))
    to.table("statuses", _statuses())
    to.table("rules", _rules())
    to.table("full_extracts", _full_extracts(inputs))
    _view(to, "full_flags", map(full_flags, inputs.registration))
    to.table("inventory_day", _arrow({"inventory_date": pa.date32()}, [(inputs.inventory_date,)]))
    told = status_changes.TOLD if inputs.changes_until else ""
    _view(to, f"{told}full_devices", [declared_rows(Table.DEVICES, inputs.inventory.rows, None)])
    _updates(to, "flag_updates", Table.FLAGS, inputs.flag_updates)
    _updates(to, f"{told}device_updates", Table.DEVICES, inputs.inventory_updates)
    _view(to, "inventories", map(shown_by, inputs.inventories), Table.DEVICES)
    _updates(to, "responses", Table.RESPONSES, inputs.responses)
    _updates(to, "registered_meters", Table.REGISTERED_METERS, inputs.registered_meters)
    _updates(to, "reads", Table.READS, inputs.reads)
    _name_alerts(to, inputs)
    _updates(to, "proving", Table.ALERTS, inputs.proving)
    _updates(to, "dsp_statuses", Table.DSP_STATUSES, inputs.dsp_statuses)
    _view(to, "unread_dsp", [NONE_UNREAD, *map(_unread_update, inputs.dsp_statuses)])
    status_changes.name(to, inputs)
    silent_before = inputs.as_of - timedelta(days=inputs.silent_after_days)
    to.table("silence", _arrow({"silent_before": pa.date32()}, [(silent_before,)]))
    late_since = since or inputs.as_of - timedelta(days=LATE_DAYS)
    to.table("late_window", _arrow({"late_since": pa.date32()}, [(late_since,)]))
    sources: tuple[FullExtract | Update, ...] = (*inputs.registration, *inputs.flag_updates)
    _view(to, "told_statuses", [NO_STATUS, *map(_told_statuses, inputs.flag_updates)])
    _view(to, "conflicts", map(_conflicts, sources))
    _view(to, "unread_flags", map(_unread_flags, sources))
    _view(to, "unread_devices", map(_unread, (inputs.inventory, *inputs.inventory_updates)))
    to.table("uncertain_flags", _uncertain_flags(sources))
    to.table("uncertain_devices", _uncertain_devices(inputs))
    _view(to, "seen", [_seen(inputs)])
    to.table("known_before", open_before.cast(COVERED))
    to.made("open_before", OPEN_BEFORE)
    if inputs.network_updates is None:
        to.made("network_updates", NETWORK_UPDATES.sql)
    else:
        columns = {"network": TEXT, "extract_order": NUMBER, "as_of": pa.date32()}
        to.table("network_updates", _arrow(columns, inputs.network_updates))
    to.made("networks", NETWORKS.sql)


MARK = literal(DESCRIPTION_MARK)
PLANS = f"""
    SELECT concat('%', {MARK}, manufacturer, {MARK}, coalesce(model, '%'), {MARK}, '%', {MARK}, '%') AS makes,
        starts, ends
    FROM firmware_updates
"""


def _name_alerts(to: Naming, inputs: Inputs) -> None:
    """What alerts say, what of them could not be read, and which outages are none: those within the hours of a plan."""
    _updates(to, "alerts", Table.ALERTS, inputs.alerts)
    since = inputs.as_of - timedelta(days=ALERT_DAYS)
    to.table("alert_window", _arrow({"alerts_since": pa.date32()}, [(since,)]))
    to.view("spoken", _spoken(since, inputs.as_of))
    to.table("outage_codes", _arrow({"code": TEXT}, ((code,) for code in OUTAGES)))
    _view(to, "unread_alerts", [NONE_UNREAD_ALERT, *map(_unread_alerts, inputs.alerts)])
    _updates(to, "firmware_updates", Table.FIRMWARE_UPDATES, inputs.firmware_updates)
    to.view("plans", PLANS)


def _spoken(since: date, as_of: date) -> str:
    """The alerts of the last weeks by which a device says that it is there; what the DCC says of itself is none.

    For some minutes each counts as told together with others.
    """
    first, after = (literal(f"{day}") for day in (since, as_of + timedelta(days=1)))
    stands_until = f"sent_at + INTERVAL {STREET_MINUTES} MINUTE AS stands_until"
    return (
        f"SELECT sent_at, {stands_until}, code, mpxn, device_id FROM alerts "
        f"WHERE change IS NULL AND code NOT LIKE 'N%' AND sent_at >= DATE {first} AND sent_at < DATE {after}"
    )


NONE_UNREAD_ALERT = "SELECT 0::BIGINT AS first, 0::BIGINT AS last WHERE false"


def _unread_alerts(update: Update) -> str:
    """Ranges of the points that lines of alerts which were not loaded are or may be about."""
    parts = [f"SELECT mpxn AS first, mpxn AS last FROM ({_unread(update)})"]
    if update.uncertain:
        parts.append(f"SELECT first, last FROM read_parquet({quoted(update.uncertain)})")
    return union(parts)


def name_market(to: Naming, inputs: Inputs) -> None:
    """Make what the steps of a whole market read besides: `heard` of every device that was read, and what alerts say:
    where they contradict the inventory, which looks at every device, and who is silent when a street is dark."""
    to.made("heard", heard())
    for step in market_steps(inputs):
        to.made(step.name, step.sql)


def heard(devices: str = "") -> str:
    """Each device that was read or spoke by itself, with the last time that proves its life (`heard_at`), what says so
    (`source`: whose clock, or the code of its alert), and whether reads of it are loaded (`was_read`).

    Of all devices, or of those that the query `devices` gives: reads are kept in their order.
    """
    proof = f"clock = {literal(RELIABLE)} AND source IN ({', '.join(map(literal, METERS))})"
    return f"""
        SELECT device_id, max(proved_at) AS heard_at,
            arg_max(source, proved_at) FILTER (WHERE proved_at IS NOT NULL) AS source, bool_or(was_read) AS was_read
        FROM (
            SELECT device_id, CASE WHEN {proof} THEN read_at END AS proved_at, source, true AS was_read FROM reads
            UNION ALL
            SELECT device_id, sent_at, code, false
            FROM proving
            WHERE device_id IS NOT NULL AND change IS NULL AND regexp_matches(code, {literal(OF_DEVICES)})
        )
        {f"WHERE device_id IN ({devices})" if devices else ""} GROUP BY device_id
    """


def hear(con: duckdb.DuckDBPyConnection, devices: str) -> None:
    """Make `heard` of those devices, for a cursor alone."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE heard AS {heard(devices)}")


OPEN_BEFORE = """
    SELECT id, id // getvariable('identity_base') AS mpxn, inventory_rule, dsp_rule, silence_rule
    FROM known_before LEFT JOIN rules ON rules.number = id % getvariable('identity_base')
"""
"""The discrepancies that were open, with what their identities say."""


def set_variables(con: duckdb.DuckDBPyConnection) -> None:
    """Set what the domain states for the steps; each cursor has variables of its own."""
    for name, value in VARIABLES.items():
        con.execute(f"SET VARIABLE {name} = {value}::BIGINT")


def full_flags(extract: FullExtract) -> str:
    """The flags of the networks that a full extract speaks for."""
    return (
        f"SELECT {FLAGS}, {extract.order} AS extract_order "
        f"FROM ({declared_rows(Table.FLAGS, extract.rows, extract.repeats)}) WHERE network IN ({codes(extract)})"
    )


def union(parts: Iterable[str]) -> str:
    """The rows of all of the queries, which have the same columns in the same order."""
    return " UNION ALL ".join(f"({part})" for part in parts)


def _updates(to: Naming, name: str, table: Table, updates: Iterable[Update]) -> None:
    """A view of updates with their dates and their order."""
    parts = (
        f"SELECT *, DATE '{update.as_of}' AS as_of, {update.order} AS extract_order "
        f"FROM ({declared_rows(table, update.rows, update.repeats)})"
        for update in updates
    )
    _view(to, name, parts, table)


def _none(table: Table) -> str:
    """No row, with the columns of an update."""
    columns = {**TABLES[table].columns, "as_of": "DATE", "extract_order": "INTEGER"}
    return f"SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in columns.items())} WHERE false"


def _conflicts(source: FullExtract | Update) -> str:
    """The points to which one extract gave two flags, with those."""
    if source.repeats is None:
        return "SELECT 0::BIGINT AS mpxn, '' AS flags, false AS is_update, 0 AS extract_order WHERE false"
    where = f"AND network IN ({codes(source)})" if isinstance(source, FullExtract) else ""
    return (
        f"SELECT mpxn, flags, {not isinstance(source, FullExtract)} AS is_update, {source.order} AS extract_order "
        f"FROM read_parquet({quoted(source.repeats)}) WHERE flags IS NOT NULL {where}"
    )


NO_STATUS = "SELECT 0::BIGINT AS mpxn, '' AS point_status, DATE '0001-01-01' AS as_of, 0 AS extract_order WHERE false"


def _told_statuses(update: Update) -> str:
    """What an update says of points besides their flags."""
    if update.statuses is None:
        return NO_STATUS
    return (
        f"SELECT mpxn, point_status, DATE '{update.as_of}' AS as_of, {update.order} AS extract_order "
        f"FROM read_parquet({quoted(update.statuses)})"
    )


def shown_by(inventory: Source) -> str:
    """The devices of the slice as an inventory showed them on its day."""
    return (
        f"SELECT mpxn, device_id, status, status_from, DATE '{inventory.as_of}' AS as_of "
        f"FROM read_parquet({quoted(inventory.rows)}) WHERE {IN_SLICE}"
    )


def _unread(source: Source) -> str:
    """The points of lines that were not loaded."""
    if source.unreadable is None:
        return "SELECT 0::BIGINT AS mpxn WHERE false"
    return f"FROM read_parquet({quoted(source.unreadable)})"


NONE_UNREAD = "SELECT 0::BIGINT AS mpxn, 0 AS extract_order WHERE false"


def _unread_update(update: Update) -> str:
    return f"SELECT mpxn, {update.order} AS extract_order FROM ({_unread(update)})"


def _unread_flags(source: Update) -> str:
    return (
        f"SELECT mpxn, DATE '{source.as_of}' AS as_of, {not isinstance(source, FullExtract)} AS is_update "
        f"FROM ({_unread(source)})"
    )


RANGE = {"first": NUMBER, "last": NUMBER}


def _uncertain_flags(sources: Iterable[FullExtract | Update]) -> pa.Table:
    """What lines of registration may be about, each update by itself; a full extract speaks for its networks alone."""
    rows: list[tuple[Any, ...]] = []
    whole: list[Range] = []
    for source in sources:
        if isinstance(source, FullExtract):
            for code in filter(str.isdigit, source.networks):
                whole += clipped(_ranges(source), *of_network(code))
        else:
            rows += [(*one, source.as_of, True) for one in _ranges(source)]
    rows += [(*one, None, False) for one in merged(whole)]
    return _arrow({**RANGE, "as_of": pa.date32(), "is_update": pa.bool_()}, rows)


def _uncertain_devices(inputs: Inputs) -> pa.Table:
    sources = (inputs.inventory, *inputs.inventory_updates)
    return _arrow(RANGE, merged(one for source in sources for one in _ranges(source)))


def _ranges(source: Source) -> list[Range]:
    if source.uncertain is None:
        return []
    here(source.uncertain)
    columns = parquet.read_table(source.uncertain).to_pydict()
    return list(zip(columns["first"], columns["last"], strict=True))


def _seen(inputs: Inputs) -> str:
    seen = f"SELECT mpxn FROM read_parquet({quoted(*inputs.seen)})" if inputs.seen else "SELECT 0::BIGINT AS mpxn"
    return f"FROM ({seen}) WHERE {IN_SLICE}"


def codes(extract: FullExtract) -> str:
    """The networks that an extract speaks for, as a list of SQL."""
    return ", ".join(literal(code) for code in extract.networks)


def _view(to: Naming, name: str, parts: Iterable[str], empty: Table | None = None) -> None:
    """A view of all the parts; where there are none, of no row of the table `empty`."""
    to.view(name, union(list(parts) or ([_none(empty)] if empty else [])))


def _arrow(columns: dict[str, pa.DataType], rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [pa.array(column, kind) for column, kind in zip(values, columns.values(), strict=True)]
    return pa.Table.from_arrays(arrays, names=list(columns))


@cache
def _truth(policy: Policy) -> pa.Table:
    yes_no = pa.bool_()
    columns = {"flag": TEXT, "mask": pa.int16(), "ever": yes_no, "shows": TEXT, "rule": TEXT, "expected": TEXT}
    return _arrow({**columns, "firm": yes_no, "undetermined": yes_no}, map(_cell, truth_table(policy)))


def _cell(row: PolicyRow) -> tuple[Any, ...]:
    verdict = row.verdict
    found = (row.flag or "", row.mask, row.ever, row.shows.value, verdict.rule, verdict.expected or "")
    return (*found, row.firm, bool(verdict.undetermined))


def _statuses() -> pa.Table:
    columns = {"status": TEXT, "bit": pa.int16(), "live": pa.bool_()}
    return _arrow(columns, ((status.value, status.bit, status in LIVE) for status in Status))


def _rules() -> pa.Table:
    kinds = {"inventory_rule": INVENTORY_RULES, "dsp_rule": DSP_RULES, "silence_rule": SILENCE_RULES}
    columns = {"number": NUMBER, "code": TEXT, "severity": TEXT} | dict.fromkeys(kinds, pa.bool_())
    rows = (
        (r.number, r.code, r.severity.value, *(r.code in codes for codes in kinds.values())) for r in RULES.values()
    )
    return _arrow(columns, rows)


def _full_extracts(inputs: Inputs) -> pa.Table:
    columns = {"network": TEXT, "as_of": pa.date32(), "extract_order": NUMBER}
    return _arrow(columns, ((code, one.as_of, one.order) for one in inputs.registration for code in one.networks))
