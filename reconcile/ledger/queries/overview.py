"""The overview: totals, the flag against what the inventory shows, parties, trend.

In: a scope. Out: dataclasses, all summed from the counts of published runs. Called by the overview page.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from statistics import median

from django.db.models import Max, Min, Q

from reconcile.domain.rates import Rate
from reconcile.domain.rules import WHO_ACTS
from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import SHOWS_NAMES, Shows
from reconcile.models import Party, Run, RunInput

from ..access import Scope
from .common import Totals, TrendPoint, latest_run, stamp, trend, warnings_within
from .generations import GenerationTotals, by_generation
from .lateness import Late, late_now
from .matrix import MatrixRow, matrix
from .parties import PartyTotals, party_totals
from .standing import Bridge, Standing, standing

MOST_USUAL, MANY_STEPS, FEW_MOVED = 3, 4, 20
"""A jump is so many times the usual step; so many steps tell what is usual; so few mismatches are no jump."""
MOST_BEHIND = 5
"""Days that one side may be behind the other before a page warns."""


@dataclass(frozen=True)
class DataDates:
    """The days whose state the two sides of a run show."""

    registration_from: date | None
    registration_to: date | None
    inventory: date | None

    @property
    def behind(self) -> int:
        """How many days the one side is behind the other."""
        if not (self.registration_from and self.registration_to and self.inventory):
            return 0
        return max(abs((self.inventory - day).days) for day in (self.registration_from, self.registration_to))

    @property
    def is_behind(self) -> bool:
        """Too far for a comparison of the two to mean much."""
        return self.behind > MOST_BEHIND


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
        return matrix(scope=self.scope, run=self.run) if self.run else []

    @property
    def points(self) -> int:
        """Registered Meter Points."""
        return sum(row.points or 0 for row in self.matrix)

    @cached_property
    def networks(self) -> list[PartyTotals]:
        """The Network Parties with Meter Points of the scope."""
        return party_totals(scope=self.scope, run=self.run, kind=Party.Kind.NETWORK) if self.run else []

    @cached_property
    def compared(self) -> list[tuple[str, list[PartyTotals]]]:
        """The parties to compare, by kind: a network's people see suppliers, a supplier's networks, others both."""
        networks, suppliers = Party.Kind.NETWORK, Party.Kind.SUPPLIER
        kinds = [networks] if self.scope.suppliers else [suppliers] if self.scope.networks else [networks, suppliers]
        if self.run is None:
            return []
        of_suppliers = party_totals(scope=self.scope, run=self.run, kind=suppliers) if suppliers in kinds else []
        return [(kind, self.networks if kind == networks else of_suppliers) for kind in kinds]

    @cached_property
    def standing(self) -> Standing | None:
        """Whose mismatches they are, and for how long."""
        if self.run is None:
            return None
        return standing(scope=self.scope, run=self.run, now=self.totals.mismatches, mine=self.mine)

    @cached_property
    def late(self) -> Late:
        """How late flags follow their meters."""
        return late_now(scope=self.scope, run=self.run)

    @cached_property
    def generations(self) -> list[GenerationTotals]:
        """SMETS1 and SMETS2 apart."""
        return by_generation(scope=self.scope, run=self.run, points=self.points)

    @property
    def bridge(self) -> Bridge | None:
        """Why they moved; none for the first run."""
        return self.standing.bridge if self.standing else None

    @property
    def rate(self) -> Rate:
        """Mismatches per thousand Meter Points."""
        return Rate(self.totals.mismatches, self.points)

    @property
    def mine(self) -> list[str]:
        """Who acts for those who look."""
        return whose(self.scope)

    @property
    def changed(self) -> str:
        """How it moved since the run before, in words; empty for the first."""
        if self.bridge is None:
            return ""
        by, day = self.bridge.now - self.bridge.before, f"{self.bridge.earlier.as_of:%-d %b}"
        return f"{abs(by):,} {'more' if by > 0 else 'fewer'} than on {day}" if by else f"As many as on {day}"

    @cached_property
    def jumped(self) -> int:
        """By how much the mismatches moved, where that is more than three times what is usual; else 0."""
        steps = [after.mismatches - before.mismatches for before, after in pairwise(self.trend)]
        if len(steps) < MANY_STEPS:
            return 0
        return steps[-1] if abs(steps[-1]) > max(MOST_USUAL * median(map(abs, steps[:-1])), FEW_MOVED) else 0

    @property
    def is_odd(self) -> bool:
        """Whether the data want a look before the figures do."""
        return bool(self.jumped or (self.dates and self.dates.is_behind))

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


WORKS_AS = {"networks": "registration", "suppliers": "supplier"}


def whose(scope: Scope) -> list[str]:
    """Who acts for those of a scope, in the words of the rules: the operator's people act as the DCC."""
    codes = [code for kind, code in WORKS_AS.items() if getattr(scope, kind)]
    return [WHO_ACTS[code] for code in (["dcc"] if scope.everything else codes)]


def overview(*, scope: Scope) -> Overview:
    """The newest run as one page shows it."""
    return Overview(scope, latest_run())


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
