"""What alerts say about flags: a run finds it, one Meter Point's page says the same, and quiet mends it."""

from datetime import date, datetime, timedelta

import pytest

from reconcile.domain.mp077 import MP077
from reconcile.lake.trace import trace
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.inputs import of_run
from reconcile.ledger.queries.points import standing_at
from reconcile.models import Discrepancy, Run
from reconcile.web import answers
from tests.ledger.market import put, reconcile

from .test_triage import EMPTY, GONE, LIVE, NOBODY, PAUSED, WAITING, device, flag, meter

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
DAY = date(2026, 11, 15)
MORNING = datetime(2026, 11, 14, 8)
OF_ALERTS = ("ALERTS_UNFLAGGED", "ALERT_ELSEWHERE")


def alert(
    mpxn: int | None, code: str = "AD1", *, sent_at: datetime = MORNING, number: int | None = None, **more
) -> dict:
    return {"sent_at": sent_at, "code": code, "mpxn": mpxn, "device_id": device(number) if number else None, **more}


def found(run: Run) -> set[tuple[int, str]]:
    """What stands open of these rules after a run; what each Meter Point's own judgement says is held to it."""
    standing = set(Discrepancy.objects.filter(rule__in=OF_ALERTS, resolved_on=None).values_list("mpxn", "rule"))
    inputs = of_run(run).inputs
    for mpxn in (LIVE, GONE, WAITING, PAUSED, EMPTY):
        told = trace(inputs, MP077, mpxn, standing_at(mpxn))
        assert {rule for rule in told.rules if rule in OF_ALERTS} == {rule for at, rule in standing if at == mpxn}, mpxn
    return standing


@pytest.fixture
def market():
    """A live meter under A, one under N since long, one under N since today, none under no flag, one under A."""
    rows = [flag(LIVE), flag(GONE, "N"), flag(WAITING, "N"), flag(EMPTY, None), flag(PAUSED)]
    rows[1]["flag_from"], rows[2]["flag_from"] = date(2024, 1, 1), DAY
    put("flags", "full", DAY, rows)
    put("devices", "full", DAY, [
        {**meter(1, LIVE), "status_from": date(2024, 1, 1)}, meter(2, GONE, "Decommissioned"), meter(5, PAUSED),
    ])  # fmt: skip


def test_alerts_from_points_without_a_flag_are_a_mismatch(market):
    put("alerts", "delta", DAY, [alert(LIVE), alert(GONE), alert(WAITING), alert(EMPTY, "8002"), alert(NOBODY)])

    run = reconcile(DAY)

    assert found(run) == {(GONE, "ALERTS_UNFLAGGED"), (EMPTY, "ALERTS_UNFLAGGED")}
    assert Discrepancy.objects.get(rule="ALERTS_UNFLAGGED", mpxn=GONE).severity == "high"


def test_the_meter_point_says_that_alerts_come_although_its_meters_expect_the_flag(market):
    put("alerts", "delta", DAY, [alert(GONE), alert(EMPTY)])
    reconcile(DAY)

    told = [answers.flag(queries.meter_point(scope=EVERYTHING, mpxn=mpxn)) for mpxn in (GONE, EMPTY)]

    assert [(one.capitals, one.more) for one in told] == [
        ("RIGHT", "N; but alerts come from it"),
        ("LEFT OPEN", "none; the code does not say which flag is right; but alerts come from it"),
    ]


def test_an_alert_without_a_number_is_of_the_point_where_its_device_is(market):
    put("alerts", "delta", DAY, [alert(None, "8F35", number=2)])
    assert found(reconcile(DAY)) == {(GONE, "ALERTS_UNFLAGGED")}


@pytest.mark.parametrize(
    "told",
    [
        alert(GONE, "N24"),
        alert(GONE, "N2", change="MeterDecommissioningOrWithdrawal"),
        alert(GONE, sent_at=MORNING - timedelta(days=40)),
        alert(GONE, sent_at=MORNING + timedelta(days=3)),
        alert(GONE, sent_at=datetime(2024, 1, 1, 8)),
    ],
)
def test_what_is_no_sign_of_life_of_late_says_nothing(market, told):
    put("alerts", "delta", DAY, [told])
    assert found(reconcile(DAY)) == set()


def test_alerts_from_a_device_that_the_inventory_has_elsewhere(market):
    put("alerts", "delta", DAY, [alert(PAUSED, "8F35", number=1), alert(EMPTY, "8F35", number=99)])

    run = reconcile(DAY)

    # It says nothing of the flag there: whoever is live is so at another point. A device that nobody knows says more.
    assert found(run) == {(PAUSED, "ALERT_ELSEWHERE"), (EMPTY, "ALERTS_UNFLAGGED")}


def test_a_device_that_was_moved_since_spoke_from_where_it_was(market):
    put("alerts", "delta", DAY, [
        alert(PAUSED, "8F35", number=1, sent_at=MORNING - timedelta(hours=1)), alert(LIVE, "8F35", number=1),
    ])  # fmt: skip
    assert found(reconcile(DAY)) == set()


def test_quiet_mends_it(market):
    put("alerts", "delta", DAY, [alert(GONE)])
    first = reconcile(DAY)
    later = DAY + timedelta(days=30)
    put("flags", "full", later, [flag(LIVE), {**flag(GONE, "N"), "flag_from": date(2024, 1, 1)}])
    put("devices", "full", later, [meter(1, LIVE), meter(2, GONE, "Decommissioned")])

    second = reconcile(later)

    assert first.mismatches == second.mismatches + 1
    assert Discrepancy.objects.get(rule="ALERTS_UNFLAGGED").resolved_on == later
