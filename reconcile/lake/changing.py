"""The Meter Points of some cells of the truth table, found by the engine's own steps: nothing is kept of each point.

In: a run's Inputs, its Policy, and the cells with what two policies expect there. Out: rows in the order of their
numbers, a page of them or a file. Called by ledger.queries.what_if.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from reconcile.domain.policy import Policy
from reconcile.feeds.sql import literal

from .contract import COVERED, Inputs
from .engine import SLICE_ROWS, question, set_slice, slices
from .named import name_inputs, set_variables
from .point import prepared
from .steps import changing_steps
from .store import connected

PAGE_SLICE_ROWS = 400_000
"""Rows looked at at once for a page, which a few of them fill as a rule."""
CHANGES = pa.schema(
    {
        "flag": pa.string(),
        "mask": pa.int16(),
        "ever": pa.bool_(),
        "expected": pa.string(),
        "expected_then": pa.string(),
        "rule": pa.string(),
    }.items()
)
"""The cells that are asked about; no flag is empty."""


@dataclass(frozen=True)
class Where:
    """Which points: a condition over network and supplier in SQL, and the range that their numbers are within."""

    condition: str = "true"
    first: int = 0
    last: int = 10**15


def page(
    inputs: Inputs, policy: Policy, changes: pa.Table, *, where: Where, after: int, size: int, total: int
) -> list[dict[str, Any]]:
    """Up to `size` points beyond the number `after`; `total`: so many there are in all, which ends the search."""
    found: list[dict[str, Any]] = []
    with prepared(inputs, policy).cursor() as con:
        set_variables(con)
        _register(con, changes)
        for _, query in _queries(con, inputs, where, after + 1, PAGE_SLICE_ROWS):
            rows = con.sql(f"{query} ORDER BY mpxn LIMIT {size - len(found)}").to_arrow_table().to_pylist()
            found += rows
            if len(found) >= min(size, total):
                break
    return found


def write_csv(
    inputs: Inputs,
    policy: Policy,
    changes: pa.Table,
    *,
    where: Where,
    columns: Mapping[str, str],
    folder: Path,
    target: Path,
    report: Callable[[float], None],
) -> int:
    """Write every point to `target` as CSV, its `columns` each with its SQL; gives how many. It works in `folder`.

    `report` is told of the share that is done before each slice.
    """
    written = 0
    with connected(folder) as con, target.open("wb") as file:
        name_inputs(con, inputs, policy, COVERED.empty_table())
        _register(con, changes)
        file.write(f"{','.join(columns)}\n".encode())
        for share, query in _queries(con, inputs, where, 0, SLICE_ROWS):
            report(share)
            part = folder / "part.csv"
            rows = f"SELECT {', '.join(columns.values())} FROM ({query}) AS found ORDER BY found.mpxn"
            done = con.execute(f"COPY ({rows}) TO {literal(part)} (FORMAT csv, HEADER false)").fetchone()
            written += int(done[0]) if done else 0
            with part.open("rb") as piece:
                shutil.copyfileobj(piece, file)
    return written


def _register(con: duckdb.DuckDBPyConnection, changes: pa.Table) -> None:
    con.register("incoming_changes", changes.cast(CHANGES))
    con.execute("CREATE TEMP TABLE changes AS FROM incoming_changes")
    con.unregister("incoming_changes")


def _queries(
    con: duckdb.DuckDBPyConnection, inputs: Inputs, where: Where, first: int, slice_rows: int
) -> Iterator[tuple[float, str]]:
    """The question for one slice after the other, each to be asked while its slice is set, and the share before it."""
    parts = list(slices(con, inputs, slice_rows))
    for place, (start, end) in enumerate(parts):
        low, high = max(start, first, where.first), min(end, where.last)
        if low <= high:
            set_slice(con, low, high)
            yield place / len(parts), f"SELECT * FROM ({question(con, changing_steps(inputs))}) WHERE {where.condition}"
