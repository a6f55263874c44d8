"""Stories: the picture of a Meter Point on every day, which file tells it, and what a run must then hold open.

In: scenarios, the dates of the days. Out: Story objects, a few thousand for a market of any size. Called by market.py,
which gives each Meter Point one story; no step here is done per Meter Point.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from reconcile.domain.rules import INVENTORY_RULES
from reconcile.domain.vocabulary import Status

from .pictures import FOREIGN, Picture, Scenario

KIND_WEIGHTS = {
    "steady": 48.0,
    "mended": 18.0,
    "arrives": 12.0,
    "arrives later": 12.0,
    "passing": 15.0,
    "returns": 4.0,
    "absent": 3.0,
}
"""How often a scenario follows a schedule. `arrives later` is for what only an earlier inventory proves."""
ON_ITS_OWN = frozenset({"arrives later", "absent"})
"""Schedules that a scenario has to ask for."""
OVERNIGHT_SHARE = 0.35
"""Share of changes that the overnight files (D0350, DXI, DUIS) tell before the next full extract does."""
MOST_STARTS = 8
"""Roughly how many different days a schedule turns on, in a market of many."""
LONG_FITTED = 500
"""Days from commissioning to a later status, where the story began after both."""
GRACE_DAYS = 5
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class When:
    """A date: `on`, or `back` days before the Meter Point's own old date; neither is no date."""

    on: date | None = None
    back: int | None = None


OLD, OLDER, NEVER = When(back=0), When(back=LONG_FITTED), When()


@dataclass(frozen=True)
class Meter:
    """One meter as the inventory tells it."""

    slot: int
    status: Status
    since: When
    commissioned: When


@dataclass(frozen=True)
class Telling:
    """What the files say of a point: its registration rows (flag, since), written if registered, and its meters."""

    registered: bool
    rows: tuple[tuple[str | None, When], ...]
    meters: tuple[Meter, ...]


@dataclass(frozen=True)
class Open:
    """A discrepancy that a run as of the day must hold open and seen."""

    rule: str
    picture: Picture
    in_flight: bool
    state: str


@dataclass
class StoryDay:
    """One day of a story: what the full files tell, what the overnight files add; the truth after both, `picture`."""

    full: Telling
    update: tuple[str | None, When] | None
    devices: tuple[Meter, ...]
    answers: tuple[str, ...]
    asked: str
    picture: Picture
    open: list[Open]


@dataclass
class Story:
    """A scenario on one schedule: a day each, from the first."""

    number: int
    name: str
    scenario: Scenario
    weight: float
    days: list[StoryDay]


def schedules(scenario: Scenario, days: int, number: int) -> Iterator[tuple[str, list[Picture], float]]:
    """(kind, the pictures of day 0 to the last, weight) for every schedule of a scenario. Day 0 has no files."""
    kinds = scenario.kinds or tuple(kind for kind in KIND_WEIGHTS if kind not in ON_ITS_OWN)
    kinds += ("absent",) if scenario.absent and "absent" not in kinds else ()
    for kind in kinds:
        drawn = [_pictures(scenario, kind, start, days) for start in _starts(kind, days, number)]
        # With no day to turn on (`steady`, or a market of few days) the picture stays; history cannot be had at once.
        for pictures in drawn or [[scenario.wrong] * (days + 1)] * (kind != "arrives later"):
            yield kind, pictures, scenario.weight * KIND_WEIGHTS[kind] / max(1, len(drawn))


def _starts(kind: str, days: int, number: int) -> list[int]:
    """The days on which a schedule may turn, thinned out over a long row of days."""
    first = 1 if kind in {"arrives", "passing"} else 2
    last = {"steady": 0, "returns": days - 1}.get(kind, days)
    step = max(1, (last - first + 1) // MOST_STARTS)
    return list(range(first + number % step, last + 1, step))


def _pictures(scenario: Scenario, kind: str, start: int, days: int) -> list[Picture]:
    before, wrong, after = scenario.before, scenario.wrong, scenario.after
    rest = days - start
    gap = 1 + start % 2
    parts = {
        "mended": [wrong] * start + [after] * (rest + 1),
        "arrives": [before] * start + [wrong] * (rest + 1),
        "arrives later": [before] * start + [wrong] * (rest + 1),
        "passing": [before] * start + [wrong] * gap + [after] * (rest + 1),
        "returns": [wrong] * start + [after] * gap + [wrong] * (rest + 1),
        "absent": [wrong] * start + [scenario.absent or wrong] + [wrong] * rest,
    }
    return parts[kind][: days + 1]


def tell(pictures: list[Picture], dates: list[date], *, number: int, overnight: bool) -> list[StoryDay]:
    """Every day of one story. `dates` has day 1 first; the pictures begin at day 0, which no file shows."""
    told = _first_telling(pictures[0])
    days: list[StoryDay] = []
    states: dict[str, str] = {}
    changes = 0
    for (previous, picture), day in zip(pairwise(pictures), dates, strict=True):
        changed = picture != previous
        changes += changed
        # Well inside or well outside of the grace days, whichever file sets the registration date.
        late = changes == 1 and number % 3 == 0
        age = timedelta(days=number % 4 + (9 if late else 1))
        now = _next_telling(told, picture, When(on=day - age)) if changed else told
        by_night = changed and overnight and _fits_a_delta(previous, picture)
        devices = tuple(meter for meter in now.meters if by_night and meter not in told.meters)
        _carry_states(states, picture)
        flying = _in_flight(told, now, devices, day)
        days.append(
            StoryDay(
                full=told if by_night else now,
                update=now.rows[0] if by_night and picture.flag != previous.flag else None,
                devices=devices,
                answers=picture.answers if changed or day == dates[0] else (),
                asked=picture.expected or picture.flag or "N",
                picture=picture,
                open=[Open(rule, picture, flying, states[rule]) for rule in picture.breaks],
            )
        )
        told = now
    return days


def _first_telling(picture: Picture) -> Telling:
    """Long before the first day: old dates."""
    meters = tuple(
        Meter(slot, status, OLD, _first_commissioned(status)) for slot, status in enumerate(picture.slots) if status
    )
    return Telling(picture.registered, _rows(picture, OLD), meters)


def _first_commissioned(status: Status) -> When:
    if status in {Status.PENDING, Status.WHITELISTED, Status.INSTALLED}:
        return NEVER
    return OLD if status is Status.COMMISSIONED else OLDER


def _rows(picture: Picture, since: When) -> tuple[tuple[str | None, When], ...]:
    """The registration row, and perhaps its contradiction. No flag has no date."""
    rows = [(picture.flag, since if picture.flag else NEVER)]
    if picture.twice:
        flag, older = picture.twice
        rows.append((flag, _older(since, older) if flag else NEVER))
    return tuple(rows)


def _older(when: When, days: int) -> When:
    return When(back=(when.back or 0) + days) if when.on is None else When(on=when.on - timedelta(days=days))


def _next_telling(told: Telling, picture: Picture, now: When) -> Telling:
    """What changed takes the date `now`; what stayed keeps its own."""
    meters_before = {meter.slot: meter for meter in told.meters}
    meters = tuple(
        _next_meter(meters_before.get(slot), slot, status, now) for slot, status in enumerate(picture.slots) if status
    )
    flag, since = told.rows[0]
    if not picture.registered:
        # The flag is kept, unwritten, for the day on which the point is back in the extract.
        return Telling(False, told.rows[:1], meters)
    return Telling(True, _rows(picture, since if picture.flag == flag else now), meters)


def _next_meter(before: Meter | None, slot: int, status: Status, now: When) -> Meter:
    if before and before.status is status:
        return before
    commissioned = before.commissioned if before else NEVER
    if status is Status.COMMISSIONED and commissioned == NEVER:
        commissioned = now
    elif commissioned == NEVER:
        commissioned = _first_commissioned(status)
    return Meter(slot, status, now, commissioned)


def _fits_a_delta(previous: Picture, picture: Picture) -> bool:
    """A delta cannot say: no flag, in or out of the extract, two rows, or gone from the inventory."""
    if previous.twice or picture.twice or picture.answers or previous.registered != picture.registered:
        return False
    if previous.flag is not None and picture.flag is None:
        return False
    return not any(before and not after for before, after in zip(previous.slots, picture.slots, strict=True))


def _in_flight(before: Telling, now: Telling, by_night: tuple[Meter, ...], day: date) -> bool:
    """Whether flag or meters changed within the grace days."""
    dates = [since.on for flag, since in now.rows[:1] if flag and now.registered]
    known = {meter.slot for meter in before.meters}
    for meter in now.meters:
        if meter.slot != FOREIGN:
            dates.append(_told_by_night(meter, known, day) if meter in by_night else meter.since.on)
    newest = max((on for on in dates if on), default=None)
    return newest is not None and newest >= day - timedelta(days=GRACE_DAYS)


def _told_by_night(meter: Meter, known: set[int], day: date) -> date | None:
    """When a meter changed, as far as a Read Inventory response tells: it has the date of commissioning only.

    Any other status came after the full export of the same day, which showed the meter with another, if it did.
    """
    if meter.status is Status.COMMISSIONED:
        return meter.commissioned.on
    return day if meter.slot in known else None


def _carry_states(states: dict[str, str], picture: Picture) -> None:
    """From day to day, how each rule that the point ever broke stands."""
    for rule, state in states.items():
        if rule in picture.breaks:
            states[rule] = "regressed" if state == "resolved" else "ongoing"
        elif _proven_right(rule, picture):
            states[rule] = "resolved"
    for rule in picture.breaks:
        states.setdefault(rule, "new")


def _proven_right(rule: str, picture: Picture) -> bool:
    """A point that is merely absent proves nothing, except that its meter has gone."""
    return picture.registered or (rule in INVENTORY_RULES and not any(picture.slots))


def enumerate_stories(scenarios: tuple[Scenario, ...], dates: list[date], first_number: int = 0) -> list[Story]:
    """Every scenario on every schedule, told by full extracts and (a smaller share) overnight."""
    stories: list[Story] = []
    for index, scenario in enumerate(scenarios):
        for kind, pictures, weight in schedules(scenario, len(dates), index):
            ways = ((False, 1.0),) if kind == "steady" else ((False, 1 - OVERNIGHT_SHARE), (True, OVERNIGHT_SHARE))
            for overnight, share in ways:
                number = first_number + len(stories)
                name = f"{scenario.name}: {kind}{', overnight' if overnight else ''}"
                days = tell(pictures, dates, number=number, overnight=overnight)
                stories.append(Story(number, name, scenario, weight * share, days))
    return stories
