"""A party's work: the queue with its facets, one row's history, what is raised with the party, the record, the inbox.

In: an actor, at whose desk it is read: nobody sees another party's. Out: dataclasses and querysets. Called by the pages
of work, the API and exports.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from reconcile.domain.work import RAISED
from reconcile.models import Answer, AuditEntry, Discrepancy, Mention, Raising, Run, WorkItem

from .. import frame, kept_files, work_file, working
from ..actors import Actor, Desk, Right
from ..audit import on_record
from ..filters import BadFilter
from ..work_file import Plan
from ..work_filter import WorkFilter, colleagues
from .common import latest_run, stamp
from .discrepancies import LIFE, ORDERS, USUAL_ORDER, Stated, with_state
from .facets import FACETS, Facet, facet, facets
from .order import Cut, Listed, NoPlace, Place, Sorted, lazily, sorted_rows
from .pages import OtherRun, Piece
from .work_history import UNDOABLE, Past, work_past

LATEST = 3


@dataclass(frozen=True)
class Queue(Sorted[Stated]):
    """The same rows by `order`, one that columns in memory know: a page is cut from those, wherever it lies."""

    found: frame.Found | None = None
    order: str = ""

    def page(self, place: Place, size: int, total: int) -> Cut[Stated]:
        """A page of `size` rows. Raises NoPlace for a row that is not among them any more."""
        if self.found is None:
            return super().page(place, size, total)
        ids = self.found.frame.ids[self.found.ordered(self.order)]
        first = self._first(ids, place, size)
        wanted = ids[first : first + size].tolist()
        rows = {row.pk: row for row in self.within.filter(pk__in=wanted)}
        return Cut([rows[one] for one in wanted if one in rows], first > 0, first + size < len(ids))

    def first(self, count: int) -> QuerySet[Stated]:
        """The first so many rows; of an order that the database does not know, found by their ids."""
        if self.found is None or not self.order:
            return super().first(count)
        ids = self.found.frame.ids[self.found.ordered(self.order)[:count]].tolist()
        return self.rows.filter(pk__in=Listed(ids))

    def _first(self, ids: Any, place: Place, size: int) -> int:
        key = place.before if place.after is None else place.after
        if key is None:
            return (place.number - 1) * size
        at = (ids == key).nonzero()[0]
        if not len(at):
            raise NoPlace("There is no such row among these any more.")
        return int(at[0]) + 1 if place.after is not None else max(int(at[0]) - size, 0)


@dataclass(frozen=True)
class WorkList:
    """The queue: rows with `work_items` of the party alone (one or none), their exact number, and what can be done."""

    desk: Desk
    sorted: Sorted[Stated]
    total: int
    filters: WorkFilter
    run: Run | None
    found: frame.Found | None
    people: list[str]
    reasons: list[str]
    latest: list[AuditEntry]
    problem: str = ""

    @cached_property
    def facets(self) -> list[Facet]:
        """What the rows can be narrowed by, counted when it is asked for."""
        return facets(self.found) if self.found else []

    @cached_property
    def stamp(self) -> tuple[Any, ...]:
        """What rows and facets hang on, besides the address and the columns: see common.stamp, and the party's work.

        Empty where more would have to be known: of a cohort, and of a filter that cannot be read.
        """
        if self.found is None or self.filters.cleaned_data.get("cohort"):
            return ()
        # Whoever has left is named with what was theirs.
        everybody = list(User.objects.order_by("pk").values_list("pk", "username"))
        here = (self.desk.party, self.filters.person, self.found.items.version, sorted(self.filters.people.items()))
        return (stamp(self.desk.sight, self.run), *here, everybody, timezone.now().date().isoformat())

    @property
    def rows(self) -> QuerySet[Stated]:
        """All of them, in their order."""
        return self.sorted.every

    def first(self, count: int) -> QuerySet[Stated]:
        """The first so many, in whatever order they are."""
        return self.sorted.first(count)


@dataclass(frozen=True)
class WorkRow:
    """One discrepancy at a desk: how it stands, its past (the newest first), its people and reasons."""

    row: Stated
    item: WorkItem | None
    past: list[Past]
    people: list[str]
    reasons: list[str]


@dataclass(frozen=True)
class RaisedWithUs:
    """What another party said, with the rows that it is still about, and those of them without an answer."""

    raising: Raising
    standing: int
    open: int


def _items(desk: Desk) -> "Prefetch[str, QuerySet[WorkItem], str]":
    mine = WorkItem.objects.filter(party=desk.party).select_related("assignee", "raised__target", "noted")
    return Prefetch("work_items", mine)


def work_filter(*, actor: Actor, filters: Mapping[str, Any]) -> WorkFilter:
    """The filter of an actor's desk. Raises NotAllowed."""
    desk = actor.desk_with(Right.SEE)
    found = WorkFilter(filters, desk=desk, person=actor.person.pk if actor.person else None, run=latest_run())
    found.full_clean()
    return found


def work_list(*, actor: Actor, filters: Mapping[str, Any], sort: str = "") -> WorkList:
    """The queue by a filter; one that cannot be read finds nothing, and `problem` says why. Raises NotAllowed."""
    asked = work_filter(actor=actor, filters=filters)
    desk, problem = asked.desk, asked.problems_in_words()
    rows = Discrepancy.objects.select_related("kind").prefetch_related("network", "supplier", _items(desk))
    stated = lazily(lambda: with_state(desk.sight.narrow(rows), asked.run, desk.sight))
    narrowed = lazily(lambda: stated.none() if problem else asked.narrowed(stated))
    found = None if problem else frame.found_by(asked)
    mine = on_record().filter(party=desk.party, person=actor.person.pk if actor.person else -1, what__in=UNDOABLE)
    return WorkList(
        desk=desk,
        sorted=_sorted(narrowed, stated, sort, found),
        total=len(found.places) if found else 0,
        filters=asked,
        run=asked.run,
        found=found,
        people=list(asked.people),
        reasons=reasons(actor=actor),
        latest=list(mine.order_by("-pk")[:LATEST]),
        problem=problem,
    )


QUEUE_ORDERS = frozenset({*ORDERS, *frame.ORDERS})
"""By what the queue can be sorted."""


def _sorted(rows: QuerySet[Stated], within: QuerySet[Stated], sort: str, found: frame.Found | None) -> Sorted[Stated]:
    name = sort.removeprefix("-")
    if name in ORDERS and sort != USUAL_ORDER:
        return sorted_rows(rows, within, sort, ORDERS, USUAL_ORDER)
    usual = sorted_rows(rows, within, USUAL_ORDER, ORDERS, USUAL_ORDER)
    return Queue(rows, within, usual.fields, False, found, sort if name in frame.ORDERS else "")


def work_facet(*, actor: Actor, filters: Mapping[str, Any], name: str) -> Facet | None:
    """One facet of a filter, whole; None where there is none of the name, or the filter cannot be read. NotAllowed."""
    asked = work_filter(actor=actor, filters=filters)
    found = None if name not in FACETS or asked.problems_in_words() else frame.found_by(asked)
    return facet(found, name) if found else None


def work_page(
    *, actor: Actor, filters: Mapping[str, Any], size: int, after: int | None = None, run: int | None = None
) -> Piece[Stated]:
    """A page of the queue by id. Raises NotAllowed, BadFilter, and OtherRun where `run` is not the newest one."""
    found = work_list(actor=actor, filters=filters, sort="mpxn")
    if found.problem:
        raise BadFilter(found.filters)
    current = found.run.pk if found.run else None
    if run not in (None, current):
        raise OtherRun(run, found.run)
    rows = list(found.rows.filter(pk__gt=after or 0)[: size + 1])
    return Piece(rows[:size], len(rows) > size, found.total, current)


def work_row(*, actor: Actor, discrepancy_id: int) -> WorkRow | None:
    """One row at the actor's desk, or None."""
    desk = actor.desk_with(Right.SEE)
    rows = Discrepancy.objects.select_related("network", "supplier", "kind").prefetch_related(LIFE, _items(desk))
    stated = with_state(desk.sight.narrow(rows), latest_run(), desk.sight)
    row = stated.filter(pk=discrepancy_id).first()
    if row is None:
        return None
    return WorkRow(
        row=row,
        item=next(iter(row.work_items.all()), None),
        past=work_past(actor=actor, discrepancies=[row.pk]),
        people=[name for _, name in colleagues(desk)],
        reasons=reasons(actor=actor),
    )


def reasons(*, actor: Actor) -> list[str]:
    """What the actor's party explains with."""
    desk = actor.desk_with(Right.SEE)
    return working.reasons_of(desk.party)


def work_file_plan(*, actor: Actor, path: str | Path) -> Plan:
    """What a file of assignments would change now. Raises NotAllowed, WorkError."""
    desk = actor.desk_with(Right.WORK)
    with kept_files.at_hand(str(path)) as file:
        return work_file.foreseen(desk, file)


def raised_with_us(*, actor: Actor) -> list[RaisedWithUs]:
    """What stands raised with the actor's party, the oldest without an answer first."""
    desk = actor.desk_with(Right.SEE)
    items = _standing(desk).values_list("raised").annotate(standing=Count("pk"), open=Count("pk", filter=Q(answer="")))
    counts = {raising: (standing, without) for raising, standing, without in items}
    rows = Raising.objects.filter(pk__in=counts).select_related("party").order_by("at", "pk")
    found = [RaisedWithUs(row, *counts[row.pk]) for row in rows]
    return sorted(found, key=lambda one: not one.open)


def raised_rows(*, actor: Actor, raising: int) -> tuple[Raising, list[tuple[Stated, str, list[Answer]]]] | None:
    """One of them: what was said, its rows, of each the answer that stands and all given. None: it is not theirs."""
    desk = actor.desk_with(Right.SEE)
    row = Raising.objects.filter(pk=raising, target=desk.party).select_related("party").first()
    answers = dict(_standing(desk).filter(raised=row).values_list("discrepancy", "answer")) if row else {}
    if row is None or not answers:
        return None
    given: dict[int, list[Answer]] = {}
    for answer in row.answers.select_related("entry").order_by("pk"):
        given.setdefault(answer.discrepancy_id, []).append(answer)
    rows = with_state(Discrepancy.objects.filter(pk__in=answers), latest_run(), desk.sight).order_by("pk")
    return row, [(one, answers[one.pk], given.get(one.pk, [])) for one in rows]


def _standing(desk: Desk) -> QuerySet[WorkItem]:
    """The items of others that are raised with a desk's party, of the rows that it sees."""
    return WorkItem.objects.filter(
        desk.sight.condition("discrepancy__"), state=RAISED, raised__isnull=False, raised__target=desk.party
    )


def inbox(*, actor: Actor) -> QuerySet[Mention]:
    """Where colleagues named the person, the newest first."""
    desk = actor.desk_with(Right.SEE)
    return Mention.objects.filter(person=actor.person, party=desk.party).select_related("entry").order_by("-pk")


def unread(*, actor: Actor) -> int:
    """How much waits for a person: where they are named and have not said that they read it."""
    if actor.desk is None or actor.person is None:
        return 0
    return Mention.objects.filter(person=actor.person, party=actor.desk.party, read_at=None).count()
