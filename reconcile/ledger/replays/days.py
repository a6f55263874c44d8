"""The days of a replay: which there are, who works at which, and the answer of each, which is kept and found again.

In: a range of days and a policy, the time. Out: rows of ReplayedDay, each once. Called by replays.asking and retention.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from reconcile.domain.policy import Policy
from reconcile.lake import checksums, holdings, replaying, store
from reconcile.models import ReplayedDay

from .. import integrity
from ..inputs import NothingToReconcile, Selection, select

SHAPE = 1
"""Of what is kept of a day. Another one is worked out anew."""
ONE = timedelta(days=1)
Beating = Callable[[Callable[[datetime], None]], AbstractContextManager[object]]
"""Calls what it is given every few seconds, with the time."""


@dataclass(frozen=True)
class Day:
    """A day that can be judged; `before`: what the day before it read, if that can be."""

    selection: Selection
    before: Selection | None
    policy: Policy

    @property
    def as_of(self) -> date:
        """The day."""
        return self.selection.inputs.as_of

    @cached_property
    def key(self) -> str:
        """The checksum under which its answer is kept."""
        before = self.before.key(self.policy) if self.before else ""
        return hashlib.sha256(f"{SHAPE} {self.selection.key(self.policy)} {before}".encode()).hexdigest()


def day_of(as_of: date, policy: Policy) -> Day:
    """A day as the files that are kept now tell it. Raises NothingToReconcile."""
    return Day(select(as_of), _selected(as_of - ONE), policy)


def days_of(first: date, last: date, policy: Policy) -> tuple[list[Day], list[date]]:
    """The days that can be judged, in order, and those of which files are missing or were thinned away."""
    days, gone = [], []
    before = _selected(first - ONE)
    for number in range((last - first).days + 1):
        here = _selected(first + timedelta(days=number))
        if here is None:
            gone.append(first + timedelta(days=number))
        else:
            days.append(Day(here, before, policy))
        before = here
    return days, gone


def _selected(as_of: date) -> Selection | None:
    try:
        return select(as_of)
    except NothingToReconcile:
        return None


def kept(days: Sequence[Day]) -> QuerySet[ReplayedDay]:
    """The answers of those that are worked out, in the order of the days."""
    return ReplayedDay.objects.filter(key__in=[day.key for day in days]).exclude(snapshot="").order_by("as_of")


def left(days: Sequence[Day]) -> list[Day]:
    """Those that are not worked out."""
    done = set(kept(days).values_list("key", flat=True))
    return [day for day in days if day.key not in done]


def let_damaged_go(days: Sequence[Day]) -> None:
    """Of those that are kept, forget what is not what was written: it is worked out anew."""
    wrong = [row.pk for row in kept(days) if holdings.differences(row, row.checksums)]
    ReplayedDay.objects.filter(pk__in=wrong).delete()


def work_out(day: Day, beating: Beating) -> bool:
    """Judge a day and keep the answer, unless it is kept already or somebody is at it; gives whether it was judged.

    Raises Damaged. What was not finished is let go, so that the next can take it at once.
    """
    mine = uuid.uuid4().hex
    if not _take(day, mine, timezone.now()):
        return False
    row = ReplayedDay.objects.filter(key=day.key, taken_by=mine, snapshot="")
    try:
        with beating(lambda now: _sign(row, now)):
            _judge(day, row)
    finally:
        row.delete()
    return True


def _take(day: Day, mine: str, now: datetime) -> bool:
    """Whether the day is ours: one inserts its row, or takes over where whoever did has given no sign for too long."""
    fields = {"taken_by": mine, "beat_at": now}
    try:
        with transaction.atomic():
            ReplayedDay.objects.create(key=day.key, as_of=day.as_of, policy=day.policy.name, **fields)
    except IntegrityError:
        silent = now - timedelta(seconds=settings.LOST_AFTER_SECONDS)
        return bool(ReplayedDay.objects.filter(key=day.key, snapshot="", beat_at__lt=silent).update(**fields))
    return True


def _sign(row: QuerySet[ReplayedDay], now: datetime) -> None:
    row.update(beat_at=now)


def _judge(day: Day, row: QuerySet[ReplayedDay]) -> None:
    """Becomes visible with its row; the folder of one who was given up is removed."""
    read = [extract for one in (day.selection, day.before) if one for extract, _ in one.sources]
    integrity.refuse_damaged(read, until=day.as_of, now=timezone.now())
    with store.scratch() as folder:
        before = day.before.inputs if day.before else None
        whole = replaying.judge_day(day.selection.inputs, before, day.policy, folder)
        files = checksums.checksums(whole)
        name = store.publish(whole, f"replays/{day.as_of}")
    if not row.update(snapshot=name, checksums=files, made_at=timezone.now()):
        store.remove(name)


def forget(before: datetime) -> list[int]:
    """Let go what was worked out before a moment, and what nobody finished; gives the bytes of each that there was."""
    old = ReplayedDay.objects.filter(made_at__lt=before) | ReplayedDay.objects.filter(made_at=None, beat_at__lt=before)
    return list(_removed(list(old)))


def _removed(rows: Sequence[ReplayedDay]) -> Iterator[int]:
    for row in rows:
        row.delete()
        if row.snapshot:
            yield holdings.bytes_of(row.snapshot)
            store.remove(row.snapshot)
