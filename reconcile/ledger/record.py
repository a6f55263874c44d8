"""A run: judge the market, compare with the ledger, publish what changed in one transaction.

In: a date and a policy. Out: a published Run. Writes only changes: what stayed the same costs nothing.
Called by ledger.work.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
from django.db import transaction

from reconcile.domain.days import today
from reconcile.domain.policy import Policy
from reconcile.feeds.sql import literal
from reconcile.lake import checksums, engines, store
from reconcile.lake.contract import EngineError, NetworkUpdate
from reconcile.models import Party, Run, RunInput

from . import changes, compare, evidence, foreseen, frame, guards, integrity, population, remarks, remembering, working
from .heartbeat import Report
from .inputs import STATUS_ALERTS, Selection, latest_run, select
from .stopping import Stopped


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


@dataclass(frozen=True)
class Asked:
    """A run that is to be made, and the newest run before it that moved states."""

    selection: Selection
    policy: Policy
    last: Run | None
    clock: Clock
    report: Report

    @property
    def as_of(self) -> date:
        return self.selection.inputs.as_of

    @property
    def ahead(self) -> bool:
        """Dated after today. It moves no state: else every run of the days until then would be a look-back."""
        return self.as_of > today(self.clock.started_at)

    @property
    def lookback(self) -> bool:
        """Dated before the last run, or after today: it moves no state."""
        return self.ahead or (self.last is not None and self.as_of < self.last.as_of)

    @property
    def key(self) -> str:
        """The checksum under which the run is kept."""
        return self.selection.key(self.policy, ahead=self.ahead)

    @cached_property
    def lost(self) -> list[remarks.Lost]:
        """The networks of the last run that are not in this one; a run of another time has its own."""
        return [] if self.lookback else remarks.lost_networks(self.selection, self.last)


@dataclass(frozen=True)
class Found:
    """What a run found, as far as the database has to know it."""

    totals: dict[str, int]
    network_updates: tuple[NetworkUpdate, ...]


def reconcile(*, as_of: date, policy: Policy, now: datetime, approval: guards.Approval, report: Report) -> Run:
    """Reconcile as of a date and publish the run; the run that stands already if inputs and policy are the same.

    Raises NothingToReconcile, guards.Held, integrity.Damaged, EngineError.
    """
    remembering.make_up()
    asked = Asked(select(as_of), policy, latest_run(), Clock(now), report)
    run = Run.objects.filter(inputs_key=asked.key).first() or _made(asked, approval)
    frame.keep(run)
    evidence.keep(run, asked.selection.inputs, policy)
    population.count(run, asked.selection.inputs, policy)
    return run


def _made(asked: Asked, approval: guards.Approval) -> Run:
    """A new run, published."""
    with store.scratch() as folder, store.connected(folder) as con:
        with _whole(asked):
            found = _find(con, folder, asked)
        with asked.clock.timing("check"):
            passed = _guard(con, asked, found.totals, approval)
            whole = _write_snapshot(con, folder)
        asked.report("Recording the changes", 0.85)
        run = _run(asked, found, approval.kept(passed), checksums.checksums(whole))
        run.snapshot = store.publish(whole, f"runs/{asked.as_of}")
        try:
            _publish(con, run, asked, found)
        except Stopped:
            store.remove(run.snapshot)
            raise
    return run


def _find(con: duckdb.DuckDBPyConnection, folder: Path, asked: Asked) -> Found:
    """Judge the market, and leave what it means for the ledger in the tables of `compare`."""
    report = asked.report
    with asked.clock.timing("judge"):
        report("Reading the ledger", 0.02)
        last_run_date = asked.last.as_of if asked.last else asked.as_of
        known = compare.read_ledger(con, run_date=asked.as_of, last_run_date=last_run_date, lookback=asked.lookback)
        report("Judging every Meter Point", 0.05)
        judged = engines.chosen().judge_market(
            asked.selection.inputs,
            asked.policy,
            open_before=known,
            workdir=folder,
            progress=lambda share: report("Judging every Meter Point", 0.05 + share * 0.7),
        )
    report("Comparing with the ledger", 0.78)
    with asked.clock.timing("compare"):
        totals = compare.compare(con, judged, lookback=asked.lookback, first=asked.last is None)
    return Found(totals, judged.network_updates)


def _guard(
    con: duckdb.DuckDBPyConnection, asked: Asked, totals: dict[str, int], approval: guards.Approval
) -> list[guards.Guard]:
    active = compare.one_row(
        con,
        """
        SELECT coalesce(sum(points), 0)::BIGINT AS active,
               coalesce(sum(points) FILTER (shows <> 'no_meter'), 0)::BIGINT AS with_meter
        FROM point_counts WHERE flag = 'A'
        """,
    )
    moved = guards.moved(totals["new"], totals["resolved"], totals["points"])
    to_come = guards.to_come("The run", asked.as_of, today(asked.clock.started_at))
    tripped = [to_come, *_beside_last(asked, totals), guards.active_without_meter(**active), moved]
    try:
        return guards.hold(tripped, approval)
    except guards.Held as held:
        held.found = foreseen.foreseen(con, selection=asked.selection, totals=totals, last=asked.last)
        raise


def _beside_last(asked: Asked, totals: dict[str, int]) -> list[guards.Guard | None]:
    """What the last run looked at and this one would not, and how many more mismatches this one finds."""
    networks = [guards.network_lost(one.network, one.points, one.words) for one in asked.lost]
    if asked.lookback or asked.last is None:
        return []
    risen = guards.risen(asked.last.mismatches, totals["mismatches"])
    return [guards.points_lost(asked.last.points, totals["points"]), *networks, risen]


@contextmanager
def _whole(asked: Asked) -> Iterator[None]:
    """Read nothing that is not what was written, and where an input cannot be read say which. Raises Damaged."""
    selection, now = asked.selection, asked.clock.now()
    read = [extract for extract, _ in selection.sources]
    asked.report("Checking the files that it reads", 0.01)
    with asked.clock.timing("verify"):
        integrity.refuse_damaged(read, until=asked.as_of, now=now)
    try:
        yield
    except (duckdb.Error, EngineError):
        integrity.refuse_damaged(read, until=asked.as_of, now=now, anew=True)
        raise


def _write_snapshot(con: duckdb.DuckDBPyConnection, folder: Path) -> Path:
    whole = folder / "snapshot"
    whole.mkdir()
    con.execute(f"COPY ({compare.sql('snapshot')}) TO {literal(whole / store.ROWS)} ({store.PARQUET})")
    for name, file in (("cells", store.CELLS), ("lateness", store.LATENESS)):
        con.execute(f"COPY (FROM {name} ORDER BY ALL) TO {literal(whole / file)} ({store.PARQUET})")
    return whole


def _run(asked: Asked, found: Found, word: dict[str, Any], files: dict[str, str]) -> Run:
    return Run(
        as_of=asked.as_of,
        policy=asked.policy.name,
        policy_version=asked.policy.version,
        inputs_key=asked.key,
        lookback=asked.lookback,
        started_at=asked.clock.started_at,
        checksums=files,
        report={
            **word,
            "seconds": asked.clock.seconds,
            STATUS_ALERTS: asked.selection.inputs.changes_until is not None,
            **remarks.said_of(asked.selection, asked.lost),
        },
        **found.totals,
    )


def _publish(con: duckdb.DuckDBPyConnection, run: Run, asked: Asked, found: Found) -> None:
    """All or nothing: readers see the run before until this commits."""
    clock = asked.clock
    with clock.timing("record"), transaction.atomic():
        run.published_at = clock.now()
        run.save()
        _insert_inputs(run, asked.selection, found.network_updates)
        changes.insert_counts(con, run)
        if not run.lookback:
            changes.apply(con, run)
            working.follow_cohorts(run)
            working.follow(as_of=run.as_of, today=today(clock.started_at), now=clock.now())
        asked.report("Recording the changes", 1)
    Run.objects.filter(pk=run.pk).update(report=run.report, published_at=clock.now())


def _insert_inputs(run: Run, selection: Selection, applied: tuple[NetworkUpdate, ...]) -> None:
    """The extracts that the run read, and which network each full extract and each update spoke for."""
    parties = dict(Party.objects.filter(kind=Party.Kind.NETWORK).values_list("code", "pk"))
    extract_of = {order: extract for extract, order in selection.order.items()}
    pairs = [*selection.sources, *((extract_of[update.order], update.network) for update in applied)]
    RunInput.objects.bulk_create(
        RunInput(run=run, extract_id=extract, network_id=parties[code] if code else None) for extract, code in pairs
    )
