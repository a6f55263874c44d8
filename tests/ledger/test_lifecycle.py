"""The life of a discrepancy in the ledger: every cell of the lifecycle table, through real runs."""

from datetime import date, timedelta

import pytest

from reconcile.domain.lifecycle import NEXT, State
from reconcile.domain.vocabulary import mpan_check_digit
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.inputs import latest_run
from reconcile.models import Discrepancy, Event, Run

from .market import put, reconcile

POINT, OTHER = 1000000000012, 1012345678904
DAY = date(2025, 3, 3)
WRONG, RIGHT, GONE = "wrong", "right", "not in the extract"

pytestmark = pytest.mark.django_db


def a_week(number: int, point: str) -> Run:
    """One weekly run in which POINT breaks A_NO_METER, is right, or is missing from its network's extract."""
    return a_week_of(number, {POINT: point})


def a_week_of(number: int, points: dict[int, str]) -> Run:
    """The same of several Meter Points."""
    day = DAY + timedelta(days=7 * number)
    rows = [{"mpxn": OTHER, "flag": None, "network": "10"}]
    for mpxn, point in points.items():
        flag = "A" if point == WRONG else None
        row = {"mpxn": mpxn, "flag": flag, "flag_from": date(2024, 1, 1), "network": "10", "supplier": "SUPA"}
        rows += [row] if point != GONE else []
    put("flags", "full", day, rows)
    put("devices", "full", day, [])
    return reconcile(day)


def state(point: int = POINT) -> State | None:
    """The state of A_NO_METER at a Meter Point."""
    rows = queries.discrepancies(scope=EVERYTHING, filters={"state": "all"}).filter(mpxn=point)
    return State(rows.get().state) if rows else None


# How to bring the point into each state, week by week.
BEFORE = {
    None: [RIGHT],
    State.NEW: [WRONG],
    State.ONGOING: [WRONG, WRONG],
    State.RESOLVED: [WRONG, RIGHT],
    State.REGRESSED: [WRONG, RIGHT, WRONG],
}
# (covered, found) -> what the next extract says of the point. Found always means covered for a rule of the flag.
NOW = {(True, True): WRONG, (True, False): RIGHT, (False, False): GONE}


CELLS = [(previous, *cell) for previous in BEFORE for cell in NOW]


def test_a_run_moves_the_state_as_the_table_says():
    """Each cell of the table is a Meter Point of one market, which is there from the week in which its story begins."""
    points = {cell: _mpan(place) for place, cell in enumerate(CELLS)}
    stories = {cell: [*BEFORE[cell[0]], NOW[cell[1:]]] for cell in CELLS}
    weeks = max(len(story) for story in stories.values())

    for week in range(weeks):
        if week == weeks - 1:
            assert {cell: state(points[cell]) for cell in CELLS} == {cell: cell[0] for cell in CELLS}
        begun = {cell: story for cell, story in stories.items() if week >= weeks - len(story)}
        a_week_of(week, {points[cell]: story[week - weeks + len(story)] for cell, story in begun.items()})

    assert {cell: state(points[cell]) for cell in CELLS} == {cell: NEXT[cell] for cell in CELLS}


def _mpan(place: int) -> int:
    stem = f"10{place:010}"
    return int(f"{stem}{mpan_check_digit(stem)}")


def test_each_change_is_an_event_with_run_and_date():
    runs = [a_week(week, point) for week, point in enumerate([WRONG, WRONG, RIGHT, WRONG])]

    events = Event.objects.order_by("pk").values_list("run_id", "on", "before", "after")

    assert list(events) == [
        (runs[0].pk, DAY, "", "new"),
        (runs[2].pk, DAY + timedelta(days=14), "ongoing", "resolved"),
        (runs[3].pk, DAY + timedelta(days=21), "resolved", "regressed"),
    ]


def test_an_absent_point_keeps_its_state_and_last_seen():
    for week, point in enumerate([WRONG, WRONG, GONE, GONE]):
        run = a_week(week, point)

    row = Discrepancy.objects.get(mpxn=POINT)

    assert (row.last_seen, row.resolved_on) == (DAY + timedelta(days=7), None)
    assert (run.absent, run.resolved) == (1, 0)


def test_an_absent_point_that_comes_back_right_is_resolved():
    for week, point in enumerate([WRONG, GONE, RIGHT]):
        a_week(week, point)

    row = Discrepancy.objects.get(mpxn=POINT)

    assert (row.last_seen, row.resolved_on) == (DAY, DAY + timedelta(days=14))


def test_the_same_inputs_are_the_same_run():
    first = a_week(0, WRONG)
    before = list(Discrepancy.objects.values())

    again = reconcile(DAY)

    assert again.pk == first.pk
    assert (list(Discrepancy.objects.values()), Event.objects.count()) == (before, 1)


def test_a_second_run_of_the_same_day_leaves_new_new():
    a_week(0, WRONG)
    put("responses", "delta", DAY, [])

    run = reconcile(DAY)

    assert (run.new, run.ongoing, state()) == (1, 0, State.NEW)
    assert Event.objects.count() == 1


def test_an_older_date_is_a_look_back_that_moves_nothing():
    put("flags", "full", DAY - timedelta(days=7), [{"mpxn": POINT, "flag": None, "network": "10"}])
    put("devices", "full", DAY - timedelta(days=7), [])
    a_week(0, WRONG)
    before = list(Discrepancy.objects.values())

    run = reconcile(DAY - timedelta(days=7))

    assert (run.lookback, run.points, run.new, run.resolved) == (True, 1, 0, 0)
    assert list(Discrepancy.objects.values()) == before
    assert latest_run().as_of == DAY


def test_the_rules_of_a_look_back_add_up_to_its_totals():
    put("flags", "full", DAY - timedelta(days=7), [{"mpxn": POINT, "flag": "A", "network": "10"}])
    put("devices", "full", DAY - timedelta(days=7), [])
    a_week(0, WRONG)

    page = queries.run(scope=EVERYTHING, run_id=reconcile(DAY - timedelta(days=7)).pk)

    assert page.found.totals.mismatches == 1
    assert [(row.rule.code, row.totals.mismatches) for row in page.rules] == [("A_NO_METER", 1)]


def test_what_stays_the_same_is_not_written():
    a_week(0, WRONG)
    before = Discrepancy.objects.values().get()

    a_week(1, WRONG)

    assert Discrepancy.objects.values().get() == before
    assert Event.objects.count() == 1


def test_an_unlisted_meter_is_resolved_when_the_meter_has_gone():
    meter = {"device_id": "00-00-00-00-00-00-00-01", "device_type": "ESME", "status": "Commissioned", "role": "import"}
    put("flags", "full", DAY, [{"mpxn": OTHER, "flag": None, "network": "10"}])
    put("devices", "full", DAY, [{**meter, "mpxn": POINT}])
    reconcile(DAY)
    assert Discrepancy.objects.get().rule == "SMI_ONLY"
    put("devices", "full", DAY + timedelta(days=1), [])

    run = reconcile(DAY + timedelta(days=1))

    assert run.resolved == 1
