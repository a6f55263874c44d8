"""The overview: totals, the flag against what the inventory shows, parties, trend.

In: a scope. Out: dataclasses, all summed from the counts of published runs. Called by the overview page.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property

from django.db.models import Max, Min, Q, Sum

from reconcile.domain.figures import OPEN_STATES
from reconcile.domain.policies import policy_named
from reconcile.domain.policy import Policy, truth_table
from reconcile.domain.rules import WATCHED
from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import FLAG_NAMES, FLAGS, SHOWS_NAMES, Flag, Shows
from reconcile.models import Party, Run, RunInput

from ..access import Scope
from .common import Totals, TrendPoint, counts_of, latest_run, points_of, stamp, trend, warnings_within
from .parties import PartyTotals, party_totals

AGREES, MISMATCH, WATCH, PARTLY = "agrees", "mismatch", "watch", "partly"


@dataclass(frozen=True)
class Cell:
    """Meter Points with one flag at which the inventory shows one thing, and the open discrepancies there."""

    flag: str
    shows: Shows
    verdict: str
    points: int
    open: int


@dataclass(frozen=True)
class MatrixRow:
    """One flag against everything the inventory can show."""

    flag: str
    name: str
    cells: list[Cell]
    points: int


@dataclass(frozen=True)
class DataDates:
    """The days whose state the two sides of a run show."""

    registration_from: date | None
    registration_to: date | None
    inventory: date | None


@dataclass(frozen=True)
class Overview:
    """Everything on the first page, each part worked out when it is asked for. Without a run there is nothing yet."""

    scope: Scope
    run: Run | None

    columns = [SHOWS_NAMES[column] for column in Shows]

    @cached_property
    def stamp(self) -> str:
        """What the page hangs on: see common.stamp."""
        return stamp(self.scope, self.run)

    @cached_property
    def matrix(self) -> list[MatrixRow]:
        """Every flag against everything the inventory can show."""
        return _matrix(self.scope, self.run) if self.run else []

    @property
    def points(self) -> int:
        """Registered Meter Points."""
        return sum(row.points for row in self.matrix)

    @cached_property
    def networks(self) -> list[PartyTotals]:
        """The Network Parties with Meter Points of the scope."""
        return party_totals(scope=self.scope, run=self.run, kind=Party.Kind.NETWORK) if self.run else []

    @property
    def totals(self) -> Totals:
        """The discrepancies of all of them."""
        return sum((one.totals for one in self.networks), Totals())

    @cached_property
    def trend(self) -> list[TrendPoint]:
        """The runs of the past."""
        return trend(scope=self.scope) if self.run else []

    @cached_property
    def warnings(self) -> list[str]:
        """What is to be said of the run's inputs."""
        return warnings_within(self.scope, self.run) if self.run else []

    @cached_property
    def dates(self) -> DataDates | None:
        """The days that the run's data show."""
        return data_dates(scope=self.scope, run=self.run) if self.run else None


def overview(*, scope: Scope) -> Overview:
    """The newest run as one page shows it."""
    return Overview(scope, latest_run())


def _matrix(scope: Scope, run: Run) -> list[MatrixRow]:
    points: dict[tuple[str, str], int] = defaultdict(int)
    for flag, column, number in points_of(scope, run).values_list("flag", "shows").annotate(sum=Sum("points")):
        points[flag, column] = number
    verdicts = cell_verdicts(policy_named(run.policy))
    found = counts_of(scope, run).filter(state__in=OPEN_STATES).values_list("flag", "shows")
    still_open = {(flag, column): number for flag, column, number in found.annotate(sum=Sum("discrepancies"))}
    return [
        MatrixRow(
            flag=flag or "",
            name=FLAG_NAMES[flag],
            cells=[
                Cell(
                    flag or "",
                    column,
                    verdicts[flag, column],
                    points[flag or "", column],
                    still_open.get((flag or "", column), 0),
                )
                for column in Shows
            ],
            points=sum(points[flag or "", column] for column in Shows),
        )
        for flag in FLAGS
    ]


@cache
def cell_verdicts(policy: Policy) -> dict[tuple[Flag | None, Shows], str]:
    """What the truth table says of each flag and column; `partly` where other meters or history decide."""
    rules: dict[tuple[Flag | None, Shows], set[str | None]] = defaultdict(set)
    for row in truth_table(policy):
        rules[row.flag, row.shows].add(row.verdict.rule)
    return {(flag, column): _cell_verdict(rules[flag, column]) for flag in FLAGS for column in Shows}


def _cell_verdict(rules: set[str | None]) -> str:
    if rules == {None}:
        return AGREES
    if None in rules:
        return PARTLY
    return WATCH if rules <= set(WATCHED) else MISMATCH


def data_dates(*, scope: Scope, run: Run) -> DataDates:
    """The data dates of both sides of a run; of a network operator's own extracts only."""
    mine = Q(extract__table=Table.FLAGS)
    if not scope.everything and not scope.suppliers:
        mine &= Q(network__isnull=True) | Q(network__in=scope.networks)
    found = RunInput.objects.filter(run=run).aggregate(
        first=Min("extract__as_of", filter=mine),
        last=Max("extract__as_of", filter=mine),
        inventory=Max("extract__as_of", filter=Q(extract__table=Table.DEVICES)),
    )
    return DataDates(found["first"], found["last"], found["inventory"])
