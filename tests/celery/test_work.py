"""Work on many rows is done once or not at all, whatever dies in its middle and however often it is asked for."""

import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from reconcile import tasks
from reconcile.domain.rules import RULES, discrepancy_id
from reconcile.domain.work import Act
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.cohorts import Frozen
from reconcile.ledger.inputs import latest_run
from reconcile.ledger.working import Change, Selection
from reconcile.models import AuditEntry, Cohort, CohortMember, Discrepancy, Job, Raising, WorkItem, WorkVersion
from tests import machine
from tests.work.desk import DAY, RULE, Office, open_office

ROWS = 20_000


def crowded() -> Office:
    """An office whose queue takes a while."""
    office = open_office(count=0)
    Discrepancy.objects.bulk_create(
        [
            Discrepancy(
                id=discrepancy_id(1_000_000_000_000 + place, RULE), mpxn=1_000_000_000_000 + place, rule=RULE,
                severity=RULES[RULE].severity, network=office.parties["network"], supplier=office.parties["supplier"],
                flag="N", expected="A", mask=8, meters=1, in_flight=False, fingerprint=0, first_seen=DAY, opened_on=DAY,
                opened_as="new",
            )
            for place in range(ROWS)
        ],
        batch_size=2000,
    )  # fmt: skip
    return office


@pytest.fixture(autouse=True)
def own_lake(empty_machine) -> None:
    """The lake is this database's, although it holds nothing of the office's run."""
    operations.own_lake(actor=MACHINE, take=True)


def everything(office: Office, change: Change, request: str = "") -> Any:
    of = Selection(run=latest_run().pk, count=ROWS)
    return operations.work_on(actor=office.actor("bob"), asked=change, of=of, request=request, now=timezone.now())


def test_work_whose_worker_dies_is_done_by_the_next_once_and_whole(start_worker):
    office, first = crowded(), start_worker()
    job = tasks.send(everything(office, Change(Act.RAISE, to="network")))
    of = Selection(run=latest_run().pk, count=ROWS)
    freezing = tasks.send(operations.freeze(actor=office.actor("ann"), name="All", rows=Frozen(of), now=timezone.now()))

    def begun() -> bool:
        return Job.objects.filter(percent__gte=10).count() == 2

    machine.until(begun, every=0.002)
    first.signal_group(signal.SIGKILL)
    first.end()

    # All of it or nothing: a quick machine may have been done before it was caught.
    raised = AuditEntry.objects.filter(what="raised").count()
    left = WorkVersion.objects.count(), WorkItem.objects.count(), Raising.objects.count(), raised
    assert left in {(0, 0, 0, 0), (ROWS, ROWS, 1, 1)}
    assert (Cohort.objects.count(), CohortMember.objects.count()) in {(0, 0), (1, ROWS)}
    time.sleep(machine.LOST_AFTER_SECONDS)
    start_worker()

    machine.until(lambda: Job.objects.filter(state=Job.State.DONE).count() == 2)
    assert WorkVersion.objects.count() == WorkItem.objects.filter(state="raised").count() == ROWS
    assert (Raising.objects.count(), AuditEntry.objects.filter(what="raised").count()) == (1, 1)
    assert (Cohort.objects.get().size, CohortMember.objects.count()) == (ROWS, ROWS)
    job.refresh_from_db()
    freezing.refresh_from_db()
    assert (job.result["changed"], freezing.result["frozen"]) == (ROWS, ROWS)
    assert AuditEntry.objects.count() == 2


def at_once(do: Callable[[], Any]) -> list[Any]:
    """The same, asked for by two connections in the same moment."""
    barrier = Barrier(2)

    def ask() -> Any:
        try:
            barrier.wait()
            return do()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        return [one.result() for one in [both.submit(ask), both.submit(ask)]]


def test_a_double_click_is_done_once(empty_machine):
    office = open_office(count=4)
    bob, named = office.actor("bob"), Selection(tuple(office.ids[:2]))

    def click() -> Any:
        change = Change(Act.NOTE, words="Once")
        return operations.work_on(actor=bob, asked=change, of=named, request="named", now=timezone.now())

    first, second = at_once(click)

    assert first == second
    assert list(AuditEntry.objects.values_list("what", "rows")) == [("noted", 2)]


def test_a_double_click_makes_one_job(empty_machine):
    office = open_office(count=4)
    bob, of = office.actor("bob"), Selection(run=latest_run().pk, count=4)

    def click(request: str) -> Any:
        change = Change(Act.ASSIGN, assignee="bob")
        return operations.work_on(actor=bob, asked=change, of=of, request=request, now=timezone.now())

    for request in ("one", "two", "three"):
        first, second = at_once(partial(click, request))
        assert first == second
        assert operations.perform(actor=MACHINE, job_id=first.pk).state == Job.State.DONE

    assert list(Job.objects.order_by("pk").values_list("request", flat=True)) == ["one", "two", "three"]
    assert list(AuditEntry.objects.values_list("what", "rows")) == [("assigned", 4)] * 3


def test_the_database_takes_a_request_of_a_person_once(empty_machine):
    office = open_office(count=0)
    ann, bob = (office.actor(name).person for name in ("ann", "bob"))
    named = {"kind": "work", "created_at": timezone.now(), "request": "a key"}
    for person in (ann, bob, None, None):
        Job.objects.create(requested_by=person, **named)

    with pytest.raises(IntegrityError):
        Job.objects.create(requested_by=bob, **named)
