"""What people make of their queue: they save views of it, share them, choose columns and what it opens with.

In: keyword arguments, the actor first. Out: the View, with an entry of the record for what the party is to know.
Re-exported by ledger.operations, the one door for writes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import QueryDict

from reconcile.domain.views import COLUMNS, READY_MADE, in_order
from reconcile.models import Habits, Membership, View

from . import queries
from .actors import Actor, Desk, NotAllowed, Right
from .audit import What, note
from .filters import given
from .teamwork import check_key
from .working import WorkError, entry_of, lock

LONGEST_NAME = 80
LONGEST_QUERY = 4000
"""Characters."""
MOST_VIEWS = 100
"""That one person can have at a party."""


@dataclass(frozen=True)
class Look:
    """How a list looks: its filter as a query string, an order of it (empty for the usual one), and columns.

    Without columns each person sees their own.
    """

    query: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()


def save_view(*, actor: Actor, name: str, look: Look, shared: bool = False, request: str = "", now: datetime) -> View:
    """Keep a view under a name that its owner has for no other. The same `request` again gives the same view.

    Raises NotAllowed, WorkError.
    """
    desk = actor.desk_with(Right.WORK if shared else Right.SEE)
    check_key(request)
    with transaction.atomic():
        lock([desk.party])
        if done := entry_of(actor, request):
            return _made_by(done.pk)
        mine = View.objects.filter(party=desk.party, owner=actor.person)
        if mine.count() >= MOST_VIEWS:
            raise WorkError(f"At most {MOST_VIEWS} views. Remove one first.")
        kept, words = checked(actor, look)
        view = View(
            party_id=desk.party, owner=actor.person, owner_name=actor.name, name=_name(name, mine), shared=shared,
            made_at=now, **kept,
        )  # fmt: skip
        about = f"“{view.name}”, {'shared' if shared else 'their own'}: saved"
        entry = note(
            actor=actor, what=What.VIEW, now=now, party=desk.party, about=about, filters=words, request=request
        )
        view.entry = entry.pk
        view.save()
    return view


def change_view(
    *,
    actor: Actor,
    view_id: int,
    name: str | None = None,
    shared: bool | None = None,
    look: Look | None = None,
    now: datetime,
) -> View:
    """Rename a view, share it or not any more, or keep another look under it. Raises NotAllowed, WorkError."""
    desk = actor.desk_with(Right.WORK if shared else Right.SEE)
    with transaction.atomic():
        lock([desk.party])
        view = _theirs(actor, desk, view_id)
        done, facts = _look_anew(actor, view, look) if look else ([], {})
        if name is not None and " ".join(name.split()) != view.name:
            done.append(f"renamed from “{view.name}”")
            view.name = _name(name, View.objects.filter(party=desk.party, owner=view.owner).exclude(pk=view.pk))
        if shared is not None and shared != view.shared:
            done.append("shared" if shared else "not shared any more")
            view.shared = shared
        if done:
            view.save()
            about = _about(view, "; ".join(done))
            note(actor=actor, what=What.VIEW, now=now, party=desk.party, about=about, **facts)
    return view


def _look_anew(actor: Actor, view: View, look: Look) -> tuple[list[str], dict[str, str]]:
    """Give a view another look; what that changes, and what is on record of it."""
    kept, words = checked(actor, look)
    before = {name: getattr(view, name) for name in kept}
    if kept == before:
        return [], {}
    vars(view).update(kept)
    told = f"Before: {_said(before)}. After: {_said(kept)}."
    return ["another filter, order or columns"], {"filters": words, "words": told}


def remove_view(*, actor: Actor, view_id: int, now: datetime) -> None:
    """There is no such view any more. Raises NotAllowed."""
    desk = actor.desk_with(Right.SEE)
    with transaction.atomic():
        lock([desk.party])
        view = _theirs(actor, desk, view_id)
        words = f"Before: {_said({name: getattr(view, name) for name in ('query', 'sort', 'columns')})}."
        note(actor=actor, what=What.VIEW, now=now, party=desk.party, about=_about(view, "removed"), words=words)
        view.delete()


def choose_columns(*, actor: Actor, columns: Iterable[str]) -> tuple[str, ...]:
    """What a person's queue shows of each row from now on; without any, the usual ones. Raises WorkError."""
    desk = actor.desk_with(Right.SEE)
    chosen = _columns(columns)
    Habits.objects.update_or_create(party_id=desk.party, person=actor.person, defaults={"columns": list(chosen)})
    return chosen


def open_with(*, actor: Actor, key: str) -> None:
    """What a person's queue opens with from now on: a view that they see, or all of it. Raises NotAllowed."""
    desk = actor.desk_with(Right.SEE)
    if key and queries.one_view(actor=actor, key=key) is None:
        raise NotAllowed(f"There is no view {key[:20]} that {actor.name} sees.")
    Habits.objects.update_or_create(party_id=desk.party, person=actor.person, defaults={"start": key})


def use_keys(*, actor: Actor, on: bool) -> None:
    """Whether single keys do something in a person's queue from now on."""
    desk = actor.desk_with(Right.SEE)
    Habits.objects.update_or_create(party_id=desk.party, person=actor.person, defaults={"keys": on})


def work_for(*, actor: Actor, party: int, now: datetime) -> None:
    """A person of several parties works for this one from now on. Raises NotAllowed for one that is not theirs."""
    if party not in {one.party for one in actor.desks}:
        raise NotAllowed(f"{actor.name or 'Nobody'} does not work for party {party}.")
    Membership.objects.filter(user=actor.person, party=party).update(chosen_at=now)


def checked(actor: Actor, look: Look) -> tuple[dict[str, Any], str]:
    """What is kept of a look, and its filter in words. Raises WorkError where the list would not take it."""
    if len(look.query) > LONGEST_QUERY:
        raise WorkError(f"A filter has at most {LONGEST_QUERY:,} characters.")
    filters = given(QueryDict(look.query))
    asked = queries.work_filter(actor=actor, filters=filters)
    if problem := asked.problems_in_words():
        raise WorkError(f"The filter is not understood, so nothing was saved. {problem}")
    if look.sort and look.sort.removeprefix("-") not in queries.QUEUE_ORDERS:
        raise WorkError(f"Rows cannot be sorted by “{look.sort[:30]}”, so nothing was saved.")
    kept = {"query": filters.urlencode(), "sort": look.sort, "columns": list(_columns(look.columns))}
    return kept, asked.in_words()


def _columns(names: Iterable[str]) -> tuple[str, ...]:
    wanted = set(names)
    if unknown := sorted(wanted - COLUMNS.keys()):
        raise WorkError(f"There is no column “{unknown[0][:30]}”.")
    return in_order(wanted)


def _name(given_name: str, others: Any) -> str:
    name = " ".join(given_name.split())
    if not name or len(name) > LONGEST_NAME:
        raise WorkError(f"Give the view a name of at most {LONGEST_NAME} characters.")
    if name.casefold() in {one.casefold() for one in others.values_list("name", flat=True)} | READY_NAMES:
        raise WorkError(f"There is a view called “{name}” already.")
    return name


READY_NAMES = {one.name.casefold() for one in READY_MADE.values()}


def _theirs(actor: Actor, desk: Desk, view_id: int) -> View:
    """A view that an actor may change: their own; a shared one as a manager. Raises NotAllowed."""
    view = View.objects.filter(pk=view_id, party=desk.party).first()
    managed = view is not None and view.shared and desk.may(Right.MANAGE_WORK)
    if view is None or not (managed or view.owner_id == (actor.person.pk if actor.person else None)):
        raise NotAllowed(f"There is no view {view_id} that {actor.name} may change.")
    return view


def _made_by(entry: int) -> View:
    view = View.objects.filter(entry=entry).first()
    if view is None:
        raise WorkError("This request was done before, and what it made has been removed since.")
    return view


def _said(kept: dict[str, Any]) -> str:
    """A look as it is kept."""
    order = f" by {kept['sort']}" if kept["sort"] else ""
    columns = f" with {', '.join(kept['columns'])}" if kept["columns"] else ""
    return f"“{kept['query'] or 'every open one'}”{order}{columns}"


def _about(view: View, what: str) -> str:
    return f"“{view.name}” of {view.owner_name}, {'shared' if view.shared else 'their own'}: {what}"
