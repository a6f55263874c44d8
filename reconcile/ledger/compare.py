"""What a run found beside what the ledger holds, in a DuckDB: which discrepancies open, stay, come back and end.

In: the ledger and a Judgement. Out: the tables found, transitions and COUNTED, and a run's totals. Called by
ledger.record; ledger.changes writes what the tables say.
"""

from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from reconcile.domain.ages import AGES
from reconcile.domain.figures import FIGURES, Figure
from reconcile.domain.lifecycle import CELLS, LOOKBACK
from reconcile.domain.rules import MISMATCHED
from reconcile.domain.vocabulary import ALL_MASKS, shows, statuses_in
from reconcile.feeds.sql import literal
from reconcile.lake.contract import Judgement
from reconcile.models import Discrepancy, Party

from . import bulk
from .kinds import name_kinds
from .states import state
from .withdrawn import openings_withdrawn

COUNTED = ("point_counts", "discrepancy_counts", "mismatch_counts", "move_counts")
"""The tables of counts, which every page adds up."""
LEDGER = {
    "id": "BIGINT",
    "mpxn": "BIGINT",
    "rule": "VARCHAR",
    "network_id": "BIGINT",
    "supplier_id": "BIGINT",
    "flag": "VARCHAR",
    "mask": "SMALLINT",
    "in_flight": "BOOLEAN",
    "wrong_since_latest": "DATE",
    "fingerprint": "BIGINT",
    "first_seen": "DATE",
    "opened_on": "DATE",
    "opened_as": "VARCHAR",
    "last_seen": "DATE",
    "resolved_on": "DATE",
    "unfounded": "BOOLEAN",
    "state": "VARCHAR",
}


@cache
def sql(name: str) -> str:
    """A statement of sql/."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text()


def read_ledger(con: duckdb.DuckDBPyConnection, *, run_date: date, last_run_date: date, lookback: bool) -> pa.Table:
    """Make the tables `before`, of every discrepancy with its state, `parties`, and `unfounded`, of those that are open
    though all that was seen of them was withdrawn; gives the ids that are open.

    For a look-back, which moves no state, the ledger is empty.
    """
    con.execute(f"SET VARIABLE run_date = DATE '{run_date}'")
    con.execute(f"SET VARIABLE last_run_date = DATE '{last_run_date}'")
    ledger = Discrepancy.objects.annotate(state=state(last_run_date))
    bulk.read_rows(con, ledger.none() if lookback else ledger, LEDGER, "before")
    bulk.read_rows(con, Party.objects.all(), bulk.PARTIES, "parties")
    bulk.read_rows(con, openings_withdrawn(), {"discrepancy_id": "BIGINT"}, "unfounded")
    return con.sql("SELECT id FROM before WHERE resolved_on IS NULL").to_arrow_table()


def compare(con: duckdb.DuckDBPyConnection, judged: Judgement, *, lookback: bool, first: bool) -> dict[str, int]:
    """Make the tables; gives the totals of the run. `first`: there is none before it, so that nothing has moved."""
    con.execute(f"SET VARIABLE moves = {not (lookback or first)}")
    con.register("findings", judged.findings)
    con.register("covered", judged.covered)
    con.register("judged_points", judged.point_counts)
    con.register("cells", judged.cells)
    con.register("lateness", judged.lateness)
    name_kinds(con, judged.findings)
    con.register("lifecycle", _lifecycle())
    con.register("mask_shows", _mask_shows())
    con.register("mismatched", pa.table({"rule": MISMATCHED}))
    con.register("ages", pa.Table.from_pylist([vars(age) for age in AGES.values()]))
    for name in ("found", "transitions"):
        con.execute(f"CREATE TABLE {name} AS {sql(name)}")
    if lookback:
        con.execute(f"UPDATE transitions SET state_after = '{LOOKBACK}'")
    for name in COUNTED:
        con.execute(f"CREATE TABLE {name} AS {sql(name)}")
    return totals(con) | {"meters": judged.meters}


def _lifecycle() -> pa.Table:
    cells = [(before or "", *evidence, after or "") for before, *evidence, after in CELLS]
    columns = [pa.array(column) for column in zip(*cells, strict=True)]
    return pa.table(columns, names=["before", "covered", "found", "withdrawn", "after"])


def _mask_shows() -> pa.Table:
    return pa.table(
        {"mask": pa.array(ALL_MASKS, pa.int16()), "shows": [shows(statuses_in(m)).value for m in ALL_MASKS]}
    )


def totals(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The figures of a run, and its registered points."""
    sums = [f"sum(discrepancies) FILTER (WHERE {_condition(figure)}) AS {name}" for name, figure in FIGURES.items()]
    figures = f"SELECT coalesce(COLUMNS(*), 0)::BIGINT FROM (SELECT {', '.join(sums)} FROM discrepancy_counts)"
    points = "SELECT coalesce(sum(points), 0)::BIGINT AS points FROM point_counts"
    return one_row(con, figures) | one_row(con, points)


def mismatches_by(con: duckdb.DuckDBPyConnection, column: str) -> dict[str | int, int]:
    """The mismatches of the run by a column of discrepancy_counts: value -> number."""
    query = f"SELECT {column}, sum(discrepancies) FROM discrepancy_counts WHERE {_condition(FIGURES['mismatches'])}"
    return {key: int(number) for key, number in con.execute(f"{query} GROUP BY ALL").fetchall()}


def _condition(figure: Figure) -> str:
    """What a figure counts, as SQL over discrepancy_counts."""
    return " AND ".join(f"{column} IN ({', '.join(map(_value, values))})" for column, values in figure.items())


def _value(value: str | bool) -> str:
    return str(value).upper() if isinstance(value, bool) else literal(value)


def one_row(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    """The only row of a query: name -> number."""
    result = con.execute(query)
    names = [column[0] for column in result.description or ()]
    return dict(zip(names, result.fetchall()[0], strict=True))
