"""A run's changes to the ledger: its inputs and counts, and of the discrepancies only those that changed.

In: the tables of ledger.compare. Out: rows of the database. Called by ledger.record, inside its transaction.
"""

import duckdb
from django.db.models import Model

from reconcile.domain.lifecycle import MOVES, State
from reconcile.models import Discrepancy, DiscrepancyCount, Event, MismatchCount, MoveCount, PointCount, Run

from . import bulk
from .compare import COUNTED

EVIDENCE = (
    "severity",
    "network_id",
    "supplier_id",
    "flag",
    "flag_from",
    "expected",
    "mask",
    "meters",
    "latest_status_from",
    "wrong_since_earliest",
    "wrong_since_latest",
    "in_flight",
    "undetermined",
    "point_status",
    "kind_id",
    "commissioned",
    "postcode_area",
    "registered",
    "fingerprint",
)
COUNTS: dict[type[Model], tuple[str, ...]] = {
    PointCount: ("flag", "shows", "points"),
    DiscrepancyCount: ("rule", "flag", "shows", "state", "in_flight", "absent", "discrepancies"),
    MismatchCount: ("rule", "undetermined", "wrong_for", "discrepancies", "days"),
    MoveCount: ("from_network_id", "from_supplier_id", "rule", "move", "discrepancies"),
}
"""What is counted for each network and supplier, in the tables of compare.COUNTED."""
LIFE = ("opened_on", "opened_as", "last_seen", "resolved_on", "unfounded")
DATES = {"flag_from", "latest_status_from", "wrong_since_earliest", "wrong_since_latest", "commissioned"}
EVIDENCE_SQL = ", ".join(f"{column}::VARCHAR" if column in DATES else column for column in EVIDENCE)
FOUND = "FROM found JOIN transitions USING (id)"
LAST_SEEN = "coalesce(was_last_seen, getvariable('last_run_date'))::VARCHAR"
LEDGER = Discrepancy._meta.db_table


def insert_counts(con: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Write the counts that every page adds up."""
    for name, (model, counted) in zip(COUNTED, COUNTS.items(), strict=True):
        columns = ("network_id", "supplier_id", *counted)
        query = f"SELECT {run.pk} AS run_id, {', '.join(columns)} FROM {name} ORDER BY ALL"
        bulk.insert(con, query, model._meta.db_table, ("run_id", *columns))


def apply(con: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Write the transitions and their events."""
    day = run.as_of.isoformat()
    _open(con, day)
    _open_again(con, day)
    _see(con)
    _resolve(con, day)
    _miss(con)
    _mark(con, run)
    _tell(con, run, day)


def _open(con: duckdb.DuckDBPyConnection, day: str) -> None:
    """Discrepancies that were never seen before."""
    query = f"SELECT id, mpxn, rule, {EVIDENCE_SQL} {FOUND} WHERE NOT is_known ORDER BY id"
    same = {"first_seen": day, "opened_on": day, "opened_as": State.NEW}
    bulk.insert(con, query, LEDGER, ("id", "mpxn", "rule", *EVIDENCE), same)


def _open_again(con: duckdb.DuckDBPyConnection, day: str) -> None:
    """Those that had been resolved."""
    opening = f"'{day}', state_after, NULL, NULL, false"
    query = f"SELECT id, {EVIDENCE_SQL}, {opening} {FOUND} WHERE state_before = 'resolved' ORDER BY id"
    bulk.update(con, query, LEDGER, ("id", *EVIDENCE, *LIFE))


def _see(con: duckdb.DuckDBPyConnection) -> None:
    """Those that are still there, where the evidence changed or the last run did not see them."""
    changed = "is_known AND state_before <> 'resolved' AND (is_changed OR was_last_seen IS NOT NULL)"
    query = f"SELECT id, {EVIDENCE_SQL}, NULL {FOUND} WHERE {changed} ORDER BY id"
    bulk.update(con, query, LEDGER, ("id", *EVIDENCE, "last_seen"))


def _resolve(con: duckdb.DuckDBPyConnection, day: str) -> None:
    resolved = "state_after = 'resolved' AND state_before <> 'resolved'"
    query = f"SELECT id, {LAST_SEEN}, '{day}', is_withdrawn FROM transitions WHERE {resolved} ORDER BY id"
    bulk.update(con, query, LEDGER, ("id", "last_seen", "resolved_on", "unfounded"))


def _miss(con: duckdb.DuckDBPyConnection) -> None:
    """Those that the run has no evidence about, and that the last run saw."""
    query = f"SELECT id, {LAST_SEEN} FROM transitions WHERE is_absent AND was_last_seen IS NULL ORDER BY id"
    bulk.update(con, query, LEDGER, ("id", "last_seen"))


def _mark(con: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Those that moved the number of mismatches, so that each bar of the bridge leads to its rows."""
    query = f"SELECT id, move, {run.pk} FROM transitions WHERE move IS NOT NULL ORDER BY id"
    bulk.update(con, query, LEDGER, ("id", "move", "moved_by"))


def _tell(con: duckdb.DuckDBPyConnection, run: Run, day: str) -> None:
    """The moves that have an event, by where they start; a state that is merely kept has none."""
    for before, after, withdrawn in MOVES:
        move = f"state_before = '{before}' AND state_after = '{after}' AND is_withdrawn = {withdrawn}"
        query = f"SELECT id FROM transitions WHERE {move} ORDER BY id"
        same: dict[str, str | int] = {"run_id": run.pk, "on": day, "before": before, "after": after}
        same["withdrawn"] = withdrawn
        bulk.insert(con, query, Event._meta.db_table, ("discrepancy_id",), same)
