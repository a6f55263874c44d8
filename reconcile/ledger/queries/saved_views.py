"""The views of a party's queue that a person has: ready-made ones, their own, and what colleagues share.

In: an actor, at whose desk they are. Out: dataclasses. Called by the pages of work and the API.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict

from reconcile.domain.views import READY_MADE
from reconcile.models import Habits, View

from ..actors import Actor, Desk, Right
from .work import work_filter


@dataclass(frozen=True)
class OneView:
    """A view as one person has it. `key`: what its address has; `number`: that of a saved one.

    `query`, `sort`, `columns`: see models.views.View. `owner`: whose it is, empty for everybody's.
    """

    key: str
    name: str
    query: str
    sort: str = ""
    columns: tuple[str, ...] = ()
    number: int | None = None
    owner: str = ""
    is_own: bool = False
    shared: bool = False
    may_change: bool = False
    is_start: bool = False


@dataclass(frozen=True)
class HabitsOf:
    """The columns that a person chose (none: the usual ones), the key of the view that the queue opens with.

    `keys`: whether single keys do something in the list.
    """

    columns: tuple[str, ...] = ()
    start: str = ""
    keys: bool = True


def habits(*, actor: Actor) -> HabitsOf:
    """Those of the actor at their desk."""
    desk = actor.desk
    row = Habits.objects.filter(party=desk.party, person=actor.person).first() if desk else None
    return HabitsOf(tuple(row.columns), row.start, row.keys) if row else HabitsOf()


def views(*, actor: Actor) -> list[OneView]:
    """Every view that the actor sees: the ready-made ones, their own, then what is shared with them, by name."""
    desk = actor.desk
    if desk is None:
        return []
    start = habits(actor=actor).start
    saved = [_saved(actor, desk, row, start) for row in _seen(actor, desk).order_by("name", "pk")]
    return [*_ready_made(start), *sorted(saved, key=lambda one: not one.is_own)]


def one_view(*, actor: Actor, key: str) -> OneView | None:
    """The view of an address, or None where the actor sees none."""
    return next((one for one in views(actor=actor) if one.key == key), None)


def view_problem(*, actor: Actor, view: OneView) -> str:
    """Why a view cannot be shown any more, in a sentence; empty where it can: parties and rules come and go."""
    return work_filter(actor=actor, filters=QueryDict(view.query)).problems_in_words()


def _seen(actor: Actor, desk: Desk) -> QuerySet[View]:
    return View.objects.filter(Q(owner=actor.person) | Q(shared=True), party=desk.party)


def _ready_made(start: str) -> list[OneView]:
    return [
        OneView(key, one.name, urlencode(one.filters), one.sort, is_start=key == start)
        for key, one in READY_MADE.items()
    ]


def _saved(actor: Actor, desk: Desk, row: View, start: str) -> OneView:
    is_own = row.owner_id is not None and row.owner_id == (actor.person.pk if actor.person else None)
    return OneView(
        key=str(row.pk),
        name=row.name,
        query=row.query,
        sort=row.sort,
        columns=tuple(row.columns),
        number=row.pk,
        owner=row.owner_name,
        is_own=is_own,
        shared=row.shared,
        may_change=is_own or (row.shared and desk.may(Right.MANAGE_WORK)),
        is_start=str(row.pk) == start,
    )
