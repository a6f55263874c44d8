"""A Meter Point through its history: when its flag was right, and how many days late it followed its meter."""

from datetime import date, timedelta

import pytest

from reconcile.domain.mp077 import MP077
from reconcile.domain.policies import reading_named
from reconcile.domain.replay import FlagStep, MeterStep, Stood, meter_steps, replay
from reconcile.domain.timeline import Shown
from reconcile.domain.vocabulary import Flag, Status

DAY = date(2025, 3, 3)
COMMISSIONED, GONE, INSTALLED, SUSPENDED = (
    one.bit for one in (Status.COMMISSIONED, Status.DECOMMISSIONED, Status.INSTALLED, Status.SUSPENDED)
)


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def flags(*steps: tuple[int, str]) -> list[FlagStep]:
    return [FlagStep(day(on), Flag(flag) if flag != "-" else None) for on, flag in steps]


def meters(*steps: tuple[int, int]) -> list[MeterStep]:
    return [MeterStep(day(on), mask) for on, mask in steps]


def days(found) -> dict[str, int]:
    return {name: count for name, count in found.totals.items() if count}


def late(found) -> list[tuple[int, str, int | None]]:
    return [((one.changed - DAY).days, one.expected or "-", one.days) for one in found.followed]


def test_a_flag_that_follows_is_late_by_the_days_between():
    found = replay(MP077, flags((0, "A"), (14, "N")), meters((0, COMMISSIONED), (10, GONE)), day(30))

    assert days(found) == {"right": 26, "wrong": 4}
    assert late(found) == [(0, "A", 0), (10, "N", 4)]
    assert [(one.since, one.stood) for one in found.periods] == [
        (day(0), Stood.RIGHT), (day(10), Stood.WRONG), (day(14), Stood.RIGHT),
    ]  # fmt: skip


def test_a_flag_that_has_not_followed_waits_still():
    found = replay(MP077, flags((0, "A")), meters((0, COMMISSIONED), (10, GONE)), day(30))

    assert late(found)[-1] == (10, "N", 20)
    assert found.followed[-1].on is None
    assert days(found) == {"right": 10, "wrong": 20}


def test_a_change_on_the_newest_day_is_told_and_no_day_is_counted_of_it():
    waits = replay(MP077, flags((0, "A")), meters((0, COMMISSIONED), (30, GONE)), day(30))
    follows = replay(MP077, flags((0, "A"), (30, "N")), meters((0, COMMISSIONED), (28, GONE)), day(30))
    overtaken = replay(MP077, flags((0, "N")), meters((0, INSTALLED), (30, COMMISSIONED)), day(30))

    assert (late(waits)[-1], waits.followed[-1].on) == ((30, "N", 0), None)
    assert (waits.periods[-1].days, waits.periods[-1].stood, days(waits)) == (0, Stood.WRONG, {"right": 30})
    assert late(follows)[-1] == (28, "N", 2) and follows.followed[-1].on == day(30)
    assert late(overtaken) == [(0, "I", None), (30, "A", 0)]


def test_what_is_first_told_on_the_newest_day_was_not_known_before():
    found = replay(MP077, flags((30, "A")), meters((0, COMMISSIONED)), day(30))

    assert (late(found), days(found)) == ([(0, "A", 30)], {"not known": 30})
    assert late(replay(MP077, flags((0, "A")), meters((30, GONE)), day(30))) == [(30, "N", 0)]


def test_a_change_that_another_overtakes_was_never_followed():
    found = replay(MP077, flags((0, "A"), (20, "N")), meters((0, INSTALLED), (5, COMMISSIONED)), day(30))

    assert late(found) == [(0, "I", None)]
    assert days(found) == {"wrong": 15, "right": 15}


def test_before_the_first_flag_nothing_is_said_of_it():
    found = replay(MP077, flags((6, "A")), meters((0, COMMISSIONED)), day(30))

    assert days(found) == {"not known": 6, "right": 24}
    assert late(found) == [(0, "A", 6)]


def test_before_the_first_inventory_nothing_is_said_of_it():
    found = replay(MP077, flags((0, "A")), meters((6, COMMISSIONED)), day(30))

    assert days(found) == {"not known": 6, "right": 24}
    assert late(found) == []


def test_a_change_that_asks_for_no_flag_is_not_late():
    found = replay(MP077, flags((0, "A")), meters((0, COMMISSIONED), (10, SUSPENDED)), day(30))

    assert late(found) == [(0, "A", 0)]
    assert days(found) == {"right": 10, "open": 20}


def test_each_policy_has_its_own_history():
    told = flags((0, "A"), (12, "N")), meters((0, COMMISSIONED), (10, INSTALLED)), day(30)

    assert late(replay(MP077, *told))[-1] == (10, "I", 20)
    assert late(replay(reading_named("requirements"), *told))[-1] == (10, "N", 2)
    assert late(replay(reading_named("before"), *told)) == [(0, "A", 0)]


def shown(*rows: tuple[int, str, str, int | None]) -> list[Shown]:
    return [
        Shown(day(as_of), device, status, day(since) if since is not None else None)
        for as_of, device, status, since in rows
    ]


@pytest.mark.parametrize(
    ("since", "changed", "exact"),
    [(8, 8, True), (None, 14, False), (-3, 14, False), (20, 14, False)],
    ids=["the day given", "no day given", "a day before the last showing", "a day to come"],
)
def test_a_status_begins_on_the_day_given_where_that_can_be(since, changed, exact):
    found = meter_steps(shown((7, "1", "Commissioned", 2), (14, "1", "Decommissioned", since)), {day(7), day(14)})

    assert found[-1] == MeterStep(day(changed), GONE, exact)
    assert found[0] == MeterStep(day(2), COMMISSIONED)


def test_a_meter_that_a_full_inventory_does_not_show_has_gone():
    found = meter_steps(shown((7, "1", "Commissioned", 2)), {day(7), day(14)})

    assert found == [MeterStep(day(2), COMMISSIONED), MeterStep(day(14), 0, exact=False)]


def test_a_point_without_a_meter_is_known_from_the_first_inventory():
    assert meter_steps([], {day(7), day(14)}) == [MeterStep(day(7), 0, exact=False)]
    assert meter_steps([], set()) == []


def test_two_meters_are_taken_together():
    found = meter_steps(
        shown((7, "1", "Commissioned", 2), (7, "2", "InstalledNotCommissioned", 4), (14, "1", "Decommissioned", 9),
              (14, "2", "InstalledNotCommissioned", 4)),
        {day(7), day(14)},
    )  # fmt: skip

    assert [(one.on, one.mask) for one in found] == [
        (day(2), COMMISSIONED), (day(4), COMMISSIONED | INSTALLED), (day(9), GONE | INSTALLED),
    ]  # fmt: skip
