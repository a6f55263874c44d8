"""Alerts of a withdrawn file leave the queue and the evidence; what people did with their lines stays."""

import pytest

from reconcile.ledger import alerting, operations, queries
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.queries import AlertsAsked
from reconcile.models import AlertLine, AlertVersion, Extract, Party
from tests.ledger.market import put, reconcile

from .test_triage import FIRST, GONE, LIVE, NOON, NOW, PAUSED, alert, flag, meter, points

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
    act(actor=MACHINE, extract_id=extract.pk, reason="of a test", now=NOW)


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
