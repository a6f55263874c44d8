"""One Meter Point through its whole kept history, judged by a policy on every day: right, wrong, and how late.

In: what files told of its flag and of its meters. Out: Replay. Called by ledger.queries.points. Where nothing is known
of a day, nothing is said of it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from .policy import Policy
from .timeline import Shown
from .vocabulary import LIVE, Flag, Status, statuses_in


class Stood(StrEnum):
    """How a flag stood."""

    RIGHT = "right"
    WRONG = "wrong"
    OPEN = "open"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class FlagStep:
    """The flag in force from a day on."""

    on: date
    flag: Flag | None


@dataclass(frozen=True)
class MeterStep:
    """The statuses of the smart meters from a day on. `exact`: the file gives the day; else it is the file's own."""

    on: date
    mask: int
    exact: bool = True


@dataclass(frozen=True)
class Period:
    """Days from `since` until before `until` on which nothing changed. `flag_known`: else its flag is not known."""

    since: date
    until: date
    flag_known: bool
    flag: Flag | None
    mask: int
    ever: bool
    stood: Stood
    expected: Flag | None

    @property
    def days(self) -> int:
        """How long it was."""
        return (self.until - self.since).days


@dataclass(frozen=True)
class Followed:
    """A change of the meters after which another flag was expected, and when the flag followed.

    `days`: how many days late; None where another change came first. `on` None: it has not followed yet, and `days`
    counts until the newest data. `exact`: the day of the meter's change is given by a file, not bounded by one.
    """

    changed: date
    mask: int
    expected: Flag | None
    on: date | None
    days: int | None
    exact: bool


@dataclass(frozen=True)
class Replay:
    """The history of a point by a policy, in the order of time."""

    policy: Policy
    periods: list[Period]
    followed: list[Followed]

    def days(self, stood: Stood) -> int:
        """On how many days the flag stood so."""
        return sum(period.days for period in self.periods if period.stood == stood)

    @cached_property
    def totals(self) -> dict[str, int]:
        """Days by how the flag stood."""
        return {stood.value: self.days(stood) for stood in Stood}


def replay(policy: Policy, flags: Sequence[FlagStep], meters: Sequence[MeterStep], until: date) -> Replay:
    """Judge every day from the first of which something is known to `until`; what is given is in the order of time.

    What changes on the day `until` itself is a last period of no days: it is told, and nothing is counted of it.
    """
    told = {*(one.on for one in flags), *(one.on for one in meters)}
    days = [*sorted(day for day in told if day <= until), until]
    periods = [_period(policy, flags, meters, since, end) for since, end in pairwise(days)]
    return Replay(policy, periods, list(_followed(policy, periods, meters, until)))


def _period(policy: Policy, flags: Sequence[FlagStep], meters: Sequence[MeterStep], since: date, until: date) -> Period:
    """What was so from a day on; `ever`: a live meter was there before."""
    flag = next((one for one in reversed(flags) if one.on <= since), None)
    meter = next((one for one in reversed(meters) if one.on <= since), None)
    if meter is None:
        return Period(since, until, flag is not None, flag.flag if flag else None, 0, False, Stood.UNKNOWN, None)
    ever = _ever(meters, since)
    verdict = policy.judge(flag.flag if flag else None, statuses_in(meter.mask), ever)
    if flag is None:
        return Period(since, until, False, None, meter.mask, ever, Stood.UNKNOWN, verdict.accepted[0])
    right = Stood.OPEN if verdict.undetermined else Stood.RIGHT
    stood = right if flag.flag in verdict.accepted else Stood.WRONG
    return Period(since, until, True, flag.flag, meter.mask, ever, stood, verdict.expected)


def _ever(meters: Sequence[MeterStep], day: date) -> bool:
    """Whether a live meter was there before the statuses of a day began."""
    before = [one for one in meters if one.on <= day][:-1]
    return any(statuses_in(one.mask) & LIVE for one in before)


def _followed(
    policy: Policy, periods: Sequence[Period], meters: Sequence[MeterStep], until: date
) -> Iterable[Followed]:
    """The changes of the meters after which the flag that stood was not accepted, or was not known."""
    ends = [*(one.on for one in meters[1:]), date.max]
    for step, end in zip(meters, ends, strict=True):
        during = [one for one in periods if step.on <= one.since < end]
        if not during or not _asks(policy, periods, during[0]):
            continue
        there = next((one for one in during if one.flag_known and one.stood in (Stood.RIGHT, Stood.OPEN)), None)
        expected = during[0].expected
        if there:
            yield Followed(step.on, step.mask, there.flag, there.since, (there.since - step.on).days, step.exact)
        elif end == date.max:
            yield Followed(step.on, step.mask, expected, None, (until - step.on).days, step.exact)
        else:
            yield Followed(step.on, step.mask, expected, None, None, step.exact)


def _asks(policy: Policy, periods: Sequence[Period], first: Period) -> bool:
    """Whether a change asked for another flag: the one before it would not do. Of one that is not known nobody can say
    so, unless the policy has one flag only for such meters."""
    before = next((one for one in periods if one.until == first.since and one is not first), None)
    flag = before.flag if before and before.flag_known else None
    verdict = policy.judge(flag, statuses_in(first.mask), first.ever)
    if before and before.flag_known:
        return flag not in verdict.accepted
    return bool(first.mask) and not verdict.undetermined


def meter_steps(shown: Iterable[Shown], inventories: Collection[date]) -> list[MeterStep]:
    """The statuses of all meters over time. `inventories`: days of full ones; a meter that one does not show has gone.

    The day of a status is the file's `status_from` where that lies between two showings, else that of the file.
    """
    by_device: dict[str, list[Shown]] = {}
    for one in sorted(shown, key=lambda one: (one.device_id, one.as_of)):
        by_device.setdefault(one.device_id, []).append(one)
    events = [event for some in by_device.values() for event in _events(some, inventories)]
    now: dict[str, int] = {}
    steps: list[MeterStep] = []
    if inventories and (not events or min(inventories) < min(event[0] for event in events)):
        steps.append(MeterStep(min(inventories), 0, exact=False))
    for day in sorted({event[0] for event in events}):
        of_day = [event for event in events if event[0] == day]
        now |= {device: bit for _, device, bit, _ in of_day}
        mask = 0
        for bit in now.values():
            mask |= bit
        if not steps or steps[-1].mask != mask:
            steps.append(MeterStep(day, mask, all(exact for *_, exact in of_day)))
    return steps


def _events(shown: Sequence[Shown], inventories: Collection[date]) -> Iterable[tuple[date, str, int, bool]]:
    """Day, device, the bit of its status (0: gone) and whether a file gives the day."""
    last: Shown | None = None
    for one in shown:
        if last is None or one.status != last.status:
            told = one.status_from
            fits = told is not None and told <= one.as_of and (last is None or last.as_of < told)
            yield (told if fits and told else one.as_of, one.device_id, Status(one.status).bit, fits)
        last = one
    gone = min((day for day in inventories if last and day > last.as_of), default=None)
    if gone and last:
        yield gone, last.device_id, 0, False
