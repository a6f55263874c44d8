"""The engine: snapshots in, judged Meter Points out, as named SQL steps, one slice of the numbers at a time.

In: Inputs (which snapshots). Out: the tables of TOTALS: findings, point_counts, meter_counts, covered.
Called by ledger.record, and for one point by lake.trace.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from reconcile.domain.policy import Policy, truth_table
from reconcile.domain.rules import RULES
from reconcile.domain.tables import TABLES, Table
from reconcile.domain.vocabulary import ALL_MASKS, FIRST_MPAN, LIVE, Status, shows, statuses_in
from reconcile.feeds.sql import literal

from .snapshots import unique_rows
from .store import quoted

SLICE_ROWS = 6_000_000
"""Rows of registration and inventory that are judged at once; it bounds memory, whatever the size of the market."""


@dataclass(frozen=True)
class FullExtract:
    """A full registration extract and the networks (codes) that it speaks for. `order` is the order of loading."""

    rows: Path
    repeats: Path | None
    networks: tuple[str, ...]
    as_of: date
    order: int


@dataclass(frozen=True)
class Update:
    """A delta: of flags, of devices, or responses to flag updates."""

    rows: Path
    repeats: Path | None
    as_of: date
    order: int


@dataclass(frozen=True)
class Inputs:
    """Everything that a run reads. `seen`: points that earlier inventories showed with a live meter.

    `network_updates`, (network, order, as_of) of each update that applies to a network, is known of a past run and
    None before a run has worked it out.
    """

    as_of: date
    grace_days: int
    registration: tuple[FullExtract, ...]
    flag_updates: tuple[Update, ...]
    inventory: Path
    inventory_updates: tuple[Update, ...]
    seen: tuple[Path, ...]
    responses: tuple[Update, ...]
    network_updates: tuple[tuple[str, int, date], ...] | None = None


@dataclass(frozen=True)
class Step:
    """One SQL file with one named result: a part of the statements that read it, or a table where several do."""

    name: str
    file: str
    table: bool = False

    @property
    def sql(self) -> str:
        return _text(self.file)


@cache
def _text(file: str) -> str:
    return (Path(__file__).parent / "sql" / f"{file}.sql").read_text()


NETWORK_UPDATES = Step("network_updates", "network_updates", table=True)
NETWORKS = Step("networks", "networks", table=True)
POINT_DEVICES = Step("point_devices", "point_devices", table=True)
COUNTS = ("point_counts", "meter_counts", "covered")
TOTALS = ("findings", *COUNTS)
"""Results that are gathered over the slices."""


def slice_steps(inputs: Inputs) -> tuple[Step, ...]:
    """The steps that judge one slice, in order. The updated forms are used only where there is something to apply."""
    gas_extracts = sum(any(not code.isdigit() for code in extract.networks) for extract in inputs.registration)
    updated_flags = bool(inputs.flag_updates) or gas_extracts > 1
    updated_devices = bool(inputs.inventory_updates)
    return (
        Step("flags", "flags_updated" if updated_flags else "flags"),
        # What an update has changed is worked out once; what a snapshot holds is cheaper to read again than to copy.
        Step("associations", "associations_updated" if updated_devices else "associations", table=updated_devices),
        Step("asked", "asked", table=True),
        Step("point_masks", "point_masks"),
        Step("judged", "judged"),
        Step("tallied", "tallied", table=True),
        Step("noted", "noted", table=True),
        Step("flag_rules", "flag_rules"),
        Step("smi_only", "smi_only"),
        Step("fuel_mismatch", "fuel_mismatch"),
        Step("many_meters", "many_meters"),
        Step("update_rejected", "update_rejected"),
        Step("duplicate_flag", "duplicate_flag"),
        Step("broken", "broken"),
        Step("findings", "findings"),
        Step("point_counts", "point_counts"),
        Step("meter_counts", "meter_counts"),
        Step("covered", "covered"),
    )


def prepare(con: duckdb.DuckDBPyConnection, inputs: Inputs, policy: Policy) -> None:
    """Name the inputs: `full_flags`, `full_devices`, the updates, the truth table and the networks of the run.

    They are not temporary, so that every cursor of the DuckDB sees them; what a slice makes is a cursor's own.
    """
    con.execute("SET VARIABLE grace_days = ?", [inputs.grace_days])
    _reference_tables(con, policy)
    extracts = [
        (network, extract.as_of, extract.order) for extract in inputs.registration for network in extract.networks
    ]
    _table(con, "full_extracts", {"network": pa.string(), "as_of": pa.date32(), "extract_order": pa.int64()}, extracts)
    _view(con, "full_flags", [_full_flags(extract) for extract in inputs.registration])
    _view(con, "full_devices", [f"SELECT * FROM read_parquet({quoted(inputs.inventory)})"])
    _view(con, "flag_updates", [_ordered(update) for update in inputs.flag_updates] or [_none(Table.FLAGS)])
    _view(con, "device_updates", [_ordered(update) for update in inputs.inventory_updates] or [_none(Table.DEVICES)])
    _view(con, "responses", [_ordered(update) for update in inputs.responses] or [_none(Table.RESPONSES)])
    _view(con, "conflicts", [_conflicts(source) for source in inputs.registration + inputs.flag_updates])
    seen = f"SELECT mpxn FROM read_parquet({quoted(*inputs.seen)})" if inputs.seen else "SELECT 0::BIGINT AS mpxn"
    between = "mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')"
    _view(con, "seen", [f"FROM ({seen}) WHERE {between}"])
    if inputs.network_updates is None:
        con.execute(f"CREATE OR REPLACE TABLE network_updates AS {NETWORK_UPDATES.sql}")
    else:
        columns = {"network": pa.string(), "extract_order": pa.int64(), "as_of": pa.date32()}
        _table(con, "network_updates", columns, list(inputs.network_updates))
    con.execute(f"CREATE OR REPLACE TABLE networks AS {NETWORKS.sql}")


def _none(table: Table) -> str:
    """No row, with the columns of an update."""
    columns = {**TABLES[table].columns, "as_of": "DATE", "extract_order": "INTEGER"}
    return f"SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in columns.items())} WHERE false"


def _full_flags(extract: FullExtract) -> str:
    return (
        f"SELECT mpxn, flag, flag_from, network, supplier, {extract.order} AS extract_order "
        f"FROM ({unique_rows(extract.rows, extract.repeats)}) WHERE network IN ({_codes(extract)})"
    )


def _ordered(update: Update) -> str:
    return (
        f"SELECT *, DATE '{update.as_of}' AS as_of, {update.order} AS extract_order "
        f"FROM ({unique_rows(update.rows, update.repeats)})"
    )


def _conflicts(source: FullExtract | Update) -> str:
    if source.repeats is None:
        return "SELECT 0::BIGINT AS mpxn, '' AS flags, false AS is_update, 0 AS extract_order WHERE false"
    where = f"AND network IN ({_codes(source)})" if isinstance(source, FullExtract) else ""
    return (
        f"SELECT mpxn, flags, {isinstance(source, Update)} AS is_update, {source.order} AS extract_order "
        f"FROM read_parquet({quoted(source.repeats)}) WHERE flags IS NOT NULL {where}"
    )


def _codes(extract: FullExtract) -> str:
    return ", ".join(literal(code) for code in extract.networks)


def _view(con: duckdb.DuckDBPyConnection, name: str, parts: Iterable[str]) -> None:
    con.execute(f"CREATE OR REPLACE VIEW {name} AS {_union(parts)}")


def _union(parts: Iterable[str]) -> str:
    return " UNION ALL BY NAME ".join(f"({part})" for part in parts)


def _table(con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, pa.DataType], rows: list[tuple]) -> None:
    con.register("incoming", _arrow(columns, rows))
    con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM incoming")
    con.unregister("incoming")


def _arrow(columns: dict[str, pa.DataType], rows: list[tuple]) -> pa.Table:
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [pa.array(column, kind) for column, kind in zip(values, columns.values(), strict=True)]
    return pa.Table.from_arrays(arrays, names=list(columns))


def _reference_tables(con: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Tables that the domain states: truth, statuses, rules, mask_shows."""
    for name, table in _reference(policy).items():
        con.register("incoming", table)
        con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM incoming")
    con.unregister("incoming")


@cache
def _reference(policy: Policy) -> dict[str, pa.Table]:
    truth = [
        (row.flag or "", row.mask, row.ever, row.shows.value, row.verdict.rule, row.verdict.expected or "")
        for row in truth_table(policy)
    ]
    text, number = pa.string(), pa.uint16()
    return {
        "truth": _arrow(
            {"flag": text, "mask": number, "ever": pa.bool_(), "shows": text, "rule": text, "expected": text}, truth
        ),
        "statuses": _arrow(
            {"status": text, "bit": pa.int16(), "live": pa.bool_()},
            [(status.value, status.bit, status in LIVE) for status in Status],
        ),
        "rules": _arrow(
            {"number": pa.int64(), "code": text, "severity": text},
            [(rule.number, rule.code, rule.severity.value) for rule in RULES.values()],
        ),
        "mask_shows": _arrow(
            {"mask": number, "shows": text}, [(mask, shows(statuses_in(mask)).value) for mask in ALL_MASKS]
        ),
    }


def slices(con: duckdb.DuckDBPyConnection, inputs: Inputs, slice_rows: int = SLICE_ROWS) -> list[tuple[int, int]]:
    """Ranges of Meter Point numbers, each with about `slice_rows` rows, read off the snapshots' own statistics."""
    paths = quoted(*(extract.rows for extract in inputs.registration), inputs.inventory)
    groups = con.execute(f"""
        SELECT stats_min_value::BIGINT AS first, row_group_num_rows
        FROM parquet_metadata({paths})
        WHERE path_in_schema = 'mpxn' AND stats_min_value IS NOT NULL ORDER BY first
    """).fetchall()
    bounds, held = [0], 0
    for first, rows in groups:
        if held + rows > slice_rows and first > bounds[-1]:
            bounds.append(first)
            held = 0
        held += rows
    return [(first, after - 1) for first, after in zip(bounds, [*bounds[1:], 10**15], strict=True)]


def judge_market(
    con: duckdb.DuckDBPyConnection,
    inputs: Inputs,
    policy: Policy,
    progress: Callable[[float], None] = lambda share: None,
    slice_rows: int = SLICE_ROWS,
) -> None:
    """Judge every Meter Point; leaves networks and the TOTALS in `con`.

    `con` holds a table `open_before(id, mpxn, inventory_rule)` of the discrepancies that were open.
    """
    prepare(con, inputs, policy)
    steps = slice_steps(inputs)
    ranges = slices(con, inputs, slice_rows)
    for number, (first, last) in enumerate(ranges):
        _set_slice(con, first, last)
        _take_steps(con, steps, gather=number > 0)
        progress((number + 1) / len(ranges))


def prepare_point(con: duckdb.DuckDBPyConnection, inputs: Inputs, policy: Policy) -> None:
    """Make `con`, and every cursor of it, ready for `judge_point`."""
    # A published snapshot never changes.
    con.execute("SET GLOBAL parquet_metadata_cache = true")
    con.execute("CREATE OR REPLACE TABLE open_before (id BIGINT, mpxn BIGINT, inventory_rule BOOLEAN)")
    prepare(con, inputs, policy)


def judge_point(con: duckdb.DuckDBPyConnection, inputs: Inputs, mpxn: int) -> None:
    """Judge one Meter Point: leaves in `con` what each step of `point_steps` gives for it."""
    # What the inputs say of the point is fetched first, into tables that stand before the views of their names: so the
    # snapshots are opened once, and not by each of the steps.
    _set_slice(con, mpxn, mpxn)
    for name, rows in _point_inputs(inputs, mpxn).items():
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {rows}")
    _take_steps(con, point_steps(inputs), gather=False)


def point_steps(inputs: Inputs) -> tuple[Step, ...]:
    """The steps of a slice without the counting: one point is noted, whatever it shows."""
    others = {"judged": Step("judged", "judged", table=True), "noted": Step("noted", "noted_point")}
    steps = [others.get(step.name, step) for step in slice_steps(inputs) if step.name not in {"tallied", *COUNTS}]
    return (*steps, POINT_DEVICES)


def _point_inputs(inputs: Inputs, mpxn: int) -> dict[str, str]:
    """The rows of each input that decide a Meter Point. An input that a run has none of is left as it is: empty."""
    is_mpan = mpxn >= FIRST_MPAN
    extracts = [e for e in inputs.registration if any(code.isdigit() == is_mpan for code in e.networks)]
    sources: tuple[FullExtract | Update, ...] = (*inputs.registration, *inputs.flag_updates)
    given = {
        "flag_updates": bool(inputs.flag_updates),
        "responses": bool(inputs.responses),
        "conflicts": any(source.repeats for source in sources),
        "seen": bool(inputs.seen),
        "full_devices": True,
    }
    found = {name: f"FROM memory.main.{name} WHERE mpxn = {mpxn}" for name, some in given.items() if some}
    found["full_flags"] = f"FROM ({_union(map(_full_flags, extracts or inputs.registration))}) WHERE mpxn = {mpxn}"
    if inputs.inventory_updates:
        # An update may bring a device to the point, or take it away.
        found["device_updates"] = f"""
            FROM memory.main.device_updates
            WHERE device_id IN (SELECT device_id FROM full_devices)
               OR device_id IN (SELECT device_id FROM memory.main.device_updates WHERE mpxn = {mpxn})
        """
    return found


def _set_slice(con: duckdb.DuckDBPyConnection, first: int, last: int) -> None:
    con.execute(f"SET VARIABLE first_mpxn = {first}::BIGINT")
    con.execute(f"SET VARIABLE last_mpxn = {last}::BIGINT")


def _take_steps(con: duckdb.DuckDBPyConnection, steps: tuple[Step, ...], *, gather: bool) -> None:
    """Run the steps for the slice that is set. `gather`: add to the TOTALS of the slices before."""
    # A step that is no table becomes a part of the tables after it: as a view it would be read and checked by itself,
    # which is a fifth of the time that one Meter Point takes.
    parts: list[str] = []
    for step in steps:
        if not step.table and step.name not in TOTALS:
            parts.append(f"{step.name} AS ({step.sql})")
            continue
        adds = gather and step.name in TOTALS
        into = f"INSERT INTO {step.name}" if adds else f"CREATE OR REPLACE TEMP TABLE {step.name} AS"
        con.execute(f"{into} WITH {', '.join(parts)} FROM ({step.sql})")


def compiled(inputs: Inputs) -> str:
    """Every step's SQL under its name, in order: what the engine runs, to be read and reviewed."""
    return "\n".join(f"-- step: {step.name}\n{step.sql}" for step in (NETWORK_UPDATES, NETWORKS, *slice_steps(inputs)))
