"""Alerts of a withdrawn file leave the queue and the evidence; what people did with their lines stays."""

from datetime import timedelta

import pytest

from reconcile.ledger import alerting, operations, queries, retention
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.queries import AlertsAsked
from reconcile.models import AlertLine, AlertVersion, Discrepancy, Extract, Party
from tests.ledger.market import put, reconcile

from .test_triage import FIRST, GONE, LIVE, NOON, NOW, PAUSED, alert, device, flag, meter, points

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    put("flags", "full", FIRST, [flag(LIVE), flag(GONE, "N"), flag(PAUSED), *(flag(one) for one in points(6))])
    put("devices", "full", FIRST, [meter(1, LIVE), *(meter(10 + n, one) for n, one in enumerate(points(6)))])


def load(*alerts: dict) -> Extract:
    extract = put("alerts", "delta", NOON.date(), list(alerts))
    alerting.refresh(now=NOW)
    return extract


def mark(extract: Extract, *, withdrawn: bool = True) -> None:
    act = operations.withdraw if withdrawn else operations.take_back
    job = act(actor=MACHINE, extract_id=extract.pk, reason="of a test", now=NOW).job
    assert operations.perform(actor=MACHINE, job_id=job.pk).state == "done"


def queue(state: str = "open") -> list[tuple]:
    asked = AlertsAsked(state=state)
    return [(one.mpxn, one.alerts) for one in queries.alert_queue(actor=MACHINE, asked=asked).lines.order_by("id")]


def csv_rows() -> list[str]:
    return [row[4] for row in queries.alert_rows(actor=MACHINE, asked=AlertsAsked(state="all"))][1:]


def test_a_withdrawn_files_alerts_leave_and_come_back_when_that_is_taken_back(market):
    load(alert(LIVE))
    wrong = load(alert(LIVE, after=1), alert(GONE, after=60))
    assert queue() == [(LIVE, 2), (GONE, 1)]

    mark(wrong)

    assert queue() == [(LIVE, 1)] and csv_rows() == [str(LIVE)]
    closed = AlertLine.objects.get(state="closed")
    assert (closed.mpxn, closed.outcome) == (GONE, "File withdrawn")
    assert queries.alert_line(actor=MACHINE, line_id=closed.pk).past[0].entry.name == MACHINE.name

    mark(wrong, withdrawn=False)
    assert queue() == [(LIVE, 2), (GONE, 1)]
    assert len(csv_rows()) == 3


def test_whoever_withdraws_a_file_does_not_wait_for_the_queue(market, monkeypatch):
    wrong = load(alert(GONE))
    judged: list[int] = []
    monkeypatch.setattr(alerting.taking_in.judging, "judge", lambda *given, **more: judged.append(1))

    marked = operations.withdraw(actor=MACHINE, extract_id=wrong.pk, reason="of a test", now=NOW)

    assert (marked.job.kind, marked.job.state, marked.job.by_machine) == ("alerts", "queued", True)
    assert judged == [] and csv_rows() == []


def test_a_withdrawn_extract_of_registration_leaves_the_queue_to_the_next_run(market):
    marked = operations.withdraw(actor=MACHINE, extract_id=Extract.objects.first().pk, reason="of a test", now=NOW)

    assert marked.job is None


def test_what_another_file_tells_too_stays(market):
    wrong = load(alert(LIVE), alert(GONE, after=60))
    right = load(alert(LIVE))

    mark(wrong)

    assert queue() == [(LIVE, 1)]
    assert queries.alert_line(actor=MACHINE, line_id=AlertLine.objects.get(mpxn=LIVE).pk).members.get().extract == right


def test_a_corrected_file_takes_over_what_people_closed(market):
    wrong = load(alert(LIVE))
    AlertLine.objects.update(state="closed", outcome="Crew sent", version=_worked(AlertLine.objects.get()))

    mark(wrong)
    load(alert(LIVE))

    assert (AlertLine.objects.get(state="closed").outcome, csv_rows()) == ("Crew sent", [str(LIVE)])
    assert queue() == []


def _worked(line: AlertLine) -> AlertVersion:
    entry = operations.note(actor=MACHINE, what="alerts closed", now=NOW, party=Party.objects.first().pk)
    return AlertVersion.objects.create(entry=entry, line=line, state="closed", outcome="Crew sent")


def test_a_storm_loses_the_points_of_a_withdrawn_file(market):
    load(*(alert(one, after=n / 2) for n, one in enumerate(points(5))))
    wrong = load(alert(points(6)[5], after=1.2))
    assert queue() == [(None, 6)]

    mark(wrong)

    assert [(line.kind, line.points) for line in AlertLine.objects.exclude(state="closed")] == [("area", 5)]


def test_the_evidence_forgets_them(market):
    wrong = load(alert(GONE))
    assert reconcile(NOON.date()).mismatches == 2

    mark(wrong)

    run = reconcile(NOON.date())
    assert run.mismatches == 1 and not run.inputs.filter(extract=wrong).exists()


@pytest.fixture
def two_months(market, settings):
    """Alerts, a plan and a read of two months ago, and what came since; only the last week is kept by its age."""
    settings.KEEP_DAYS, settings.KEEP_MONTHS, settings.SILENT_AFTER_DAYS = 7, 0, 35
    long_ago = NOON - timedelta(days=60)
    put("devices", "full", long_ago.date(), [])
    described = meter(10, points(1)[0], description="\x1f".join(("V4", "Cedar", "CD1", "02.10")))
    put("devices", "full", NOON.date() - timedelta(days=1), [meter(1, LIVE), described])
    plan = {"manufacturer": "Cedar", "model": None, "firmware": "02.10"}
    plan |= {"starts": long_ago - timedelta(hours=1), "ends": long_ago + timedelta(hours=1)}
    put("firmware_updates", "delta", long_ago.date(), [plan])
    put(
        "alerts",
        "delta",
        long_ago.date(),
        [alert(points(1)[0], after=-60 * 24 * 60), alert(PAUSED, "AD1", -59 * 24 * 60)],
    )
    read = {"device_id": device(1), "read_at": long_ago, "source": "ESME", "clock": "reliable"}
    put("reads", "delta", long_ago.date(), [read])
    alerting.refresh(now=NOW - timedelta(days=60))
    load(alert(GONE), alert(LIVE, after=60))


def test_nothing_of_the_queue_or_of_the_evidence_goes_when_files_are_thinned(two_months):
    reconcile(NOON.date())
    alerting.refresh(now=NOW)
    told, shown = (
        csv_rows(),
        list(AlertLine.objects.order_by("id").values("kind", "label", "why", "waiting", "triaged")),
    )
    wrong = list(Discrepancy.objects.filter(resolved_on=None).order_by("id").values_list("rule", "mpxn"))
    assert {"firmware", "single"} == {line["kind"] for line in shown} and ("A_SILENT", LIVE) in wrong

    retention.thin(now=NOW)

    gone = Extract.objects.exclude(thinned_at=None)
    assert sorted(gone.values_list("table", flat=True)) == ["alerts", "devices"]
    again = put("alerts", "delta", NOON.date(), [alert(LIVE, after=61)])
    alerting.refresh(now=NOW)
    assert csv_rows() == [*told, str(LIVE)]
    operations.withdraw(actor=MACHINE, extract_id=again.pk, reason="of a test", now=NOW)
    alerting.refresh(now=NOW)
    assert csv_rows() == told
    assert list(AlertLine.objects.order_by("id").values("kind", "label", "why", "waiting", "triaged")) == shown
    reconcile(NOON.date())
    assert list(Discrepancy.objects.filter(resolved_on=None).order_by("id").values_list("rule", "mpxn")) == wrong
