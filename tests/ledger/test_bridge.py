"""Why the number of mismatches moved: the bridge sums exactly for every sight and run, and its bars are their rows."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from reconcile.domain.moves import Move
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING, Scope
from reconcile.ledger.queries.common import run_totals
from reconcile.ledger.queries.standing import Bridge, bridge
from reconcile.models import Party, Run

from .market import markets, put_day, reconcile
from .test_against_oracle import clear

pytestmark = pytest.mark.one_database


def sights() -> list[Scope]:
    """Everything, each party, and two parties at once."""
    networks = list(Party.objects.filter(kind="network").values_list("pk", flat=True))
    suppliers = list(Party.objects.filter(kind="supplier").values_list("pk", flat=True))
    one_each = [Scope(networks=frozenset({pk})) for pk in networks] + [
        Scope(suppliers=frozenset({pk})) for pk in suppliers
    ]
    return [EVERYTHING, *one_each, Scope(networks=frozenset(networks[:1]), suppliers=frozenset(suppliers[:1]))]


def mismatches(scope: Scope, run: Run) -> int:
    return run_totals(scope=scope, runs=[run])[0].totals.mismatches


ARRIVED, LEFT = "came", "went"


def assert_compared_alike(scope: Scope, pair: list[Run], told: Bridge) -> None:
    """What a run counted as it was made is what the lists of the two runs say when they are compared."""
    found = queries.compared(scope=scope, runs=(pair[0].pk, pair[1].pk), now=pair[1].published_at)
    as_counted = {{Move.CHANGED_HANDS: ARRIVED, "": LEFT}.get(step.move, step.move): step.by for step in told.steps}
    as_compared = {step.move: step.count if step.adds else -step.count for step in found.steps if step.count}
    assert (found.before, as_compared, found.now) == (told.before, as_counted, told.now), scope


@pytest.mark.django_db(transaction=True)
@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(market=markets(days=2))
def test_before_and_the_bars_are_now(market):
    clear()
    runs: list[Run] = []
    for day in market:
        put_day(day)
        runs.append(reconcile(day.as_of))

        for scope in sights():
            found = bridge(scope=scope, run=runs[-1], now=mismatches(scope, runs[-1]))
            assert (found is None) == (len(runs) == 1)
            if found is None:
                continue
            assert found.before == mismatches(scope, runs[-2])
            if scope in (EVERYTHING, sights()[-1], sights()[-2]):
                assert_compared_alike(scope, runs[-2:], found)
            for step in found.steps:
                if step.move:
                    rows = queries.discrepancies(scope=scope, filters={"state": "all", "move": step.move})
                    assert rows.count() == abs(step.by), (step, scope)
