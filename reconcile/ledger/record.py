"""A run: judge the market, compare with the ledger, publish what changed in one transaction.

In: a date. Out: a published Run. Writes only changes: what stayed the same costs nothing. Called by ledger.operations.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
from django.db import transaction

from reconcile.domain.figures import FIGURES, Figure
from reconcile.domain.lifecycle import LOOKBACK, MOVES, NEXT, State
from reconcile.domain.policy import Policy
from reconcile.domain.rules import INVENTORY_RULES
from reconcile.feeds.sql import literal
from reconcile.lake import engine, store
from reconcile.models import Discrepancy, DiscrepancyCount, Event, Party, PointCount, Run, RunInput

from . import bulk, guards
from .heartbeat import Report
from .inputs import Selection, latest_run, select
from .states import state

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
    "in_flight",
    "fingerprint",
)
LIFE = ("opened_on", "opened_as", "last_seen", "resolved_on")
LEDGER = {
    "id": "BIGINT",
    "mpxn": "BIGINT",
    "rule": "VARCHAR",
    "network_id": "BIGINT",
    "supplier_id": "BIGINT",
    "flag": "VARCHAR",
    "mask": "USMALLINT",
    "in_flight": "BOOLEAN",
    "fingerprint": "BIGINT",
    "first_seen": "DATE",
    "opened_on": "DATE",
    "opened_as": "VARCHAR",
    "last_seen": "DATE",
    "resolved_on": "DATE",
    "state": "VARCHAR",
}


@dataclass
class Clock:
    """The time now, and the seconds that each stage of a run took, which are kept on the run."""

    started_at: datetime
    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    def now(self) -> datetime:
        """The time that the run was told, and what has passed since."""
        return self.started_at + timedelta(seconds=time.perf_counter() - self.started)

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - started, 3)


@cache
def _sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text()


def reconcile(*, as_of: date, policy: Policy, now: datetime, approval: guards.Approval, report: Report) -> Run:
    """Reconcile as of a date and publish the run; the run that stands already if inputs and policy are the same.

    Raises NothingToReconcile, guards.Held.
    """
    selection = select(as_of)
    key = selection.key(policy)
    standing = Run.objects.filter(inputs_key=key).first()
    if standing:
        return standing
    last = latest_run()
    lookback = last is not None and as_of < last.as_of
    clock = Clock(now)
    with store.scratch() as folder, store.connected(folder) as con:
        with clock.timing("judge"):
            report("Reading the ledger", 0.02)
            _read_ledger(con, run_date=as_of, last_run_date=last.as_of if last else as_of, lookback=lookback)
            report("Judging every Meter Point", 0.05)
            engine.judge_market(
                con, selection.inputs, policy, lambda share: report("Judging every Meter Point", 0.05 + share * 0.7)
            )
        report("Comparing with the ledger", 0.78)
        with clock.timing("compare"):
            _compare(con, lookback=lookback)
            totals = _totals(con)
            passed = _guard(con, totals, approval)
            snapshot = _write_snapshot(con, folder, selection)
        report("Recording the changes", 0.85)
        run = Run(
            as_of=as_of,
            policy=policy.name,
            policy_version=policy.version,
            inputs_key=key,
            lookback=lookback,
            started_at=now,
            snapshot=snapshot,
            report={"guards": [asdict(guard) for guard in passed], "seconds": clock.seconds},
            **totals,
        )
        _publish(con, run, selection, clock)
    return run


def _read_ledger(con: duckdb.DuckDBPyConnection, *, run_date: date, last_run_date: date, lookback: bool) -> None:
    """Tables `before` (the ledger with its states, empty for a look-back, which moves none) and `open_before`."""
    con.execute(f"SET VARIABLE run_date = DATE '{run_date}'")
    con.execute(f"SET VARIABLE last_run_date = DATE '{last_run_date}'")
    ledger = Discrepancy.objects.annotate(state=state(last_run_date))
    bulk.read_rows(con, ledger.none() if lookback else ledger, LEDGER, "before")
    bulk.read_rows(con, Party.objects.all(), bulk.PARTIES, "parties")
    inventory_rules = ", ".join(f"'{rule}'" for rule in sorted(INVENTORY_RULES))
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE open_before AS
        SELECT id, mpxn, rule IN ({inventory_rules}) AS inventory_rule FROM before WHERE resolved_on IS NULL
    """)


def _compare(con: duckdb.DuckDBPyConnection, *, lookback: bool) -> None:
    """Tables `found`, `transitions` and `discrepancy_counts`."""
    cells = [(before or "", covered, found, after or "") for (before, covered, found), after in NEXT.items()]
    columns = [pa.array(column) for column in zip(*cells, strict=True)]
    con.register("lifecycle", pa.table(columns, names=["before", "covered", "found", "after"]))
    con.execute(f"CREATE OR REPLACE TEMP TABLE found AS {_sql('found')}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE transitions AS {_sql('transitions')}")
    if lookback:
        con.execute(f"UPDATE transitions SET state_after = '{LOOKBACK}'")
    con.execute(f"CREATE OR REPLACE TEMP TABLE discrepancy_counts AS {_sql('discrepancy_counts')}")


def _totals(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The totals of a Run."""
    sums = [f"sum(discrepancies) FILTER (WHERE {_condition(figure)}) AS {name}" for name, figure in FIGURES.items()]
    totals = _one_row(
        con.execute(f"SELECT coalesce(COLUMNS(*), 0)::BIGINT FROM (SELECT {', '.join(sums)} FROM discrepancy_counts)")
    )
    totals |= _one_row(con.execute("SELECT coalesce(sum(points), 0)::BIGINT AS points FROM point_counts"))
    return totals | _one_row(con.execute("SELECT coalesce(sum(meters), 0)::BIGINT AS meters FROM meter_counts"))


def _condition(figure: Figure) -> str:
    """What a figure counts, as SQL over discrepancy_counts."""
    return " AND ".join(f"{column} IN ({', '.join(map(_value, values))})" for column, values in figure.items())


def _value(value: str | bool) -> str:
    return str(value).upper() if isinstance(value, bool) else literal(value)


def _one_row(result: duckdb.DuckDBPyConnection) -> dict[str, int]:
    names = [column[0] for column in result.description or ()]
    return dict(zip(names, result.fetchall()[0], strict=True))


def _guard(con: duckdb.DuckDBPyConnection, totals: dict[str, int], approval: guards.Approval) -> list[guards.Guard]:
    active = _one_row(
        con.execute("""
        SELECT coalesce(sum(points), 0)::BIGINT AS active,
               coalesce(sum(points) FILTER (shows <> 'no_meter'), 0)::BIGINT AS with_meter
        FROM point_counts WHERE flag = 'A'
    """)
    )
    return guards.hold(
        [
            guards.active_without_meter(**active),
            guards.moved(totals["new"], totals["resolved"], totals["points"]),
        ],
        approval,
    )


def _write_snapshot(con: duckdb.DuckDBPyConnection, folder: Path, selection: Selection) -> str:
    whole = folder / "snapshot"
    whole.mkdir()
    con.execute(f"COPY ({_sql('snapshot')}) TO '{whole / store.ROWS}' ({store.PARQUET})")
    return store.publish(whole, f"runs/{selection.inputs.as_of}")


def _publish(con: duckdb.DuckDBPyConnection, run: Run, selection: Selection, clock: Clock) -> None:
    """All or nothing: readers see the run before until this commits."""
    with clock.timing("record"), transaction.atomic():
        run.published_at = clock.now()
        run.save()
        _insert_inputs(con, run, selection)
        _insert_counts(con, run)
        if not run.lookback:
            _apply(con, run)
    Run.objects.filter(pk=run.pk).update(report=run.report, published_at=clock.now())


def _insert_inputs(con: duckdb.DuckDBPyConnection, run: Run, selection: Selection) -> None:
    """The extracts that the run read, and which network each full extract and each update spoke for."""
    parties = dict(Party.objects.filter(kind=Party.Kind.NETWORK).values_list("code", "pk"))
    extract_of = {order: extract for extract, order in selection.order.items()}
    applied = con.execute("SELECT extract_order, network FROM network_updates").fetchall()
    pairs = [*selection.sources, *((extract_of[order], network) for order, network in applied)]
    RunInput.objects.bulk_create(
        RunInput(run=run, extract_id=extract, network_id=parties[code] if code else None) for extract, code in pairs
    )


def _insert_counts(con: duckdb.DuckDBPyConnection, run: Run) -> None:
    points = f"""
        SELECT {run.pk}, network.id, supplier.id, flag, shows, sum(points)::BIGINT
        FROM point_counts AS counts
        JOIN parties AS network ON network.kind = 'network' AND network.code = counts.network
        LEFT JOIN parties AS supplier ON supplier.kind = 'supplier' AND supplier.code = counts.supplier
        GROUP BY ALL ORDER BY ALL
    """
    columns = ("run_id", "network_id", "supplier_id", "flag", "shows", "points")
    bulk.insert(con, points, PointCount._meta.db_table, columns)
    names = ("network_id", "supplier_id", "rule", "flag", "shows", "state", "in_flight", "absent", "discrepancies")
    counts = f"SELECT {run.pk} AS run_id, {', '.join(names)} FROM discrepancy_counts ORDER BY ALL"
    bulk.insert(con, counts, DiscrepancyCount._meta.db_table, ("run_id", *names))


def _apply(con: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Write the transitions: openings, regressions, changed evidence, resolutions, absences, and their events."""
    table = Discrepancy._meta.db_table
    day = run.as_of.isoformat()
    evidence = ", ".join(f"{column}::VARCHAR" if column.endswith("_from") else column for column in EVIDENCE)
    joined = "FROM found JOIN transitions USING (id)"
    bulk.insert(
        con,
        f"SELECT id, mpxn, rule, {evidence} {joined} WHERE NOT is_known ORDER BY id",
        table,
        ("id", "mpxn", "rule", *EVIDENCE),
        {"first_seen": day, "opened_on": day, "opened_as": State.NEW},
    )
    opening = f"'{day}', state_after, NULL, NULL"
    regressed = f"SELECT id, {evidence}, {opening} {joined} WHERE state_before = 'resolved' ORDER BY id"
    bulk.update(con, regressed, table, ("id", *EVIDENCE, *LIFE))
    seen = f"""
        SELECT id, {evidence}, NULL {joined}
        WHERE is_known AND state_before <> 'resolved' AND (is_changed OR was_last_seen IS NOT NULL) ORDER BY id
    """
    bulk.update(con, seen, table, ("id", *EVIDENCE, "last_seen"))
    last_seen = "coalesce(was_last_seen, getvariable('last_run_date'))::VARCHAR"
    resolved = f"""
        SELECT id, {last_seen}, '{day}' FROM transitions
        WHERE state_after = 'resolved' AND state_before <> 'resolved' ORDER BY id
    """
    bulk.update(con, resolved, table, ("id", "last_seen", "resolved_on"))
    absent = f"SELECT id, {last_seen} FROM transitions WHERE is_absent AND was_last_seen IS NULL ORDER BY id"
    bulk.update(con, absent, table, ("id", "last_seen"))
    # The moves that have an event, by where they start; a state that is merely kept has none.
    for before, after in MOVES:
        bulk.insert(
            con,
            f"SELECT id FROM transitions WHERE state_before = '{before}' AND state_after = '{after}' ORDER BY id",
            Event._meta.db_table,
            ("discrepancy_id",),
            {"run_id": run.pk, "on": day, "before": before, "after": after},
        )
