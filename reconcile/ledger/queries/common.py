"""What every read shares: the latest run, and how a run's counts are summed.

In: a scope. Out: Run, Totals. Called by the other modules of this folder.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet, Subquery, Sum, Value

from reconcile.domain.figures import FIGURES
from reconcile.domain.rates import Rate
from reconcile.models import (
    Contradiction,
    Correction,
    CorrectionLine,
    DiscrepancyCount,
    Extract,
    Party,
    PointCount,
    Run,
    RunInput,
    Withdrawal,
)

from ..access import Scope
from ..inputs import latest_run
from ..remarks import said_about
from ..states import counts_test

__all__ = [
    "Approved",
    "RunTotals",
    "Totals",
    "TrendPoint",
    "approved",
    "counts_of",
    "first_run",
    "latest_run",
    "newest_run",
    "points_of",
    "run_totals",
    "stamp",
    "sums",
    "totals_of",
    "trend",
    "warnings_within",
]


def stamp(scope: Scope, run: Run | None) -> str:
    """A checksum of all that decides what pages say but their address: whose they are, the run, how parties are called,
    what became of files since, what alerts contradict, what was sent.

    What is kept of a page is kept under it, and so is found only as long as it is true, and by those who see the same.
    Whatever else people come to write that pages show has to be in it.
    """
    sight = (scope.everything, sorted(scope.networks), sorted(scope.suppliers))
    parties = list(Party.objects.order_by("pk").values_list("pk", "kind", "code", "name", "fuel", "mpid"))
    facts = (sight, run and (run.pk, run.published_at.isoformat()), parties, _since())
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def page_stamp(*, scope: Scope) -> str:
    """The same of the newest run; empty where there is none, and so nothing to keep."""
    run = latest_run()
    return stamp(scope, run) if run else ""


def newest_run(*, scope: Scope) -> Run | None:
    """The run that pages show unless they are asked for another; none for who sees no rows."""
    return latest_run() if scope.everything or scope.networks or scope.suppliers else None


def _since() -> list[tuple[Any, ...]]:
    """What came after the runs, by its newest rows: files and what became of them, contradictions, corrections."""
    with connection.cursor() as cursor:
        cursor.execute(*_newest_rows(connection.vendor))
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


@cache
def _newest_rows(vendor: str) -> tuple[str, tuple[Any, ...]]:
    """The question of `_since` in a database's own words: to find them takes longer than its answer, on every page."""
    alerts = Contradiction.objects.order_by().values(every=Value(1)).annotate(number=Count("pk"))
    told = CorrectionLine.objects.order_by().values(every=Value(1))
    thinned = Q(thinned_at__isnull=False)
    newest: dict[str, QuerySet[Any]] = {
        "extract": Extract.objects.order_by("-pk").values("pk"),
        "thinned_extract": Extract.objects.filter(thinned).order_by("-thinned_at").values("thinned_at"),
        "withdrawal": Withdrawal.objects.order_by("-pk").values("pk"),
        "taken_back": Withdrawal.objects.exclude(taken_back_at=None).order_by("-taken_back_at").values("taken_back_at"),
        "thinned_run": Run.objects.filter(thinned).order_by("-thinned_at").values("thinned_at"),
        "contradiction": Contradiction.objects.order_by("-pk").values("pk"),
        "contradictions": alerts.values("number"),
        "correction": Correction.objects.order_by("-pk").values("pk"),
        "answers": told.annotate(number=Count("answered_on")).values("number"),
        "answer": told.annotate(newest=Max("answered_by")).values("newest"),
        "shown": told.annotate(number=Count("shown_on")).values("number"),
    }
    asked = Run.objects.order_by("-pk").annotate(**{name: Subquery(rows[:1]) for name, rows in newest.items()})
    words: tuple[str, tuple[Any, ...]] = asked.values_list("pk", *newest)[:1].query.sql_with_params()
    return words


@dataclass(frozen=True)
class Approved:
    """A person's word that let an extract or a run pass: who, when, why, and past which guards (in words)."""

    by: str
    at: datetime
    reason: str
    guards: list[str]


def approved(scope: Scope, report: Mapping[str, Any]) -> Approved | None:
    """The word that is kept in the report of an extract or a run; the guards speak of the whole market."""
    word = report.get("approved")
    if not word or not scope.everything:
        return None
    guards = [guard["words"] for guard in report["guards"]]
    return Approved(word["by"], datetime.fromisoformat(word["at"]), word["reason"], guards)


def warnings_within(scope: Scope, run: Run) -> list[str]:
    """What is to be said of a run's inputs, of the networks that are somebody's, or that ever held points of theirs."""
    if scope.everything or not run.report.get("warnings"):
        return said_about(run, None)
    own = Party.objects.filter(pk__in=scope.networks).values_list("code", flat=True)
    theirs = scope.narrow(PointCount.objects.all()).values_list("network__code", flat=True).distinct()
    return said_about(run, {*own, *theirs})


TREND_RUNS = 30
"""How many of the newest runs a trend shows."""


@dataclass(frozen=True)
class Totals:
    """What a run found: domain.figures.FIGURES. mismatches + in_flight + watch + absent = open."""

    mismatches: int = 0
    in_flight: int = 0
    watch: int = 0
    new: int = 0
    ongoing: int = 0
    regressed: int = 0
    resolved: int = 0
    withdrawn: int = 0
    absent: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            **{field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(Totals)}
        )

    @property
    def open(self) -> int:
        """Every open discrepancy, whatever its kind."""
        return self.mismatches + self.in_flight + self.watch + self.absent


def sums() -> dict[str, Sum]:
    """The aggregates that make Totals of DiscrepancyCount rows."""
    return {f"sum_{name}": Sum("discrepancies", filter=counts_test(name), default=0) for name in FIGURES}


def totals_of(row: Mapping[str, Any]) -> Totals:
    """Totals of one aggregated row."""
    return Totals(**{field.name: row[f"sum_{field.name}"] for field in fields(Totals)})


def counts_of(scope: Scope, run: Run | None) -> QuerySet[DiscrepancyCount]:
    """A run's discrepancy counts within a scope."""
    return scope.narrow(DiscrepancyCount.objects.filter(run=run))


def points_of(scope: Scope, run: Run | None) -> QuerySet[PointCount]:
    """A run's Meter Point counts within a scope."""
    return scope.narrow(PointCount.objects.filter(run=run))


@dataclass(frozen=True)
class RunTotals:
    """A run and what it found within a scope. The very first has nothing new: `is_first`.

    `read_withdrawn`: some of what it read was withdrawn since.
    """

    run: Run
    points: int
    totals: Totals
    is_first: bool = False
    read_withdrawn: bool = False

    @property
    def rate(self) -> Rate:
        """Its mismatches per thousand Meter Points."""
        return Rate(self.totals.mismatches, self.points)


def run_totals(*, scope: Scope, runs: Iterable[Run]) -> list[RunTotals]:
    """Runs with their totals within a scope."""
    found, first = list(runs), first_run()
    gone = RunInput.objects.filter(run__in=found, extract__withdrawn_at__isnull=False)
    tainted = set(gone.values_list("run", flat=True))
    if scope.everything:
        return [_of_everything(run, run == first, run.pk in tainted) for run in found]
    points = scope.narrow(PointCount.objects.filter(run__in=found)).values("run").annotate(sum=Sum("points"))
    counts = scope.narrow(DiscrepancyCount.objects.filter(run__in=found)).values("run").annotate(**sums())
    points_by_run = {row["run"]: row["sum"] for row in points}
    totals_by_run = {row["run"]: totals_of(row) for row in counts}
    return [
        RunTotals(
            run,
            points_by_run.get(run.pk, 0),
            totals_by_run.get(run.pk, Totals()),
            is_first=run == first,
            read_withdrawn=run.pk in tainted,
        )
        for run in found
    ]


def _of_everything(run: Run, is_first: bool, read_withdrawn: bool) -> RunTotals:
    totals = Totals(**{field.name: getattr(run, field.name) for field in fields(Totals)})
    return RunTotals(run, run.points, totals, is_first, read_withdrawn)


def rate_within(*, scope: Scope, run: Run) -> Rate:
    """A run's mismatches per thousand of all Meter Points of a scope."""
    found, points = _figures(scope, [run], None), _points(scope, [run], None)
    return Rate(found.get(run.pk, (0,))[0], points.get(run.pk, 0))


@dataclass(frozen=True)
class TrendPoint:
    """One run of a trend. `rate`: its mismatches per thousand Meter Points. `event`: what else changed with it."""

    run: Run
    points: int
    mismatches: int
    new: int | None
    resolved: int
    event: str = ""

    @property
    def rate(self) -> Rate:
        """Its mismatches per thousand Meter Points."""
        return Rate(self.mismatches, self.points)


def trend(*, scope: Scope, only: Q | None = None) -> list[TrendPoint]:
    """The newest runs, oldest first, look-backs left out; `only` narrows the counts to one party say.

    The very first run has nothing new: there was none before it to compare with.
    """
    newest = list(Run.objects.filter(lookback=False).order_by("-as_of", "-id")[:TREND_RUNS])[::-1]
    # Where they are all there are, the first is among them.
    first = first_run() if len(newest) == TREND_RUNS else min(newest, key=lambda run: run.pk, default=None)
    figures, points = _figures(scope, newest, only), _points(scope, newest, only)
    found: list[TrendPoint] = []
    for run in newest:
        mismatches, new, resolved = figures.get(run.pk, (0, 0, 0))
        event = _event(run, found[-1].run) if found else ""
        found.append(TrendPoint(run, points.get(run.pk, 0), mismatches, None if run == first else new, resolved, event))
    return found


def first_run() -> Run | None:
    """The run that nothing came before: what it found is not news."""
    return Run.objects.filter(lookback=False).order_by("pk").first()


def _figures(scope: Scope, runs: list[Run], only: Q | None) -> dict[int, tuple[int, ...]]:
    """Run -> mismatches, new, resolved."""
    if scope.everything and only is None:
        return {run.pk: (run.mismatches, run.new, run.resolved) for run in runs}
    wanted = {f"sum_{name}": sums()[f"sum_{name}"] for name in ("mismatches", "new", "resolved")}
    counts = scope.narrow(DiscrepancyCount.objects.filter(Q(run__in=runs) & (only or Q())))
    return {row[0]: row[1:] for row in counts.values_list("run").annotate(**wanted)}


def _points(scope: Scope, runs: list[Run], only: Q | None) -> dict[int, int]:
    if scope.everything and only is None:
        return {run.pk: run.points for run in runs}
    counts = scope.narrow(PointCount.objects.filter(Q(run__in=runs) & (only or Q())))
    return dict(counts.values_list("run").annotate(sum=Sum("points")))


def _event(run: Run, before: Run) -> str:
    """What else than the market may have moved the figures."""
    told = (run.policy, run.policy_version)
    return f"policy {run.policy} {run.policy_version}" if told != (before.policy, before.policy_version) else ""
