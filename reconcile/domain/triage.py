"""Triage of alerts, as a table: what is behind an alert, and what one does about it; and what makes many alerts one.

In: what registration and inventory show of a Meter Point. Out: a Class and the answer of domain.answering. Called by
ledger.alerting, which joins the cells that it meets to all alerts, and by the pages that show it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import product
from typing import NamedTuple

from .alerts import ALERT_DAYS
from .answering import Answering, Heard, Wan, can_it_answer
from .smets import GENERATION_NAMES, Generation
from .vocabulary import ALL_MASKS, FLAGS, Flag, Shows, Status, shows, statuses_in


class Class(StrEnum):
    """What is behind an alert, the most urgent first."""

    ACT = "act"
    MOVED = "moved"
    NOT_COMMISSIONED = "not_commissioned"
    IMPAIRED = "impaired"
    GHOST = "ghost"
    UNKNOWN_POINT = "unknown_point"


CLASS_NAMES = {
    Class.ACT: "Act",
    Class.MOVED: "Moved",
    Class.NOT_COMMISSIONED: "Not commissioned",
    Class.IMPAIRED: "Impaired",
    Class.GHOST: "Ghost",
    Class.UNKNOWN_POINT: "Unknown point",
}
CLASS_WORDS = {
    Class.ACT: "A live meter is behind it.",
    Class.MOVED: "The device that sent it is elsewhere now: whatever happened did so there.",
    Class.NOT_COMMISSIONED: "A meter is there, and it was never commissioned: nobody can ask it.",
    Class.IMPAIRED: "A meter is there, suspended or in recovery: it may not answer.",
    Class.GHOST: "No live meter is there, so the flag or the inventory is wrong: somebody sent this alert.",
    Class.UNKNOWN_POINT: "Neither registration nor the inventory knows the Meter Point.",
}
"""What each means for whoever has the alert in hand."""
_OF_SHOWN = {
    Shows.COMMISSIONED: Class.ACT,
    Shows.INSTALLED: Class.NOT_COMMISSIONED,
    Shows.SUSPENDED: Class.IMPAIRED,
    Shows.REMOVED: Class.GHOST,
    Shows.NOT_INSTALLED: Class.GHOST,
    Shows.NO_METER: Class.GHOST,
}


def triage(statuses: frozenset[Status], *, known: bool, elsewhere: bool) -> Class:
    """The class of an alert from a Meter Point whose smart meters have these statuses.

    `known`: registration or inventory holds the point. `elsewhere`: the inventory has the device that sent the alert at
    another Meter Point, and not at this one: that comes first, for what the alert says is not about this point.
    """
    if elsewhere:
        return Class.MOVED
    return _OF_SHOWN[shows(statuses)] if known or statuses else Class.UNKNOWN_POINT


class NotOpen(StrEnum):
    """Why a ghost has no discrepancy that stands open, in words."""

    DCC_SAYS = "It is the DCC that says so, and no device: that proves nobody live, so there is nothing to open."
    TOO_OLD = "It is too old to prove anything of today, so there is nothing to open."
    NOT_REGISTERED = "No registration that the run read holds the Meter Point, so there is no flag to be wrong."
    NEXT_RUN = "The newest run has not read what says so: the next one opens it."
    SINCE_MENDED = "The flag is newer than the alert: what was wrong then is mended."
    NOT_READ = "A line about this Meter Point could not be read, so that nobody is accused."


@dataclass(frozen=True)
class GhostSeen:
    """What the newest run knew of a ghost's Meter Point. `spoke_on`: the last day on which a device there spoke.

    `has_read`: the run read the alerts, and found no live meter either. Days are None where there is none.
    """

    spoke_on: date | None
    run_on: date | None
    has_read: bool
    registered: bool
    flag_from: date | None
    unread: bool


def why_not_open(seen: GhostSeen) -> NotOpen:
    """Why nothing stands open, first match."""
    if seen.spoke_on is None:
        return NotOpen.DCC_SAYS
    if seen.run_on and seen.spoke_on < seen.run_on - timedelta(days=ALERT_DAYS):
        return NotOpen.TOO_OLD
    if seen.run_on is None or seen.spoke_on > seen.run_on or not seen.has_read:
        return NotOpen.NEXT_RUN
    if not seen.registered:
        return NotOpen.NOT_REGISTERED
    if seen.flag_from and seen.spoke_on <= seen.flag_from:
        return NotOpen.SINCE_MENDED
    return NotOpen.NOT_READ if seen.unread else NotOpen.NEXT_RUN


class Evidence(NamedTuple):
    """What is shown of the Meter Point of an alert, and what is told of its silence and of its WAN coverage."""

    flag: Flag | None
    mask: int
    known: bool
    elsewhere: bool
    unread: bool
    heard: Heard = Heard.NOT_ASKED
    wan: Wan = Wan.NO_DATA


@dataclass(frozen=True)
class Cell:
    """A row of the whole table: what is shown, the class, and whether somebody can be talked to there."""

    shown: Evidence
    kind: Class
    answering: Answering


def cell(shown: Evidence) -> Cell:
    """Silence and coverage change the answer and its words; the class is by what is there, for something spoke."""
    found = statuses_in(shown.mask)
    answering = can_it_answer(
        shown.flag, found, known=shown.known, unread=shown.unread, wan=shown.wan, heard=shown.heard
    )
    return Cell(shown, triage(found, known=shown.known, elsewhere=shown.elsewhere), answering)


def cells(heard: Heard = Heard.NOT_ASKED, wan: Wan = Wan.NO_DATA) -> Iterator[Cell]:
    """Every flag, set of statuses and circumstance, as heard and with the coverage that is told: 24,576 rows."""
    both = (False, True)
    for facts in product(FLAGS, ALL_MASKS, both, both, both):
        yield cell(Evidence(*facts, heard, wan))


class Kind(StrEnum):
    """What makes alerts one line of the queue."""

    SINGLE = "single"
    """One Meter Point, and what it says of one thing within a day."""
    HUB = "hub"
    """One communications hub that spoke for several Meter Points."""
    AREA = "area"
    """One postcode area, within minutes."""
    FIRMWARE = "firmware"
    """One make and firmware, while it was being updated: outages then are known to be false (SEC MP102A)."""


KIND_NAMES = {
    Kind.SINGLE: "One Meter Point",
    Kind.HUB: "One communications hub",
    Kind.AREA: "One postcode area",
    Kind.FIRMWARE: "Planned firmware update",
}
BOTH = "both"
GENERATIONS = {
    Generation.SMETS1.value: GENERATION_NAMES[Generation.SMETS1],
    Generation.SMETS2.value: GENERATION_NAMES[Generation.SMETS2],
    BOTH: "SMETS1 and SMETS2",
    Generation.NOT_KNOWN.value: GENERATION_NAMES[Generation.NOT_KNOWN],
    Generation.NO_METER.value: GENERATION_NAMES[Generation.NO_METER],
}
"""Of the smart meters behind a line; a storm may have both."""
EPISODE_HOURS = 24
"""A Meter Point that says the same within a day is at the same thing; an outage after a restoration is another."""
STORM_MINUTES = 5
"""Alerts of one cause come within minutes, for a fault takes every meter off at once: each may follow the last by so
much."""
AREA_POINTS = 5
"""Meter Points that make a storm of an area. Single supplies fail about once in two hours an area (250,000 meters, one
failure in fifty years each): five that follow each other within minutes by chance come about once in forty years."""
HUB_POINTS = 2
"""A hub stands at one supply: what it says of a second Meter Point has the same cause."""
