"""The DuckDB engine: snapshots in, judged Meter Points out, one slice of the numbers at a time.

In: Inputs, a Policy and the discrepancies that were open. Out: a Judgement. Called through lake.engines.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from reconcile.domain.policy import Policy
from reconcile.feeds.sql import literal

from . import store
from .contract import COVERED, EVER, KIND_COUNTS, MOVES, PLACE_COUNTS, SCHEMAS, Inputs, Judgement, NetworkUpdate
from .named import name_inputs, name_market
from .naming import InDuckDB
from .steps import Step, move_steps, population_steps, slice_steps, told_steps

SLICE_ROWS = 6_000_000
"""Rows of registration and inventory that are judged at once; it bounds memory, whatever the size of the market."""
END = 10**15
"""Above every number of a Meter Point."""
WORD = re.compile(r"\w+")
Rows = TypeVar("Rows")
Range = tuple[int, int]


def judge_market(
    inputs: Inputs,
    policy: Policy,
    *,
    open_before: pa.Table,
    workdir: Path,
    progress: Callable[[float], None] = lambda share: None,
    slice_rows: int = SLICE_ROWS,
) -> Judgement:
    """Judge every Meter Point. `open_before`: the `id` of each discrepancy that was open. It spills to `workdir`."""
    with store.connected(workdir) as con:
        name_inputs(con, inputs, policy, open_before)
        name_market(InDuckDB(con), inputs)
        steps = slice_steps(inputs)
        ranges = slices(con, inputs, slice_rows)
        found = []
        for number, (first, last) in enumerate(ranges):
            set_slice(con, first, last)
            found.append(take(con, steps))
            progress((number + 1) / len(ranges))
        updates = con.sql(NETWORK_UPDATES_APPLIED).to_arrow_table()
        return judgement(found, updates)


NETWORK_UPDATES_APPLIED = "SELECT network, extract_order, as_of FROM network_updates"


def judgement(found: list[dict[str, pa.Table]], updates: pa.Table) -> Judgement:
    """What the slices found, as one, with the rows of NETWORK_UPDATES_APPLIED."""
    rows = zip(*(updates[name].to_pylist() for name in updates.column_names), strict=True)
    return Judgement(
        **{name: _whole(found, name, schema) for name, schema in SCHEMAS.items()},
        meters=sum(slice_["meter_counts"]["meters"][0].as_py() for slice_ in found),
        network_updates=tuple(NetworkUpdate(*row) for row in rows),
    )


def _whole(found: list[dict[str, pa.Table]], name: str, schema: pa.Schema) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *(slice_[name] for slice_ in found)])


def count_market(inputs: Inputs, policy: Policy, *, workdir: Path) -> tuple[pa.Table, pa.Table]:
    """Count every registered point by what is known of it: KIND_COUNTS and PLACE_COUNTS. It spills to `workdir`."""
    with store.connected(workdir) as con:
        name_inputs(con, inputs, policy, COVERED.empty_table())
        found = []
        for first, last in slices(con, inputs, SLICE_ROWS):
            set_slice(con, first, last)
            found.append(take(con, population_steps(inputs)))
        return _whole(found, "kind_counts", KIND_COUNTS), _whole(found, "place_counts", PLACE_COUNTS)


def flag_moves(inputs: Inputs, before: Inputs, policy: Policy, *, workdir: Path) -> pa.Table:
    """What is other than the day before: MOVES. One day after the other, so that no more is held than of one."""
    ranges, parts = _write_told(inputs, before, policy, workdir)
    found = []
    with store.connected(workdir) as con:
        name_inputs(con, inputs, policy, COVERED.empty_table(), since=EVER)
        for part, (first, last) in zip(parts, ranges, strict=True):
            set_slice(con, first, last)
            con.execute(f"CREATE OR REPLACE VIEW day_before AS FROM read_parquet({store.quoted(part)})")
            found.append(take(con, move_steps(inputs)))
    return _whole(found, "flag_moves", MOVES)


def _write_told(inputs: Inputs, before: Inputs, policy: Policy, folder: Path) -> tuple[list[Range], list[Path]]:
    """What the day before tells of each point, a file for each slice of the day's numbers."""
    parts = []
    with store.connected(folder) as con:
        name_inputs(con, before, policy, COVERED.empty_table(), since=EVER)
        ranges = slices(con, inputs, SLICE_ROWS // 2)
        for place, (first, last) in enumerate(ranges):
            set_slice(con, first, last)
            parts.append(folder / f"before-{place}.parquet")
            con.execute(f"COPY ({question(con, told_steps(before))}) TO {literal(parts[-1])} ({store.PARQUET})")
    return ranges, parts


def slices(con: duckdb.DuckDBPyConnection, inputs: Inputs, slice_rows: int) -> list[Range]:
    """Ranges of Meter Point numbers, each with about `slice_rows` rows, read off the snapshots' own statistics."""
    paths = store.quoted(*(extract.rows for extract in inputs.registration), inputs.inventory.rows)
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
    return [(first, after - 1) for first, after in zip(bounds, [*bounds[1:], END], strict=True)]


def set_slice(con: duckdb.DuckDBPyConnection, first: int, last: int) -> None:
    """Set the numbers that the steps speak of, both ends within."""
    con.execute(f"SET VARIABLE first_mpxn = {first}::BIGINT")
    con.execute(f"SET VARIABLE last_mpxn = {last}::BIGINT")


def take(con: duckdb.DuckDBPyConnection, steps: tuple[Step, ...]) -> dict[str, pa.Table]:
    """Run the steps for the slice that is set; gives the rows of those that are `given`, by name."""
    return taken(con, steps, lambda con, query: con.sql(query).to_arrow_table())


def taken(
    con: duckdb.DuckDBPyConnection, steps: tuple[Step, ...], read: Callable[[duckdb.DuckDBPyConnection, str], Rows]
) -> dict[str, Rows]:
    """The same, with rows as `read` gives those of a query."""
    # A step that is no table becomes a part of the statements after it: as a view it would be read and checked by
    # itself, which is a fifth of the time that one Meter Point takes.
    parts: dict[str, str] = {}
    found: dict[str, Rows] = {}
    for step in steps:
        query = with_parts(parts, step.sql)
        if step.table:
            con.execute(f"CREATE OR REPLACE TEMP TABLE {step.name} AS {query}")
            query = f"FROM {step.name}"
        if step.given:
            found[step.name] = read(con, query)
        elif not step.table:
            parts[step.name] = step.sql
    return found


def question(con: duckdb.DuckDBPyConnection, steps: tuple[Step, ...]) -> str:
    """Make the steps that are tables, for the slice that is set; gives the last step as a query that can be asked."""
    parts: dict[str, str] = {}
    query = ""
    for step in steps:
        query = with_parts(parts, step.sql)
        if step.table:
            con.execute(f"CREATE OR REPLACE TEMP TABLE {step.name} AS {query}")
        else:
            parts[step.name] = step.sql
    return query


def with_parts(parts: dict[str, str], query: str) -> str:
    """The query after those of the parts that it reads, or that they do, in DuckDB's SQL or in Spark's.

    Reading all costs one Meter Point the most.
    """
    read, words = [], set(WORD.findall(query))
    for name, sql in reversed(parts.items()):
        if name in words:
            read.append(f"{name} AS ({sql})")
            words.update(WORD.findall(sql))
    return f"WITH {', '.join(reversed(read))} SELECT * FROM ({query})" if read else query
