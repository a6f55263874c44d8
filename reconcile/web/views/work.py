"""Work: the queue and what is done with it, one row's history, what others raised, the inbox."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.ledger.operations import TooManyJobs, WorkError
from reconcile.ledger.queries import Stated, WorkList
from reconcile.ledger.work_filter import WorkFilter
from reconcile.models import AuditEntry, Job
from reconcile.web import links
from reconcile.web.access import MemberRequest, button, having, member
from reconcile.web.filter_parts import chips_of
from reconcile.web.forms.work import WorkForm, ids_of, selection
from reconcile.web.kept import kept_part
from reconcile.web.parameters import takes
from reconcile.web.tables.queue import choices, queue_of
from reconcile.web.tables.table import PAGING, Table, changed, shown
from reconcile.web.views.discrepancies import filters_of
from reconcile.web.work_words import said


@member
@takes(*PAGING, "view", *WorkFilter.base_fields, refuses_others=True)
def work(request: MemberRequest) -> HttpResponseBase:
    """The queue of the person's party, the worst first, or as the view has it that they begin with."""
    if request.actor.desk is None:
        return redirect("discrepancies")
    seen = queries.views(actor=request.actor)
    start = next((one for one in seen if one.is_start), None)
    if start and not request.GET:
        return redirect(links.view(start))
    filters = filters_of(request.GET)
    key = "".join(filters.pop("view", []))
    found = queries.work_list(actor=request.actor, filters=filters, sort=request.GET.get("sort", ""))
    view = next((one for one in seen if one.key == key), None)
    habits = queries.habits(actor=request.actor)
    table = queue_of((view and view.columns) or habits.columns)
    context = {
        "found": found,
        **_listed(request, found, table, filters.urlencode()),
        "query": filters.urlencode(),
        "chips": chips_of(found.filters, request.GET),
        "view": view,
        "views": seen,
        "columns": choices(table),
        "keys": habits.keys,
        "back": request.path + changed(request.GET, {"view": None}),
        "form": WorkForm(initial={"until_changed": True}),
        "key": uuid4().hex,
        "may_work": found.desk.may(Right.WORK),
        "can_now": queries.can_now(scope=request.scope),
    }
    return render(request, "reconcile/work/list.html", context)


def _listed(request: MemberRequest, found: WorkList, table: Table[Stated], query: str) -> dict[str, Any]:
    """The facets and the rows, as they were kept for the person or made anew."""
    page, columns = shown(table, found.sorted, request.GET, found.total), tuple(one.name for one in table.columns)
    hangs_on = found.stamp and (*found.stamp, request.GET.urlencode(), columns)
    facets = {"facets": lambda: found.facets, "asked": request.GET, "query": query}
    return {
        "shown": page,
        "facets": kept_part("reconcile/work/_facets.html", lambda: facets, hangs_on),
        "rows": kept_part("reconcile/table.html", lambda: {"shown": page}, hangs_on) if found.total else "",
    }


@member
@takes("q", *PAGING, "view", *WorkFilter.base_fields)
def facet(request: MemberRequest, name: str) -> HttpResponse:
    """Every value of one facet, to be searched; htmx asks for it within the queue."""
    filters = filters_of(request.GET)
    filters.pop("view", None)
    wanted = "".join(filters.pop("q", []))
    found = queries.work_facet(actor=request.actor, filters=filters, name=name)
    if found is None:
        raise Http404("There is no such facet.")
    options = [one for one in found.options if wanted.casefold() in one.words.casefold()]
    context = {"facet": found, "options": options, "q": wanted, "query": filters, "address": reverse("work")}
    template = "_facet" if request.htmx else "facet"
    response = render(request, f"reconcile/work/{template}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@button
@having(Right.WORK)
def change(request: MemberRequest) -> HttpResponseBase:
    """Do something with rows: ticked ones at once, all that match as a job."""
    return _done(request, lambda: _asked(request), "work")


def _asked(request: MemberRequest) -> AuditEntry | Job:
    form = WorkForm(request.POST)
    return operations.work_on(
        actor=request.actor,
        asked=form.change(),
        of=selection(request.POST),
        request=form.key,
        now=timezone.now(),
    )


def _done(request: MemberRequest, do: Callable[[], AuditEntry | Job], home: str) -> HttpResponseBase:
    """Do it, say what was done, and go back to where the person was; a job has a page of its own."""
    try:
        made = do()
    except (WorkError, TooManyJobs) as problem:
        messages.error(request, str(problem))
    else:
        if isinstance(made, Job):
            return redirect("job", tasks.send(made).pk)
        messages.success(request, said(made))
    return back_to(request, home)


def back_to(request: MemberRequest, home: str) -> HttpResponse:
    """Where the person was, as the form says; the page `home` if that is not one of ours."""
    back = request.POST.get("back", "")
    safe_back = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe_back else home)


@member
def row(request: MemberRequest, discrepancy_id: int) -> HttpResponse:
    """One discrepancy at the person's desk: how it stands, and its past. htmx asks for the peek alone."""
    found = queries.work_row(actor=request.actor, discrepancy_id=discrepancy_id)
    if found is None:
        raise Http404("There is no such row, or it is not yours.")
    template = "_row" if request.headers.get("X-Peek") else "row"
    context = {
        "found": found,
        "only": found.row,
        "form": WorkForm(initial={"until_changed": True}),
        "key": uuid4().hex,
        "may_work": request.actor.desk is not None and request.actor.desk.may(Right.WORK),
    }
    return render(request, f"reconcile/work/{template}.html", context)


@member
def raised(request: MemberRequest) -> HttpResponse:
    """What other parties raised with the person's party."""
    return render(request, "reconcile/work/raised.html", {"found": queries.raised_with_us(actor=request.actor)})


@member
def raising(request: MemberRequest, raising_id: int) -> HttpResponse:
    """What was said once, its rows, and the answers."""
    found = queries.raised_rows(actor=request.actor, raising=raising_id)
    if found is None:
        raise Http404("There is no such thing raised with you.")
    context = {"raising": found[0], "rows": found[1], "key": uuid4().hex, "form": WorkForm()}
    return render(request, "reconcile/work/raising.html", context)


@button
@having(Right.WORK)
def answer(request: MemberRequest, raising_id: int) -> HttpResponseBase:
    """Answer some of it."""
    form = WorkForm(request.POST)
    return _done(
        request,
        lambda: operations.answer(
            actor=request.actor,
            asked=form.change(),
            raising=raising_id,
            ids=tuple(ids_of(request.POST)),
            request=form.key,
            now=timezone.now(),
        ),
        "work-raised",
    )


@member
def inbox(request: MemberRequest) -> HttpResponse:
    """Where colleagues named the person."""
    return render(request, "reconcile/work/inbox.html", {"found": queries.inbox(actor=request.actor)[:100]})


@button
@member
def read(request: MemberRequest) -> HttpResponseBase:
    """They were read."""
    operations.read_mentions(actor=request.actor, now=timezone.now())
    return redirect("work-inbox")
