"""A day of the kept history under a policy, as sums by party: nothing is kept of each Meter Point.

In: the Inputs of a day and of the day before, a Policy. Out: a folder with STOOD, LATENESS and MOVES, the same from
either engine. Called by ledger.replays; `stood` by whoever sums what runs counted.
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

from . import engines, store
from .contract import COVERED, Inputs, Judgement

FIGURES = ("right", "wrong", "open", "unread", "mismatches", "in_flight")
"""The columns of STOOD beside network and supplier, as points; the last two as a run counts its discrepancies."""


def judge_day(inputs: Inputs, before: Inputs | None, policy: Policy, folder: Path) -> Path:
    """Judge every Meter Point of a day; gives a folder of the sums within `folder`. Without the day before no MOVES.

    Raises EngineError.
    """
    whole = folder / "replayed"
    whole.mkdir()
    engine = engines.chosen()
    judged = engine.judge_market(inputs, policy, open_before=COVERED.empty_table(), workdir=folder)
    _write_stood(judged, policy, inputs.as_of, folder, whole)
    if before is not None:
        with store.connected(folder) as con:
            con.register("moves", engine.flag_moves(inputs, before, policy, workdir=folder))
            _copy(con, inputs.as_of, whole / store.MOVES, "FROM moves")
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
