"""What a run does not have and the last one had, and what its files do not tell: held, or said where it matters."""

from datetime import date, timedelta

import pytest

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING, Scope
from reconcile.ledger.guards import Held
from reconcile.ledger.work import run_report
from reconcile.models import Extract, Party, Run
from reconcile.web.tables.columns import DISCREPANCIES

from .market import put, reconcile

DAY = date(2025, 3, 3)
LATER = DAY + timedelta(days=40)
# What a run lacks is found in its files; test_held asks PostgreSQL to hold and to let pass.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
POINTS = {"10": 1000000000012, "12": 1200000000011}


def registered(network: str, as_of: date, points: int = 1) -> Extract:
    first = POINTS[network]
    rows = [{"mpxn": first + n, "flag": "A", "network": network, "supplier": "SUPP"} for n in range(points)]
    return put("flags", "full", as_of, rows)


def inventory(as_of: date) -> Extract:
    return put("devices", "full", as_of, [])


@pytest.fixture
def two_networks():
    """A run of two networks, of which one stays away for so long that its extract is too old for the next run."""
    for network in POINTS:
        registered(network, DAY)
    inventory(DAY)
    reconcile(DAY)
    registered("10", LATER)
    inventory(LATER)


def test_a_run_without_a_network_of_the_last_one_is_held_and_names_it(two_networks):
    with pytest.raises(Held, match=r"UK Power Networks .* was in the run of 3 Mar 2025 with 1 Meter Points") as held:
        reconcile(LATER, yes=False)

    assert [guard.guard for guard in held.value.guards] == ["points", "network 12"]
    assert Run.objects.count() == 1


def test_a_run_that_was_let_pass_names_the_network_it_has_not(two_networks):
    run = reconcile(LATER)

    (words,) = run_report(run)["warnings"]
    assert "no extract of this run speaks for it" in words
    assert queries.run(scope=EVERYTHING, run_id=run.pk).warnings == [words]
    assert queries.overview(scope=EVERYTHING).warnings == [words]
    registered("10", LATER + timedelta(days=1))
    assert reconcile(LATER + timedelta(days=1), yes=False).report["warnings"] == []


def test_a_warning_about_a_network_is_for_those_who_see_it(two_networks):
    run = reconcile(LATER)
    own = {code: Scope(networks=frozenset({Party.objects.get(code=code).pk})) for code in POINTS}

    assert queries.run(scope=own["10"], run_id=run.pk).warnings == []
    assert len(queries.run(scope=own["12"], run_id=run.pk).warnings) == 1


@pytest.mark.parametrize("points, held", [(8, False), (7, True)])
def test_a_run_that_loses_over_a_fifth_of_the_points_is_held(points, held):
    registered("10", DAY, points=10)
    inventory(DAY)
    reconcile(DAY)
    later = DAY + timedelta(days=7)
    registered("10", later, points=points)

    if held:
        with pytest.raises(Held, match=r"had 10 Meter Points and this one has 7, over 20 % fewer"):
            reconcile(later, yes=False)
    else:
        assert reconcile(later, yes=False).points == 8


def test_a_look_back_is_compared_with_no_run():
    registered("10", DAY)
    inventory(DAY)
    for network in POINTS:
        registered(network, LATER)
    inventory(LATER)
    reconcile(LATER)

    assert reconcile(DAY, yes=False).lookback


@pytest.mark.parametrize("days, warned", [(35, False), (36, True)])
def test_an_old_inventory_is_warned_of(days, warned):
    as_of = DAY + timedelta(days=days)
    inventory(DAY)
    registered("10", as_of)

    said = run_report(reconcile(as_of))["warnings"]

    assert said == (["The inventory is of 3 Mar 2025, 36 days before the run and older than MAX_EXTRACT_AGE_DAYS (35): "
                     "meters may have changed since."] if warned else [])  # fmt: skip


@pytest.fixture
def untold():
    """One network's extract has neither dates nor suppliers, the other's has both."""
    without = registered("10", DAY)
    without.report["not_found"] = ["flag_from", "supplier", "point_status"]
    without.save()
    registered("12", DAY)
    inventory(DAY)
    return reconcile(DAY)


def test_a_run_says_what_its_extracts_do_not_tell(untold):
    dates, suppliers = run_report(untold)["warnings"]

    assert "no column of flag dates" in dates and "no column of suppliers" in suppliers


def cells(mpxn: int) -> dict[str, str]:
    row = queries.discrepancies(scope=EVERYTHING, filters={"mpxn": str(mpxn)}).get()
    return {column.name: str(column.cell(row)) for column in DISCREPANCIES.columns}


def test_a_list_says_it_at_the_discrepancies_that_it_touches(untold):
    assert "no such column in the file" in cells(POINTS["10"])["flag_from"]
    assert "no such column" not in cells(POINTS["12"])["flag_from"]
    assert "no such column" not in cells(POINTS["10"])["latest_status_from"]


def test_a_meter_point_says_it(untold):
    assert len(queries.meter_point(scope=EVERYTHING, mpxn=POINTS["10"]).warnings) == 2
    assert queries.meter_point(scope=EVERYTHING, mpxn=POINTS["12"]).warnings == []


def test_an_inventory_without_status_dates_touches_every_discrepancy():
    found = inventory(DAY)
    found.report["not_found"] = ["StatusDate"]
    found.save()
    registered("12", DAY)
    reconcile(DAY)

    assert "no such column" in cells(POINTS["12"])["latest_status_from"]
    assert len(queries.meter_point(scope=EVERYTHING, mpxn=POINTS["12"]).warnings) == 1
