"""Data dated after today is held for a person's word, and is nobody's newest: no later week is a look-back for it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from reconcile.domain.days import today
from reconcile.domain.mp077 import MP077
from reconcile.ledger import guards, loading, operations, record, retention
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.guards import Approval, Held
from reconcile.models import Discrepancy, Extract, Run

from .market import put

# Which day it is, is told by the clock and by files; test_held asks PostgreSQL to hold and to let pass.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
TODAY = date(2025, 3, 3)
NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
WRONG = date(2062, 3, 3)
POINT = 1000000000012


def flags(as_of: date, flag: str = "A") -> Extract:
    return put("flags", "full", as_of, [{"mpxn": POINT, "flag": flag, "network": "10"}])


def devices(as_of: date) -> Extract:
    return put("devices", "full", as_of, [])


def run(as_of: date, *, now: datetime = NOW, yes: bool = True) -> Run:
    return record.reconcile(
        as_of=as_of, policy=MP077, now=now, approval=Approval(every=yes), report=lambda stage, share: None
    )


@pytest.mark.parametrize(
    "moment, day",
    [
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 23, 0, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), date(2026, 12, 31)),
    ],
)
def test_today_is_the_day_in_london(moment, day):
    assert today(moment) == day


def load(path, *, now: datetime = NOW, yes: bool = False) -> dict:
    request = loading.Request(path=path, name=path.name, kind=None, as_of=None, coverage=None)
    return loading.load(
        request=request, by=MACHINE, now=now, approval=Approval(every=yes), report=lambda stage, share: None
    )


@pytest.fixture
def file_of_tomorrow(tmp_path):
    path = tmp_path / "registration_2025-07-02.csv"
    path.write_text("mpxn,dcc_service_flag,supplier\n1000000000012,A,SUPP\n")
    return path


@pytest.mark.parametrize("now, held", [("2025-07-01T22:59", True), ("2025-07-01T23:00", False)])
def test_a_file_dated_after_today_is_held(file_of_tomorrow, now, held):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)

    if held:
        with pytest.raises(Held, match=r"dated 2 Jul 2025, and today is 1 Jul 2025") as caught:
            load(file_of_tomorrow, now=moment)
        assert caught.value.as_json()[0]["guard"] == "date"
        assert not Extract.objects.exists()
    else:
        assert load(file_of_tomorrow, now=moment)["state"] == "loaded"


def test_a_person_may_let_a_file_of_a_day_to_come_pass(file_of_tomorrow):
    report = load(file_of_tomorrow, now=datetime(2025, 7, 1, 12, tzinfo=UTC), yes=True)

    assert any("after the day on which it was loaded" in words for words in report["warnings"])


def test_an_approval_is_for_so_many_days_to_come():
    guard = guards.to_come("The file", WRONG, TODAY)

    assert guard and not Approval(ceilings={"date": 7}).allows(guard)


def test_a_run_dated_after_today_is_held_and_writes_nothing():
    flags(WRONG)
    devices(WRONG)

    with pytest.raises(Held, match=r"The run is dated 3 Mar 2062"):
        run(WRONG, yes=False)

    assert not Run.objects.exists()


def test_a_run_dated_after_today_moves_no_state_and_no_later_run_is_a_look_back():
    flags(TODAY)
    devices(TODAY)
    run(TODAY)
    flags(WRONG, "N")

    ahead = run(WRONG)

    assert (ahead.kind, ahead.lookback) == ("look-ahead", True)
    assert Discrepancy.objects.get().resolved_on is None
    next_week = TODAY + timedelta(days=7)
    flags(next_week, "N")
    after = run(next_week, now=NOW + timedelta(days=7))
    assert (after.kind, after.resolved) == ("published", 1)


def test_a_run_that_was_made_ahead_is_made_when_its_day_has_come():
    flags(TODAY)
    devices(TODAY)
    ahead = run(TODAY, now=NOW - timedelta(days=1))

    then = run(TODAY)

    assert (ahead.kind, then.kind) == ("look-ahead", "published")
    assert run(TODAY) == then
    assert Discrepancy.objects.get().first_seen == TODAY


def test_a_run_without_a_date_is_as_of_the_newest_data_that_is_not_still_to_come():
    for day in (TODAY, WRONG):
        flags(day)
        devices(day)

    job = operations.start_reconcile(actor=MACHINE, now=NOW)

    assert job.options["as_of"] == "2025-03-03"


def test_the_rows_of_a_file_are_compared_with_one_that_is_not_still_to_come(tmp_path):
    put("flags", "full", WRONG, [{"mpxn": 10**12 + n, "flag": "A", "network": "10"} for n in range(1_300)])
    path = tmp_path / "registration_2025-03-03.csv"
    path.write_text("mpxn,dcc_service_flag,supplier\n1000000000012,A,SUPP\n")

    assert load(path)["rows"] == 1


def test_retention_counts_from_today_where_the_newest_data_is_still_to_come(settings):
    settings.KEEP_DAYS, settings.KEEP_MONTHS = 21, 0
    for day in (TODAY, TODAY - timedelta(days=7)):
        flags(day)
        devices(day)
    flags(WRONG)
    devices(WRONG)

    found = retention.plan(now=NOW)

    assert found.extracts == []
