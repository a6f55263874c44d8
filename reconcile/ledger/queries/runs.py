"""Runs: what each compared and found.

In: a scope. Out: RunTotals, RunPage. Called by the run pages and the API.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from django.db.models import Q, QuerySet

from reconcile.models import Extract, Party, Run, RunInput, Withdrawal

from ..access import Scope
from .common import Approved, RunTotals, approved, latest_run, run_totals, warnings_within
from .extracts import extracts, own_networks
from .overview import DataDates, data_dates
from .parties import RuleTotals, rule_totals
from .standing import Bridge, bridge


@dataclass(frozen=True)
class Input:
    """An extract that a run used, and for which Network Parties; none named is for all of them."""

    extract: Extract
    networks: list[Party]


@dataclass(frozen=True)
class RunPage:
    """One run, its inputs within the scope and its findings by rule. Figures of the newest run lead to their rows.

    `bridge`: why its mismatches are others than those of the run before; None for the first.
    `approval`: whose word let it pass where a guard held it, for those who see everything.
    `withdrawn`: those of its inputs that were withdrawn since.
    `before`: the run that it is compared with first.
    `warnings`: what is to be said of its inputs, of the networks within the scope.
    """

    found: RunTotals
    is_newest: bool
    dates: DataDates
    inputs: list[Input]
    rules: list[RuleTotals]
    bridge: Bridge | None
    approval: Approved | None
    withdrawn: list[Withdrawal]
    before: Run | None
    warnings: list[str]


class RunList(Sequence[RunTotals]):
    """Runs in order; the totals of a page are summed when the page is cut."""

    def __init__(self, scope: Scope, runs: QuerySet[Run]) -> None:
        self.scope = scope
        self.runs = runs

    def __len__(self) -> int:
        return self.runs.count()

    @overload
    def __getitem__(self, wanted: int) -> RunTotals: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[RunTotals]: ...
    def __getitem__(self, wanted: int | slice) -> RunTotals | list[RunTotals]:
        if isinstance(wanted, slice):
            return run_totals(scope=self.scope, runs=self.runs[wanted])
        return run_totals(scope=self.scope, runs=[self.runs[wanted]])[0]


def runs(*, scope: Scope) -> RunList:
    """Every run, newest data date first; with no membership none."""
    found = Run.objects.order_by("-as_of", "-id")
    return RunList(scope, found if scope.everything or scope.networks or scope.suppliers else found.none())


def run(*, scope: Scope, run_id: int) -> RunPage | None:
    """One run, or None."""
    found = Run.objects.filter(pk=run_id).first()
    if found is None or not (scope.everything or scope.networks or scope.suppliers):
        return None
    totals = run_totals(scope=scope, runs=[found])[0]
    inputs = _inputs(scope, found)
    return RunPage(
        found=totals,
        is_newest=found == latest_run(),
        dates=data_dates(scope=scope, run=found),
        inputs=inputs,
        rules=rule_totals(scope=scope, run=found),
        bridge=bridge(scope=scope, run=found, now=totals.totals.mismatches),
        approval=approved(scope, found.report),
        withdrawn=_withdrawn(inputs),
        before=_before(found),
        warnings=warnings_within(scope, found),
    )


def _before(run: Run) -> Run | None:
    """The run before, of those that moved states."""
    older = Q(as_of__lt=run.as_of) | Q(as_of=run.as_of, pk__lt=run.pk)
    return Run.objects.filter(older, lookback=False).order_by("-as_of", "-pk").first()


def _withdrawn(inputs: list[Input]) -> list[Withdrawal]:
    gone = [one.extract.pk for one in inputs if one.extract.withdrawn_at]
    return list(
        Withdrawal.objects.filter(extract__in=gone, taken_back_at=None).select_related("extract").order_by("pk")
    )


def _inputs(scope: Scope, run: Run) -> list[Input]:
    rows = RunInput.objects.filter(run=run, extract__in=extracts(scope=scope).values("pk"))
    mine = rows.filter(Q(network__isnull=True) | own_networks(scope)) if not scope.everything else rows
    grouped: dict[Extract, list[Party]] = {}
    for row in mine.select_related("extract", "network").order_by(
        "extract__table", "extract__as_of", "network__code", "pk"
    ):
        networks = grouped.setdefault(row.extract, [])
        if row.network:
            networks.append(row.network)
    return [Input(extract, networks) for extract, networks in grouped.items()]
