"""A file that does not come is noticed: how often one comes is learnt or set, and late and overdue are said."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING, Scope
from reconcile.models import Extract, Party

from .market import put, reconcile

pytestmark = pytest.mark.django_db
FIRST = date(2025, 1, 6)
POINTS = {"10": 1000000000012, "12": 1200000000011}


def weekly(weeks: int, *networks: str, inventory: bool = True) -> date:
    """So many weekly extracts of networks, and inventories; gives the last day."""
    for week in range(weeks):
        day = FIRST + timedelta(weeks=week)
        for network in networks:
            put("flags", "full", day, [{"mpxn": POINTS[network], "flag": "A", "network": network}])
        if inventory:
            put("devices", "full", day, [])
    return day


def states(day: date, scope: Scope = EVERYTHING) -> dict[str, str]:
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return {one.network: one.state for one in queries.feeds(scope=scope, now=now)}


@pytest.mark.parametrize(
    "days, state", [(0, "on time"), (7, "on time"), (11, "on time"), (12, "late"), (21, "late"), (22, "overdue")]
)
def test_a_weekly_file_is_late_after_half_a_week_more_and_overdue_after_three(days, state):
    last = weekly(4, "10")

    assert states(last + timedelta(days=days)) == {"": state, "10": state}


def test_each_network_has_a_rhythm_of_its_own():
    last = weekly(4, "10", "12")
    for days in range(1, 15):
        put("flags", "full", last + timedelta(days=days), [{"mpxn": POINTS["10"], "flag": "A", "network": "10"}])

    found = queries.feeds(scope=EVERYTHING, now=datetime(2025, 2, 12, 12, tzinfo=UTC))

    assert [(one.network, one.every, one.state) for one in found] == [
        ("", 7, "late"), ("12", 7, "late"), ("10", 1, "on time")
    ]  # fmt: skip


@pytest.mark.parametrize("days, state", [(35, "on time"), (36, "overdue")])
def test_of_what_came_once_only_what_no_run_reads_any_more_is_overdue(days, state):
    last = weekly(1, "10")

    assert states(last + timedelta(days=days))["10"] == state


def test_the_rhythm_can_be_set(settings):
    settings.FEED_DAYS = 1
    last = weekly(1, "10")

    assert states(last + timedelta(days=3))["10"] == "late"


def test_what_is_still_to_come_or_was_withdrawn_has_not_come():
    last = weekly(4, "10")
    ahead = put("flags", "full", last + timedelta(days=400), [{"mpxn": POINTS["10"], "flag": "A", "network": "10"}])
    put("flags", "full", last + timedelta(days=7), [{"mpxn": POINTS["10"], "flag": "A", "network": "10"}])
    Extract.objects.exclude(pk=ahead.pk).filter(as_of__gt=last).update(withdrawn_at=datetime(2025, 2, 5, tzinfo=UTC))

    assert states(last + timedelta(days=12))["10"] == "late"


def test_people_see_the_feeds_of_their_networks_and_the_inventory():
    last = weekly(2, "10", "12")
    own = Scope(networks=frozenset({Party.objects.get(code="12").pk}))

    assert states(last, own).keys() == {"", "12"}
    assert states(last, Scope()) == {}


def test_the_command_exits_with_1_where_a_file_is_late():
    last = weekly(3, "10")
    reconcile(last)
    said = StringIO()

    with pytest.raises(CommandError, match=r"^2 of 2 feeds are late") as failed:
        call_command("feeds", "--json", stdout=said)

    assert failed.value.returncode == 1
    assert {feed["state"] for feed in json.loads(said.getvalue())["feeds"]} == {"overdue"}
