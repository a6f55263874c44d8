"""A day of the kept history under a policy, as sums by party: nothing is kept of each Meter Point.

In: the Inputs of a day and of the day before, a Policy. Out: a folder with STOOD, LATENESS and MOVES. Called by
ledger.replaying; `stood` by whoever sums what runs counted.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from reconcile.domain.policy import Policy, truth_table
from reconcile.domain.rules import MISMATCHED
from reconcile.feeds.sql import literal

from . import store
from .contract import COVERED, Inputs, Judgement
from .engine import SLICE_ROWS, judge_market, question, set_slice, slices, take
from .named import name_inputs
from .steps import move_steps, told_steps

FIGURES = ("right", "wrong", "open", "unread", "mismatches", "in_flight")
"""The columns of STOOD beside network and supplier, as points; the last two as a run counts its discrepancies."""
MOVES = pa.schema(
    {
        "network": pa.string(),
        "supplier": pa.string(),
        "flag_before": pa.string(),
        "flag": pa.string(),
        "asked": pa.string(),
        "days_late": pa.int32(),
        "points": pa.int64(),
    }.items()
)
"""Points of which something is other than the day before. `asked`: the flag that their meters ask for anew, and
`days_late` those until their flag followed, each null where that is not so. Rows of a kind add up."""
Range = tuple[int, int]


def judge_day(inputs: Inputs, before: Inputs | None, policy: Policy, folder: Path) -> Path:
    """Judge every Meter Point of a day; gives a folder of the sums within `folder`. Without the day before no MOVES."""
    whole = folder / "replayed"
    whole.mkdir()
    judged = judge_market(inputs, policy, open_before=COVERED.empty_table(), workdir=folder)
    _write_stood(judged, policy, inputs.as_of, folder, whole)
    if before is not None:
        _write_moves(inputs, before, policy, folder, whole)
    return whole


def _write_stood(judged: Judgement, policy: Policy, day: date, folder: Path, whole: Path) -> None:
    mismatched = ", ".join(map(literal, MISMATCHED))
    with store.connected(folder) as con:
        for name in ("cells", "findings", "lateness"):
            con.register(name, getattr(judged, name))
        con.register("stood", stood(policy))
        by_cell = ", ".join(
            f"sum(points - unread) FILTER (WHERE stood = {literal(one)}) AS {column(one)}" for one in STANDS
        )
        found = f"count(*) FILTER (WHERE rule IN ({mismatched}) AND"
        _copy(con, day, whole / store.STOOD, f"""
            SELECT network, supplier, {sums(FIGURES)} FROM (
                SELECT network, supplier, {by_cell}, sum(unread) AS unread, 0 AS mismatches, 0 AS in_flight
                FROM cells JOIN stood USING (flag, mask, ever) GROUP BY network, supplier
                UNION ALL BY NAME
                SELECT network, supplier, {found} NOT in_flight) AS mismatches, {found} in_flight) AS in_flight
                FROM findings GROUP BY network, supplier
            ) GROUP BY network, supplier
        """)  # fmt: skip
        _copy(con, day, whole / store.LATENESS, """
            SELECT network, supplier, days, followed, sum(points)::BIGINT AS points FROM lateness GROUP BY ALL
        """)  # fmt: skip


def _write_moves(inputs: Inputs, before: Inputs, policy: Policy, folder: Path, whole: Path) -> None:
    """One day after the other, so that no more is held than of one."""
    ranges, parts = _write_told(inputs, before, policy, folder)
    found = [MOVES.empty_table()]
    with store.connected(folder) as con:
        _name(con, inputs, policy)
        for part, (first, last) in zip(parts, ranges, strict=True):
            set_slice(con, first, last)
            con.execute(f"CREATE OR REPLACE VIEW day_before AS FROM read_parquet({store.quoted(part)})")
            found.append(take(con, move_steps(inputs))["flag_moves"])
        con.register("moves", pa.concat_tables(found))
        _copy(con, inputs.as_of, whole / store.MOVES, "FROM moves")


def _write_told(inputs: Inputs, before: Inputs, policy: Policy, folder: Path) -> tuple[list[Range], list[Path]]:
    """What the day before tells of each point, a file for each slice of the day's numbers."""
    parts = []
    with store.connected(folder) as con:
        _name(con, before, policy)
        ranges = slices(con, inputs, SLICE_ROWS // 2)
        for place, (first, last) in enumerate(ranges):
            set_slice(con, first, last)
            parts.append(folder / f"before-{place}.parquet")
            con.execute(f"COPY ({question(con, told_steps(before))}) TO {literal(parts[-1])} ({store.PARQUET})")
    return ranges, parts


def _name(con: duckdb.DuckDBPyConnection, inputs: Inputs, policy: Policy) -> None:
    """Name what the steps read. A flag that follows is told on the day that shows it, however late that is."""
    name_inputs(con, inputs, policy, COVERED.empty_table())
    con.execute("UPDATE late_window SET late_since = DATE '0001-01-01'")


def _copy(con: duckdb.DuckDBPyConnection, day: date, target: Path, query: str) -> None:
    """Write rows of a day, in an order of their own, so that the same day is the same file."""
    dated = f"SELECT DATE '{day}' AS as_of, * FROM ({query}) ORDER BY ALL"
    con.execute(f"COPY ({dated}) TO {literal(target)} ({store.PARQUET})")


def sums(names: Iterable[str]) -> str:
    """The sum of each column, as SQL."""
    return ", ".join(f"coalesce(sum({column(name)}), 0)::BIGINT AS {column(name)}" for name in names)


def column(name: str) -> str:
    """A column by its name, which may be a word of SQL's own: `right` is."""
    return f'"{name}"'


STANDS = ("right", "wrong", "open")


@cache
def stood(policy: Policy) -> pa.Table:
    """How a flag stands in each cell of the truth table: one of STANDS."""
    rows: Iterable[tuple[str, int, bool, str]] = (
        (row.flag or "", row.mask, row.ever, _in_words(row.flag in row.verdict.accepted, row.verdict.undetermined))
        for row in truth_table(policy)
    )
    columns = [list(column) for column in zip(*rows, strict=True)]
    kinds = (pa.string(), pa.int16(), pa.bool_(), pa.string())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    return pa.table(arrays, names=["flag", "mask", "ever", "stood"])


def _in_words(accepted: bool, undetermined: str) -> str:
    return ("open" if undetermined else "right") if accepted else "wrong"
