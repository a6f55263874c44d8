"""Alerts of changes of status: on the timeline of their Meter Point, and against what an older inventory says."""

import csv
from datetime import date, datetime

import pytest
from django.http import QueryDict

from reconcile.domain.alerts import CHANGES, status_after
from reconcile.domain.timeline import Lane
from reconcile.ledger import alerting, export, operations, queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import MACHINE
from reconcile.models import Contradiction, Discrepancy
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
    assert queries.explained(scope=EVERYTHING, mpxn=GONE)["findings"][0]["contradicted_on"] == "2026-11-22"

    put("devices", "full", date(2026, 11, 23), [meter(2, GONE)])
    reconcile(date(2026, 11, 23))
    alerting.refresh(now=NOW)
    assert not Contradiction.objects.exists()


@pytest.fixture
def removed():
    """A commissioned meter under A, and one of which an alert of the next day says that it was removed."""
    put("flags", "full", DAY, [flag(LIVE), flag(GONE)])
    put("devices", "full", DAY, [meter(1, LIVE), meter(2, GONE)])
    sent_at = datetime(2026, 11, 22, 9)
    return put("alerts", "delta", sent_at.date(), [change(GONE, 2, "MeterDecommissioningOrWithdrawal", sent_at)])


def test_alerts_join_a_run_as_updates_of_devices_where_the_setting_says_so(removed, settings):
    day = date(2026, 11, 22)
    without = reconcile(day)
    settings.ALERTS_UPDATE_DEVICES = True

    run = reconcile(day)

    assert (without.in_flight, run.in_flight) == (0, 1) and without.inputs_key != run.inputs_key
    assert run.inputs.filter(extract=removed).exists()
    settings.ALERTS_UPDATE_DEVICES = False
    point = queries.meter_point(scope=EVERYTHING, mpxn=GONE)
    assert (point.wrong.rule.code, point.wrong.discrepancy.latest_status_from) == ("A_REMOVED", day)
    assert [(one.status, one.status_from, one.changed_on) for one in point.trace.devices] == [
        ("Decommissioned", day, day)
    ]
    (words,) = (words for title, words in point.trace.steps if title == "Inventory")
    assert f"An alert of 22 Nov 2026 says that {device(2)} is Decommissioned, since the inventory." in words
    assert removed in [one.extract for one in point.sources if one.used]
    assert queries.meter_point(scope=EVERYTHING, mpxn=LIVE).wrong is None


def test_a_file_of_alerts_that_is_withdrawn_changes_no_device_any_more(removed, settings):
    settings.ALERTS_UPDATE_DEVICES = True
    reconcile(date(2026, 11, 22))

    operations.withdraw(actor=MACHINE, extract_id=removed.pk, reason="of a test", now=NOW)
    run = reconcile(date(2026, 11, 22))

    assert run.in_flight == 0
    row = Discrepancy.objects.get(rule="A_REMOVED", mpxn=GONE)
    assert row.resolved_on is not None and row.unfounded


def test_what_an_alert_told_before_an_update_of_its_device_counts_no_more(removed, settings):
    settings.ALERTS_UPDATE_DEVICES = True
    put("devices", "delta", date(2026, 11, 23), [meter(2, GONE)])

    assert reconcile(date(2026, 11, 23)).in_flight == 0


def test_every_form_says_which_status_follows_or_none():
    told = {form: status_after("N2", form) for form in CHANGES}

    assert {form for form, status in told.items() if status is None} == {"CHFDecommissioning", "DeviceRestored"}
    assert (status_after("8F69", ""), status_after("N2", ""), status_after("N2", "Whatever")) == (
        "Commissioned",
        None,
        None,
    )
