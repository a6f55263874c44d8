"""Network Parties and suppliers: what the newest run found at each.

In: a scope. Out: dataclasses. Called by the overview and the party pages.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, Sum

from reconcile.domain.rates import Rate
from reconcile.domain.rules import RULES, Rule
from reconcile.domain.tables import Table
from reconcile.models import Extract, Party, Run, RunInput

from ..access import Scope
from ..visible import named
from .common import (
    Totals,
    TrendPoint,
    counts_of,
    first_run,
    latest_run,
    points_of,
    rate_within,
    sums,
    totals_of,
    trend,
)
from .generations import GenerationTotals, by_generation
from .standing import Bridge, Standing, standing


@dataclass(frozen=True)
class PartyTotals:
    """A party, its Meter Points and what was found there."""

    party: Party
    points: int
    totals: Totals
    registration: date | None = None

    @property
    def rate(self) -> Rate:
        """Mismatches per thousand Meter Points."""
        return Rate(self.totals.mismatches, self.points)


@dataclass(frozen=True)
class RuleTotals:
    """A rule and how often it is broken."""

    rule: Rule
    totals: Totals


@dataclass(frozen=True)
class PartyList:
    """Every party of one kind within the scope."""

    run: Run | None
    parties: list[PartyTotals]

    @property
    def is_first(self) -> bool:
        """Nothing came before the run, so nothing is new."""
        return self.run is not None and self.run == first_run()


@dataclass(frozen=True)
class PartyPage:
    """One party, its rules, trend and extracts; counterparts are a network's suppliers or a supplier's networks.

    `market`: the rate of all that is seen. `standing` is None before the first run.
    """

    party: Party
    run: Run | None
    points: int
    totals: Totals
    rules: list[RuleTotals]
    trend: list[TrendPoint]
    counterparts: list[PartyTotals]
    extracts: list[Extract]
    standing: Standing | None
    market: Rate
    generations: list[GenerationTotals]

    @property
    def rate(self) -> Rate:
        """Its mismatches per thousand Meter Points."""
        return Rate(self.totals.mismatches, self.points)

    @property
    def verdict(self) -> str:
        """`worse` or `better` than all that is seen, where that is not by chance."""
        return "" if self.rate.is_small else self.rate.against(self.market)

    @property
    def bridge(self) -> Bridge | None:
        """Why its mismatches moved; none for the first run."""
        return self.standing.bridge if self.standing else None

    @property
    def is_first(self) -> bool:
        """Nothing came before the run, so nothing is new."""
        return self.run is not None and self.bridge is None


def parties(*, scope: Scope, kind: str) -> PartyList:
    """The parties of a kind that the newest run found something of."""
    run = latest_run()
    return PartyList(run, party_totals(scope=scope, run=run, kind=kind) if run else [])


def party_totals(*, scope: Scope, run: Run, kind: str, only: Q | None = None) -> list[PartyTotals]:
    """A run's totals for each party of a kind, by code; `only` narrows the counts."""
    points = points_of(scope, run).filter(only or Q()).values_list(kind).annotate(sum=Sum("points"))
    points_by_party = dict(points)
    counts = counts_of(scope, run).filter(only or Q()).values(kind).annotate(**sums())
    totals = {row[kind]: totals_of(row) for row in counts}
    dates = _registered(run) if kind == Party.Kind.NETWORK else {}
    found = Party.objects.filter(pk__in=points_by_party.keys() | totals.keys()).order_by("code")
    return [
        PartyTotals(party, points_by_party.get(party.pk, 0), totals.get(party.pk, Totals()), dates.get(party.pk))
        for party in found
    ]


def _registered(run: Run) -> dict[int, date]:
    """The newest day of each network's registration data."""
    inputs = RunInput.objects.filter(run=run, network__isnull=False)
    return dict(inputs.values_list("network").annotate(newest=Max("extract__as_of")))


def rule_totals(*, scope: Scope, run: Run | None, only: Q | None = None) -> list[RuleTotals]:
    """The rules that a run found broken or resolved, the most broken first."""
    counts = counts_of(scope, run).filter(only or Q()).values("rule").annotate(**sums())
    found = [RuleTotals(RULES[row["rule"]], totals_of(row)) for row in counts if row["rule"] in RULES]
    return sorted(found, key=lambda one: (-one.totals.open, one.rule.number))


def is_party(*, scope: Scope, kind: str, code: str) -> bool:
    """Whether there is such a party, within the scope."""
    return bool(named(scope, latest_run(), kind, [code]))


def party(*, scope: Scope, kind: str, code: str) -> PartyPage | None:
    """One party within the scope, or None. A party outside it is shown if the scope has Meter Points there."""
    run = latest_run()
    found = next(iter(named(scope, run, kind, [code])), None)
    if found is None:
        return None
    only = Q(**{kind: found})
    other = Party.Kind.SUPPLIER if kind == Party.Kind.NETWORK else Party.Kind.NETWORK
    points = points_of(scope, run).filter(only).aggregate(sum=Sum("points", default=0))["sum"]
    rules = rule_totals(scope=scope, run=run, only=only)
    totals = sum((one.totals for one in rules), Totals())
    return PartyPage(
        party=found,
        run=run,
        points=points,
        totals=totals,
        rules=rules,
        trend=trend(scope=scope, only=only),
        counterparts=party_totals(scope=scope, run=run, kind=other, only=only) if run else [],
        extracts=list(
            Extract.objects.filter(networks__network=found, table=Table.FLAGS).order_by("-as_of", "-id")[:10]
            if kind == Party.Kind.NETWORK
            else []
        ),
        standing=standing(scope=scope, run=run, now=totals.mismatches, only={kind: found}) if run else None,
        market=rate_within(scope=scope, run=run) if run else Rate(0, 0),
        generations=by_generation(scope=scope, run=run, points=points, party=found),
    )
