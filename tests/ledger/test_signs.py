"""A late timer, a silent worker and a full disk are seen; a clock that is set back hides no lost job."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as product

from reconcile.ledger import heartbeat, jobs, operations, queries
from reconcile.ledger.actors import MACHINE, NOBODY, NotAllowed
from reconcile.models import Job

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LONG = timedelta(seconds=product.LOST_AFTER_SECONDS + 60)


def part(name: str, now: datetime = NOW) -> str | None:
    return queries.health(now=now, parts=(name,)).parts[name]


def test_a_job_that_lost_its_worker_before_the_clock_was_set_back_is_found():
    job = operations.start_tidy(actor=MACHINE, now=NOW)
    jobs.claim(job.pk, NOW + timedelta(hours=5))

    assert operations.requeue_lost(actor=MACHINE, now=NOW) == []
    waiting = operations.requeue_lost(actor=MACHINE, now=NOW + LONG)

    assert [one.pk for one in waiting] == [job.pk]


def test_a_job_whose_worker_lives_stays_when_the_clock_is_set_back():
    job = operations.start_tidy(actor=MACHINE, now=NOW)
    at_work = jobs.claim(job.pk, NOW + timedelta(hours=5))
    operations.requeue_lost(actor=MACHINE, now=NOW)
    heartbeat.beat(at_work, NOW + LONG)

    assert operations.requeue_lost(actor=MACHINE, now=NOW + LONG) == []
    assert Job.objects.get(pk=job.pk).state == Job.State.RUNNING


def test_the_timer_and_each_worker_are_missed_by_themselves():
    for name in (heartbeat.CLOCK, "worker one", "worker two"):
        operations.sign_life(actor=MACHINE, part=name, now=NOW)
    assert (part("timer"), part("worker")) == ("", "")

    operations.sign_life(actor=MACHINE, part="worker one", now=NOW + LONG)
    assert part("timer", NOW + LONG) == "The timer is late: nothing looks for lost jobs."
    assert part("worker", NOW + LONG) == "1 of 2 workers gave no sign of life lately."

    operations.sign_life(actor=MACHINE, part="worker two", now=None)
    assert part("worker", NOW + LONG) == ""


def test_a_sign_from_a_time_to_come_is_no_sign():
    operations.sign_life(actor=MACHINE, part=heartbeat.CLOCK, now=NOW + timedelta(days=1))

    assert part("timer") == "The timer is late: nothing looks for lost jobs."


def test_a_disk_that_fills_up_is_said_before_it_is_full(settings):
    settings.MIN_FREE_PERCENT = 0
    assert part("disk") == ""

    settings.MIN_FREE_PERCENT = 100
    assert part("disk") == "Less than 100 % of a disk are free (MIN_FREE_PERCENT)."


def test_the_figures_are_there_for_those_who_may_see_them():
    operations.start_tidy(actor=MACHINE, now=NOW - timedelta(seconds=90))
    operations.sign_life(actor=MACHINE, part=heartbeat.CLOCK, now=NOW - timedelta(seconds=7))

    lines = queries.metrics(actor=MACHINE, now=NOW).splitlines()

    assert {
        'dccflags_up{part="database"} 1',
        'dccflags_up{part="redis"} 0',
        'dccflags_sign_age_seconds{part="clock"} 7',
        'dccflags_jobs{state="queued"} 1',
        "dccflags_oldest_queued_seconds 90",
        "dccflags_damaged_snapshots 0",
    } <= set(lines)
    assert all(line.startswith(("# HELP ", "# TYPE ", "dccflags_")) for line in lines)
    with pytest.raises(NotAllowed):
        queries.metrics(actor=NOBODY, now=NOW)


@pytest.mark.parametrize(("given", "status"), [("Bearer right", 200), ("Bearer wrong", 302), ("Bearer ", 302)])
def test_a_program_reads_them_with_a_token(client, settings, given, status):
    settings.METRICS_TOKEN = "right"

    assert client.get("/metrics/", headers={"Authorization": given}).status_code == status


def test_without_a_token_in_the_settings_none_is_right(client):
    assert client.get("/metrics/", headers={"Authorization": "Bearer "}).status_code == 302
