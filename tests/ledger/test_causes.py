"""Causes from files to figures: a made market's three are found and no other, within everybody's own sight."""

from datetime import date

import pytest
from django.conf import settings
from django.utils import timezone

from reconcile.lake import store
from reconcile.ledger import operations, queries
from reconcile.ledger.access import EVERYTHING, Scope
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.integrity import Damaged
from reconcile.management import demo
from reconcile.models import Job, Party, Run
from reconcile.sample.causes import CAUSES, month_of
from reconcile.sample.make import LAST_DAY, make_sample
from tests.ledger.market import put, reconcile

DAY = date(2025, 3, 3)
MISMATCHES = {"severity": "mismatch", "in_flight": "no", "absent": "no"}
# Causes are counted in the lake; tests/web/test_causes.py asks PostgreSQL for as many rows.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def made(lake_dir, tmp_path):
    """A made market of one day, loaded and reconciled as the product does."""
    make_sample(tmp_path / "made", points=40_000, days=1, seed=4, meters_only=True)
    asked = {"actor": MACHINE, "every_guard": True, "now": timezone.now()}
    for path in demo.files_of(tmp_path / "made" / LAST_DAY.isoformat()):
        job = operations.start_load(path=path, name=path.name, **asked)
        assert operations.perform(actor=MACHINE, job_id=job.pk).state == Job.State.DONE
    job = operations.start_reconcile(as_of=LAST_DAY, **asked)
    assert operations.perform(actor=MACHINE, job_id=job.pk).state == Job.State.DONE


def supplier(code: str) -> Scope:
    return Scope(suppliers=frozenset({Party.objects.get(code=code).pk}))


def wanted() -> set[tuple[tuple[str, str], ...]]:
    """The filters of the three that are planted."""
    months = ((cause, month_of(cause, LAST_DAY)) for cause in CAUSES)
    found = (cause.filters | ({"commissioned": f"{month:%Y-%m}"} if month else {}) for cause, month in months)
    return {tuple(sorted(filters.items())) for filters in found}


def test_the_three_causes_of_a_made_market_are_found_and_no_other(made):
    found = queries.causes(scope=EVERYTHING, filters=MISMATCHES).found

    assert {tuple(sorted(one.filters.items())) for one in found.strongest} == wanted()
    assert all(one.found.interval[0] > 5 for one in found.strongest)
    for one in [*found.strongest, *(one for chart in found.charts for one in chart.clear)]:
        rows = queries.discrepancy_list(scope=EVERYTHING, filters={**MISMATCHES, "comparable": "yes", **one.filters})
        assert rows.total == one.found.wrong == rows.rows.count()
    theirs = queries.causes(scope=supplier("ROOK"), filters=MISMATCHES).found
    assert {chart.points for chart in theirs.charts if chart.facet.code == "network"} == {
        queries.overview(scope=supplier("ROOK")).points
    }


def meter(number: int, **facts) -> dict:
    return {"device_id": f"{number}", "device_type": "ESME", "mpxn": 1000000000000 + number, "role": "import"} | facts


@pytest.fixture
def small(lake_dir):
    """Two hundred points of two suppliers, in which one model of the first is always wrong."""
    numbers = range(200)
    model = ["\x1f".join(["SMETS V2.0", "Maker", f"M{n % 4}", f"0{n % 3}", "North"]) for n in numbers]
    flags = [
        {
            "mpxn": 1000000000000 + n,
            "flag": "N" if n % 4 == 1 and n < 100 else "A",
            "network": "10",
            "supplier": "SUPA" if n < 100 else "SUPB",
            "postcode_area": "CB",
        }
        for n in numbers
    ]
    put("flags", "full", DAY, flags)
    meters = [meter(n, status="Commissioned", status_from=DAY, description=model[n]) for n in numbers]
    put("devices", "full", DAY, meters)
    return reconcile(DAY)


def test_a_supplier_sees_the_causes_of_its_own_points_only(small):
    ours, theirs = (queries.causes(scope=supplier(code), filters={}).found for code in ("SUPA", "SUPB"))

    assert [(one.filters, one.found.wrong, one.found.points) for one in ours.strongest] == [
        ({"manufacturer": "Maker", "model": "M1"}, 25, 25)
    ]
    assert (theirs.total, theirs.comparable, list(theirs.strongest)) == (0, 0, [])
    assert queries.causes(scope=Scope(), filters={}).found.total == 0


def test_points_are_narrowed_like_the_wrong_ones(small):
    whole, part = (queries.causes(scope=EVERYTHING, filters=asked).found for asked in ({}, {"firmware": "01"}))

    assert [chart.points for chart in whole.charts if chart.facet.code == "model"] == [200]
    assert [chart.points for chart in part.charts if chart.facet.code == "model"] == [67]
    assert {chart.facet.code for chart in part.charts if chart.not_known} == {
        *("postcode_area", "supplier", "network", "commissioned")
    }


def test_what_only_the_inventory_knows_is_in_the_list_and_is_not_compared(small):
    put("devices", "full", DAY, [meter(900, status="Commissioned", status_from=DAY)])
    reconcile(DAY)

    found = queries.causes(scope=EVERYTHING, filters={"rule": ["SMI_ONLY"]}).found

    assert (found.total, found.comparable) == (1, 0)


@pytest.mark.a_folder
def test_a_run_without_its_counts_says_so_and_another_try_counts_them(small):
    (settings.LAKE_DIR / small.snapshot / store.KINDS).unlink()

    with pytest.raises(Damaged, match="Make a run anew"):
        _ = queries.causes(scope=EVERYTHING, filters={}).found

    Run.objects.filter(pk=small.pk).update(checksums={store.ROWS: small.checksums[store.ROWS]})
    reconcile(DAY)
    assert queries.causes(scope=EVERYTHING, filters={}).found.total == 25


def test_a_filter_that_cannot_be_read_finds_no_cause(small):
    found = queries.causes(scope=EVERYTHING, filters={"commissioned": "2024-13"})

    assert found.problem == "Month of commissioning: a month such as 2024-03."
    assert found.found.total == 0
