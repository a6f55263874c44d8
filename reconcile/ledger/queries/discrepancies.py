"""Discrepancies: the filtered rows, and how many there are without counting them.

In: a scope and filters. Out: annotated querysets. Called by the list, the API, exports and commands.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict

from django.core.cache import cache
from django.db.models import DateField, F, Func, IntegerField, OuterRef, Prefetch, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from reconcile.models import Contradiction, Discrepancy, Event, Run
from reconcile.models.worst import WORST

from ..access import Scope
from ..filters import BadFilter, DiscrepancyFilter
from ..remarks import untold
from ..sent import newest
from ..states import state
from .common import counts_of, latest_run, stamp
from .order import Sorted, lazily, sorted_rows

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

ORDERS = {
    "mpxn": ("id",),
    "rule": ("rule", "worst"),
    "severity": ("worst",),
    "wrong_since": ("wrong_since_latest?",),
    "first_seen": ("first_seen",),
    "age_days": ("age_days",),
}
"""The orders of a list, each ending in the key: Meter Point, then rule. All but `age_days` are those of an index: a day
more of each run makes every row that is still seen older. `severity` is the worst first: the graver, then the longer
wrong. It is the usual one."""
USUAL_ORDER = "severity"

LIFE = Prefetch("events", Event.objects.order_by("pk"))
"""The events of a discrepancy, in the order in which runs wrote them."""
KEPT_SECONDS = 300


class WorkedOut(TypedDict):
    """What `with_state` adds to a discrepancy: `seen` is the date of the last run that saw it, `untold` see remarks.

    `contradicted_on`: the day (UTC) of the alert that contradicts it. `sent_...`: the newest correction sent for it.
    """

    state: str
    seen: date
    age_days: int
    worst: int
    untold: str
    contradicted_on: date | None
    sent_file: str | None
    sent_line: int | None
    sent_at: datetime | None
    sent_outcome: str | None


if TYPE_CHECKING:
    Stated = WithAnnotations[Discrepancy, WorkedOut]
else:
    Stated = Discrepancy


class DaysBetween(Func):
    """Whole days from the second date to the first, as an integer on every database."""

    output_field = IntegerField()
    template = "(%(expressions)s)"
    arg_joiner = " - "

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """SQLite keeps dates as text."""
        return self.as_sql(
            compiler,
            connection,
            template="CAST(julianday(%(expressions)s) AS INTEGER)",
            arg_joiner=") - julianday(",
            **extra,
        )


@dataclass(frozen=True)
class Found:
    """A filtered list: rows in the order asked for, and their exact number, counted when it is asked for."""

    scope: Scope
    sorted: Sorted[Stated]
    filters: DiscrepancyFilter
    run: Run | None
    problem: str = ""

    @property
    def rows(self) -> QuerySet[Stated]:
        """All of them, in their order."""
        return self.sorted.every

    @cached_property
    def stamp(self) -> str:
        """What the list hangs on, besides its address: see common.stamp."""
        return stamp(self.scope, self.run)

    @cached_property
    def total(self) -> int:
        """Kept while what the list hangs on stands, and for one day, of which some filters speak."""
        if self.problem:
            return 0
        facts = (self.stamp, timezone.now().date().isoformat(), self.filters.data)
        key = f"total-{hashlib.sha256(repr(facts).encode()).hexdigest()}"
        total: int | None = cache.get(key)
        if total is None:
            total = _counted(self.scope, self.filters, self.run)
            cache.set(key, total, KEPT_SECONDS)
        return total


def with_state(rows: QuerySet[Discrepancy], run: Run | None, scope: Scope) -> QuerySet[Stated]:
    """Annotated with WorkedOut: `seen` is the date of the last run that saw it, `age_days` is seen - first_seen."""
    sent = newest(scope)
    contradicted = Contradiction.objects.filter(discrepancy=OuterRef("pk"))
    seen = Coalesce(F("last_seen"), Value(run.as_of if run else None, output_field=DateField()))
    return rows.annotate(
        seen=seen,
        state=state(run.as_of if run else None),
        age_days=DaysBetween(seen, F("first_seen")),
        worst=WORST,
        untold=untold(run),
        contradicted_on=Subquery(contradicted.values(day=TruncDate("sent_at", tzinfo=UTC))),
        sent_file=Subquery(sent.values("file__name")),
        sent_line=Subquery(sent.values("line")),
        sent_outcome=Subquery(sent.values("outcome")),
        sent_at=Subquery(sent.values("file__correction__made_at")),
    )


def discrepancies(*, scope: Scope, filters: Mapping[str, Any]) -> QuerySet[Stated]:
    """The discrepancies of a filter, the worst first. Raises BadFilter: nobody is handed more than was asked for."""
    found = discrepancy_list(scope=scope, filters=filters)
    if found.problem:
        raise BadFilter(found.filters)
    return found.rows


def found_by(*, scope: Scope, asked: DiscrepancyFilter) -> QuerySet[Stated]:
    """The discrepancies within a scope that a filter finds, in no order. Raises BadFilter."""
    if asked.problems_in_words():
        raise BadFilter(asked)
    return asked.narrowed(with_state(scope.narrow(Discrepancy.objects.all()), asked.run, scope))


def discrepancy_list(*, scope: Scope, filters: Mapping[str, Any], sort: str = "") -> Found:
    """A filtered list, by one of ORDERS or as usual. A filter that cannot be read finds nothing; `problem` says why."""
    run = latest_run()
    found = scope.narrow(Discrepancy.objects.select_related("kind").prefetch_related("network", "supplier"))
    rows = lazily(lambda: with_state(found, run, scope))
    asked = DiscrepancyFilter(filters, scope=scope, run=run)
    problem = asked.problems_in_words()
    narrowed = lazily(lambda: rows.none() if problem else asked.narrowed(rows))
    return Found(scope, sorted_rows(narrowed, rows, sort, ORDERS, USUAL_ORDER), asked, run, problem)


def _counted(scope: Scope, asked: DiscrepancyFilter, run: Run | None) -> int:
    """From the run's counts where they know enough, so that a page of 800,000 rows is as quick as one of 50."""
    condition = asked.counts()
    if condition is None:
        return asked.narrowed(scope.narrow(Discrepancy.objects.all())).count()
    counted: int = counts_of(scope, run).filter(condition).aggregate(total=Sum("discrepancies", default=0))["total"]
    return counted


def discrepancy(*, scope: Scope, discrepancy_id: int) -> Stated | None:
    """One discrepancy with its events, or None."""
    rows = scope.narrow(Discrepancy.objects.select_related("network", "supplier").prefetch_related(LIFE))
    return with_state(rows, latest_run(), scope).filter(pk=discrepancy_id).first()
