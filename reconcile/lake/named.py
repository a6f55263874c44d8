"""The inputs of a run under the names that the steps read: views of snapshots, and tables that the domain states.

In: Inputs and a Policy. Out: full_flags, full_devices, the updates, truth, networks and others in a DuckDB.
Called by engine, and by point for one Meter Point.
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
from .snapshots import declared_rows
from .steps import NETWORK_UPDATES, NETWORKS, VARIABLES, market_steps
from .store import here, quoted

TEXT, NUMBER = pa.string(), pa.int64()
FLAGS = ", ".join(TABLES[Table.FLAGS].columns)
IN_SLICE = "mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')"


def name_inputs(con: duckdb.DuckDBPyConnection, inputs: Inputs, policy: Policy, open_before: pa.Table) -> None:
    """Name everything that the steps read, but the slice. `open_before` has a column `id`.

    Nothing is temporary, so that every cursor of the DuckDB sees it; what a slice makes is a cursor's own.
    """
    here(*inputs.files())
    set_variables(con)
    con.execute("SET VARIABLE grace_days = ?", [inputs.grace_days])
    _table(con, "truth", _truth(policy))
    _table(con, "statuses", _statuses())
    _table(con, "rules", _rules())
    _table(con, "full_extracts", _full_extracts(inputs))
    _view(con, "full_flags", map(full_flags, inputs.registration))
    _table(con, "inventory_day", _arrow({"inventory_date": pa.date32()}, [(inputs.inventory_date,)]))
    told = status_changes.TOLD if inputs.changes_until else ""
    _view(con, f"{told}full_devices", [declared_rows(Table.DEVICES, inputs.inventory.rows, None)])
    _updates(con, "flag_updates", Table.FLAGS, inputs.flag_updates)
    _updates(con, f"{told}device_updates", Table.DEVICES, inputs.inventory_updates)
    _view(con, "inventories", map(shown_by, inputs.inventories), Table.DEVICES)
    _updates(con, "responses", Table.RESPONSES, inputs.responses)
    _updates(con, "registered_meters", Table.REGISTERED_METERS, inputs.registered_meters)
    _updates(con, "reads", Table.READS, inputs.reads)
    _name_alerts(con, inputs)
    _updates(con, "proving", Table.ALERTS, inputs.proving)
    _updates(con, "dsp_statuses", Table.DSP_STATUSES, inputs.dsp_statuses)
    _view(con, "unread_dsp", [NONE_UNREAD, *map(_unread_update, inputs.dsp_statuses)])
    status_changes.name(con, inputs)
    silent_before = inputs.as_of - timedelta(days=inputs.silent_after_days)
    _table(con, "silence", _arrow({"silent_before": pa.date32()}, [(silent_before,)]))
    late_since = inputs.as_of - timedelta(days=LATE_DAYS)
    _table(con, "late_window", _arrow({"late_since": pa.date32()}, [(late_since,)]))
    sources: tuple[FullExtract | Update, ...] = (*inputs.registration, *inputs.flag_updates)
    _view(con, "told_statuses", [NO_STATUS, *map(_told_statuses, inputs.flag_updates)])
    _view(con, "conflicts", map(_conflicts, sources))
    _view(con, "unread_flags", map(_unread_flags, sources))
    _view(con, "unread_devices", map(_unread, (inputs.inventory, *inputs.inventory_updates)))
    _table(con, "uncertain_flags", _uncertain_flags(sources))
    _table(con, "uncertain_devices", _uncertain_devices(inputs))
    _view(con, "seen", [_seen(inputs)])
    _open_before(con, open_before)
    if inputs.network_updates is None:
        con.execute(f"CREATE TABLE network_updates AS {NETWORK_UPDATES.sql}")
    else:
        columns = {"network": TEXT, "extract_order": NUMBER, "as_of": pa.date32()}
        _table(con, "network_updates", _arrow(columns, inputs.network_updates))
    con.execute(f"CREATE TABLE networks AS {NETWORKS.sql}")


def _name_alerts(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """What alerts say, what of them could not be read, and which outages are none: those within the hours of a plan."""
    _updates(con, "alerts", Table.ALERTS, inputs.alerts)
    since = inputs.as_of - timedelta(days=ALERT_DAYS)
    _table(con, "alert_window", _arrow({"alerts_since": pa.date32()}, [(since,)]))
    con.execute(f"CREATE VIEW spoken AS {_spoken(since, inputs.as_of)}")
    _table(con, "outage_codes", _arrow({"code": TEXT}, ((code,) for code in OUTAGES)))
    _view(con, "unread_alerts", [NONE_UNREAD_ALERT, *map(_unread_alerts, inputs.alerts)])
    _updates(con, "firmware_updates", Table.FIRMWARE_UPDATES, inputs.firmware_updates)
    mark = literal(DESCRIPTION_MARK)
    con.execute(f"""
        CREATE VIEW plans AS
        SELECT concat('%', {mark}, manufacturer, {mark}, coalesce(model, '%'), {mark}, '%', {mark}, '%') AS makes,
            starts, ends
        FROM firmware_updates
    """)


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


def place_alerts(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """Make what alerts say of the whole market: where they contradict the inventory, and who is silent in an outage.

    It looks at every device, and at every point of a street of which enough points told of an outage.
    """
    for step in market_steps(inputs):
        con.execute(f"CREATE TABLE {step.name} AS {step.sql}")


def hear(con: duckdb.DuckDBPyConnection, devices: str = "") -> None:
    """Make `heard`: each device that was read or spoke by itself, with the last time that proves its life (`heard_at`),
    what says so (`source`: whose clock, or the code of its alert), and whether reads of it are loaded (`was_read`).

    Of all devices, or of those that the query `devices` gives, for a cursor alone: reads are kept in their order.
    """
    proof = f"clock = {literal(RELIABLE)} AND source IN ({', '.join(map(literal, METERS))})"
    con.execute(f"""
        CREATE {"TEMP TABLE" if devices else "TABLE"} heard AS
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
    """)


def _open_before(con: duckdb.DuckDBPyConnection, known: pa.Table) -> None:
    """The discrepancies that were open, with what their identities say."""
    con.register("incoming", known.cast(COVERED))
    con.execute("""
        CREATE TABLE open_before AS
        SELECT id, id // getvariable('identity_base') AS mpxn, inventory_rule, dsp_rule, silence_rule
        FROM incoming LEFT JOIN rules ON rules.number = id % getvariable('identity_base')
    """)
    con.unregister("incoming")


def set_variables(con: duckdb.DuckDBPyConnection) -> None:
    """Set what the domain states for the steps; each cursor has variables of its own."""
    for name, value in VARIABLES.items():
        con.execute(f"SET VARIABLE {name} = {value}::BIGINT")


def full_flags(extract: FullExtract) -> str:
    """The flags of the networks that a full extract speaks for."""
    return (
        f"SELECT {FLAGS}, {extract.order} AS extract_order "
        f"FROM ({declared_rows(Table.FLAGS, extract.rows, extract.repeats)}) WHERE network IN ({_codes(extract)})"
    )


def union(parts: Iterable[str]) -> str:
    """The rows of all of the queries, columns by name."""
    return " UNION ALL BY NAME ".join(f"({part})" for part in parts)


def _updates(con: duckdb.DuckDBPyConnection, name: str, table: Table, updates: Iterable[Update]) -> None:
    """A view of updates with their dates and their order."""
    parts = (
        f"SELECT *, DATE '{update.as_of}' AS as_of, {update.order} AS extract_order "
        f"FROM ({declared_rows(table, update.rows, update.repeats)})"
        for update in updates
    )
    _view(con, name, parts, table)


def _none(table: Table) -> str:
    """No row, with the columns of an update."""
    columns = {**TABLES[table].columns, "as_of": "DATE", "extract_order": "INTEGER"}
    return f"SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in columns.items())} WHERE false"


def _conflicts(source: FullExtract | Update) -> str:
    """The points to which one extract gave two flags, with those."""
    if source.repeats is None:
        return "SELECT 0::BIGINT AS mpxn, '' AS flags, false AS is_update, 0 AS extract_order WHERE false"
    where = f"AND network IN ({_codes(source)})" if isinstance(source, FullExtract) else ""
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


def _codes(extract: FullExtract) -> str:
    return ", ".join(literal(code) for code in extract.networks)


def _view(con: duckdb.DuckDBPyConnection, name: str, parts: Iterable[str], empty: Table | None = None) -> None:
    """A view of all the parts; where there are none, of no row of the table `empty`."""
    found = list(parts) or ([_none(empty)] if empty else [])
    con.execute(f"CREATE VIEW {name} AS {union(found)}")


def _table(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    con.register("incoming", rows)
    con.execute(f"CREATE TABLE {name} AS FROM incoming")
    con.unregister("incoming")


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
    extracts = inputs.registration
    return _arrow(columns, ((network, one.as_of, one.order) for one in extracts for network in one.networks))
