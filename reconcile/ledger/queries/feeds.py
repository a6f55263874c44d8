"""Whether the files come that should: how often each network's extract and the inventory come, and whether one is late.

In: a scope and the time. Out: FeedState, the most overdue first. Called by pages, health and the command `feeds`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from math import ceil
from statistics import median

from django.conf import settings

from reconcile.domain.days import today
from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import network_named
from reconcile.models import Extract, ExtractNetwork

from ..access import Scope
from .extracts import own_networks

ON_TIME, LATE, OVERDUE = "on time", "late", "overdue"
INVENTORY = "Inventory"
LEARNT_FROM = 12
"""The newest data dates whose gaps are looked at."""
LEAST_DATES = 3
OVERDUE_AFTER = 3
"""Times the usual days, after which a feed is overdue."""


@dataclass(frozen=True)
class FeedState:
    """A network's full extracts, or the inventory's (no code): the newest's date, and how it stands today.

    `every`: days from one to the next as a rule; None where too few have come to tell, and none is set.
    """

    name: str
    network: str
    newest: date
    days: int
    every: int | None
    state: str

    @property
    def words(self) -> str:
        """How it stands, in a sentence."""
        rule = f"one comes every {self.every} days as a rule" if self.every else "too few have come to tell how often"
        return f"{self.name}: {self.state}, the newest is of {self.newest:%-d %b %Y}, {self.days} days ago; {rule}."


def feeds(*, scope: Scope, now: datetime) -> list[FeedState]:
    """The full extracts of every network within the scope, and the inventory; what was withdrawn never came."""
    day = today(now)
    if not (scope.everything or scope.networks or scope.suppliers):
        return []
    standing = Extract.objects.filter(coverage=Extract.Coverage.FULL, withdrawn_at=None, as_of__lte=day)
    inventories = standing.filter(table=Table.DEVICES).values_list("as_of", flat=True)
    mine = ExtractNetwork.objects.filter(own_networks(scope), extract__in=standing.filter(table=Table.FLAGS))
    dates: dict[str, list[date]] = {"": list(inventories)}
    for code, as_of in mine.values_list("network__code", "extract__as_of"):
        dates.setdefault(code, []).append(as_of)
    found = [_state(code, those, day) for code, those in dates.items() if those]
    return sorted(found, key=lambda one: ([OVERDUE, LATE, ON_TIME].index(one.state), -one.days, one.name))


def late(*, scope: Scope, now: datetime) -> list[FeedState]:
    """Those that are late or overdue."""
    return [one for one in feeds(scope=scope, now=now) if one.state != ON_TIME]


def _state(code: str, dates: Iterable[date], day: date) -> FeedState:
    known = sorted(set(dates))
    newest, every = known[-1], settings.FEED_DAYS or _learnt(known)
    days = (day - newest).days
    name = network_named(code).name if code else INVENTORY
    return FeedState(name, code, newest, days, every, _judged(days, every))


def _learnt(known: list[date]) -> int | None:
    """The median gap between data dates."""
    recent = known[-LEARNT_FROM:]
    if len(recent) < LEAST_DATES:
        return None
    return max(1, round(median((after - before).days for before, after in pairwise(recent))))


def _judged(days: int, every: int | None) -> str:
    """Late is half as long again as usual, overdue three times, or so old that no run reads it."""
    if days > settings.MAX_EXTRACT_AGE_DAYS or (every and days > OVERDUE_AFTER * every):
        return OVERDUE
    return LATE if every and days > every + max(1, ceil(every / 2)) else ON_TIME
