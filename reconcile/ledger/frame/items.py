"""A party's work beside the frame: of each row its state, whose it is, its date and when it was raised.

In: a frame, a party. Out: Items. What was read is kept, and only what changed since is read again: versions of a
party's work have ever larger numbers, because whoever writes them locks the party. Called by ledger.frame.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Count, Max, QuerySet
from numpy.typing import NDArray

from reconcile.domain.work import WorkState
from reconcile.models import WorkItem

from .frames import SMALL, Frame

MOST_KEPT = 12
"""Parties whose work is kept in the memory of a process."""
NEVER = np.iinfo(np.int32).max
STATES = [state.value for state in WorkState]
UNTOUCHED = len(STATES)
NUMBER = {state: number for number, state in enumerate(STATES)}


@dataclass(frozen=True)
class Items:
    """By place of the frame. `states`: numbers of STATES, or UNTOUCHED; `due`: days, `raised`: the raising, or NEVER.

    `version`: the newest that is in it. Once made it stays as it is.
    """

    version: int
    states: NDArray[np.int8]
    assignees: NDArray[np.int32]
    due: NDArray[np.int32]
    raised: NDArray[np.int32]


class _Kept:
    """What was read of each party, for one frame."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.frame: Frame | None = None
        self.items: OrderedDict[int, Items] = OrderedDict()

    def of(self, frame: Frame, party: int) -> Items:
        with self.lock:
            if self.frame is not frame:
                self.frame, self.items = frame, OrderedDict()
            known = self.items.pop(party, None) or _blank(frame)
            self.items[party] = _with_news(frame, known, _of_party(party))
            while len(self.items) > MOST_KEPT:
                self.items.popitem(last=False)
            return self.items[party]


_kept = _Kept()


def items_of(frame: Frame, party: int) -> Items:
    """A party's work as it stands now."""
    if len(frame.ids) > SMALL:
        return _kept.of(frame, party)
    return _with_news(frame, _blank(frame), _of_party(party))


def parties_at_work() -> list[int]:
    """The parties that have worked on most rows, as many as are kept; the busiest last, which is the last to go."""
    busiest = WorkItem.objects.order_by().values("party").annotate(number=Count("pk")).order_by("-number", "party")
    return [row["party"] for row in busiest[:MOST_KEPT]][::-1]


def _of_party(party: int) -> QuerySet[WorkItem]:
    return WorkItem.objects.filter(party=party)


def _blank(frame: Frame) -> Items:
    size = len(frame.ids)
    nothing = np.full(size, NEVER, np.int32)
    return Items(0, np.full(size, UNTOUCHED, np.int8), np.zeros(size, np.int32), nothing, nothing)


def _with_news(frame: Frame, known: Items, items: QuerySet[WorkItem]) -> Items:
    newest = items.aggregate(newest=Max("version"))["newest"] or 0
    if newest == known.version:
        return known
    changed = items.filter(version__gt=known.version, version__lte=newest).order_by()
    rows = list(changed.values_list("discrepancy", "state", "assignee", "due", "raised"))
    columns: list[Any] = list(zip(*rows, strict=True)) or [()] * 5
    ids = np.array(columns[0], np.int64)
    there = np.isin(ids, frame.ids)
    places = frame.places(ids[there])

    def updated(array: Any, values: list[int]) -> Any:
        changed = array.copy()
        changed[places] = np.array(values, array.dtype)[there]
        return changed

    return Items(
        newest,
        updated(known.states, [NUMBER[one] for one in columns[1]]),
        updated(known.assignees, [one or 0 for one in columns[2]]),
        updated(known.due, [_day(one) for one in columns[3]]),
        updated(known.raised, [NEVER if one is None else one for one in columns[4]]),
    )


def _day(value: date | None) -> int:
    return NEVER if value is None else value.toordinal()
