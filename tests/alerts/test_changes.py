"""Alerts of changes of status: on the timeline of their Meter Point, and against what an older inventory says."""

import csv
from datetime import date, datetime

import pytest
from django.http import QueryDict

from reconcile.domain.alerts import CHANGES, status_after
from reconcile.domain.timeline import Lane
from reconcile.ledger import alerting, export, queries
from reconcile.ledger.access import EVERYTHING
from reconcile.models import Contradiction
from tests.ledger.market import put, reconcile

from .test_triage import GONE, LIVE, NOW, WAITING, device, flag, meter

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)


def change(mpxn: int, number: int, form: str, sent_at: datetime) -> dict:
    return {"sent_at": sent_at, "code": "N2", "mpxn": mpxn, "device_id": device(number), "change": form}


@pytest.mark.parametrize(
    "form, sent_at, contradicted",
    [
        ("MeterDecommissioningOrWithdrawal", datetime(2026, 11, 21, 9), True),
        ("MeterDecommissioningOrWithdrawal", datetime(2026, 11, 20, 9), False),
        ("DeviceRestored", datetime(2026, 11, 21, 9), False),
        ("MeterIdentity", datetime(2026, 11, 21, 9), False),
    ],
)
def test_a_finding_is_contradicted_by_an_alert_since_the_inventory(form, sent_at, contradicted):
    put("flags", "full", DAY, [flag(LIVE, "N"), flag(GONE)])
    put("devices", "full", DAY, [meter(1, LIVE), meter(2, GONE)])
    reconcile(DAY)
    put("alerts", "delta", sent_at.date(), [change(LIVE, 1, form, sent_at)])
    alerting.refresh(now=NOW)

    point = queries.meter_point(scope=EVERYTHING, mpxn=LIVE)

    assert point.wrong.rule.code == "N_COMMISSIONED"
    assert (point.wrong.contradiction is not None) == contradicted
    assert [(one.value, one.since) for one in point.of_lane(Lane.ALERT)] == [(CHANGES[form].words, sent_at.date())]
    assert Contradiction.objects.count() == contradicted


def test_every_list_tells_the_same_of_it(tmp_path):
    put("flags", "full", DAY, [flag(LIVE, "N"), flag(GONE, "N"), flag(WAITING)])
    put("devices", "full", DAY, [meter(1, LIVE), meter(2, GONE), meter(3, WAITING)])
    reconcile(DAY)
    told = [
        change(LIVE, 1, "DeviceSuspended", datetime(2026, 11, 21, 8)),
        change(LIVE, 1, "DeviceRestored", datetime(2026, 11, 21, 9)),
        {**change(GONE, 2, "DeviceRemovedFromInventory", datetime(2026, 11, 22, 9)), "mpxn": None},
        change(WAITING, 3, "MeterIdentity", datetime(2026, 11, 22, 9)),
    ]
    put("alerts", "delta", NOW.date(), told)

    alerting.refresh(now=NOW)

    day = date(2026, 11, 22)
    listed = queries.discrepancies(scope=EVERYTHING, filters=QueryDict("contradicted=yes"))
    assert [(one.mpxn, one.contradicted_on) for one in listed] == [(GONE, day)]
    export.export(target=tmp_path / "all.csv", query="", run=None, scope=EVERYTHING, now=NOW, report=lambda *_: None)
    with (tmp_path / "all.csv").open() as file:
        assert {row["mpxn"]: row["contradicted_on"] for row in csv.DictReader(file)} == {
            str(LIVE): "", str(GONE): "2026-11-22",
        }  # fmt: skip
    assert queries.meter_point(scope=EVERYTHING, mpxn=GONE).as_json()["findings"][0]["contradicted_on"] == "2026-11-22"

    put("devices", "full", date(2026, 11, 23), [meter(2, GONE)])
    reconcile(date(2026, 11, 23))
    alerting.refresh(now=NOW)
    assert not Contradiction.objects.exists()


def test_every_form_says_which_status_follows_or_none():
    told = {form: status_after("N2", form) for form in CHANGES}

    assert {form for form, status in told.items() if status is None} == {"CHFDecommissioning", "DeviceRestored"}
    assert (status_after("8F69", ""), status_after("N2", ""), status_after("N2", "Whatever")) == (
        "Commissioned",
        None,
        None,
    )
