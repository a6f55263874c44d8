"""Views of the queue, each with an address of its own: opened, saved, renamed, shared, removed; and columns chosen."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.ledger.operations import WorkError
from reconcile.ledger.saved_views import Look
from reconcile.web import links
from reconcile.web.access import MemberRequest, button, member
from reconcile.web.forms.work import number_of
from reconcile.web.parameters import takes
from reconcile.web.views.work import back_to


@member
@takes()
def views(request: MemberRequest) -> HttpResponse:
    """All views that the person sees, and what can be done with them."""
    if request.actor.desk is None:
        raise Http404("There is no queue without a party.")
    seen = queries.views(actor=request.actor)
    context = {
        "views": [(one, queries.view_problem(actor=request.actor, view=one)) for one in seen],
        "may_share": request.actor.desk.may(Right.WORK),
    }
    return render(request, "reconcile/work/views.html", context)


@member
@takes()
def view(request: MemberRequest, key: str) -> HttpResponseBase:
    """The queue as a view has it."""
    one = queries.one_view(actor=request.actor, key=key)
    if one is None:
        raise Http404("There is no such view, or it is not yours.")
    return redirect(links.view(one))


@button
@member
def save(request: MemberRequest) -> HttpResponseBase:
    """Keep the list as it stands under a name, or in place of a view that there is."""
    posted = request.POST
    look = Look(posted.get("query", ""), posted.get("sort", ""), tuple(posted.getlist("column")))
    try:
        if posted.get("replaces"):
            saved = operations.change_view(
                actor=request.actor, view_id=_number(posted["replaces"]), look=look, now=timezone.now()
            )
        else:
            saved = operations.save_view(
                actor=request.actor,
                name=posted.get("name", ""),
                look=look,
                shared=bool(posted.get("shared")),
                request=posted.get("request", ""),
                now=timezone.now(),
            )
    except WorkError as problem:
        messages.error(request, str(problem))
        return back_to(request, "work-views")
    messages.success(request, f"Saved as “{saved.name}”.")
    return redirect("work-view", str(saved.pk))


@button
@member
def change(request: MemberRequest, view_id: int) -> HttpResponseBase:
    """Rename a view, share it, or keep it to oneself."""
    posted = request.POST
    wanted: dict[str, Any] = {}
    if "name" in posted:
        wanted["name"] = posted["name"]
    if "shared" in posted:
        wanted["shared"] = posted["shared"] == "yes"
    change = lambda: operations.change_view(  # noqa: E731
        actor=request.actor, view_id=view_id, now=timezone.now(), **wanted
    )
    return _done(request, change)


@button
@member
def remove(request: MemberRequest, view_id: int) -> HttpResponseBase:
    """There is no such view any more."""
    return _done(request, lambda: operations.remove_view(actor=request.actor, view_id=view_id, now=timezone.now()))


@button
@member
def start(request: MemberRequest) -> HttpResponseBase:
    """Say what the queue opens with."""
    return _done(request, lambda: operations.open_with(actor=request.actor, key=request.POST.get("key", "")))


@button
@member
def columns(request: MemberRequest) -> HttpResponseBase:
    """Say what the queue shows of each row."""
    chosen = () if "usual" in request.POST else request.POST.getlist("column")
    return _done(request, lambda: operations.choose_columns(actor=request.actor, columns=chosen))


@button
@member
def keys(request: MemberRequest) -> HttpResponseBase:
    """Say whether single keys do something in the queue."""
    return _done(request, lambda: operations.use_keys(actor=request.actor, on=request.POST.get("keys") == "on"))


@button
@member
def desk(request: MemberRequest) -> HttpResponseBase:
    """Say for which of their parties the person works now. What stood on the page was the other one's."""
    try:
        party = number_of(request.POST.get("party"))
        operations.work_for(actor=request.actor, party=party, now=timezone.now())
    except WorkError as problem:
        messages.error(request, str(problem))
    return redirect("work")


def _done(request: MemberRequest, do: Callable[[], object]) -> HttpResponseBase:
    try:
        do()
    except WorkError as problem:
        messages.error(request, str(problem))
    return back_to(request, "work-views")


def _number(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    raise Http404("There is no such view.")
