"""The discrepancy list and its export."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.ledger.filters import DiscrepancyFilter, given
from reconcile.ledger.operations import WorkError
from reconcile.web.access import MemberRequest, button, having, member
from reconcile.web.filter_parts import chips_of, more_of
from reconcile.web.forms.work import selection
from reconcile.web.parameters import takes
from reconcile.web.tables.columns import DISCREPANCIES
from reconcile.web.tables.table import PAGING, shown


def filters_of(asked: QueryDict) -> QueryDict:
    """The parameters of a list without what does not change which rows are in it."""
    filters = given(asked)
    for name in PAGING:
        filters.pop(name, None)
    return filters


@member
@takes(*PAGING, *DiscrepancyFilter.base_fields, refuses_others=True)
def discrepancies(request: MemberRequest) -> HttpResponse:
    """The filtered list; htmx asks for its rows alone."""
    filters = filters_of(request.GET)
    found = queries.discrepancy_list(scope=request.scope, filters=filters, sort=request.GET.get("sort", ""))
    context = {
        "found": found,
        "form": found.filters,
        "more": more_of(found.filters),
        "chips": chips_of(found.filters, request.GET),
        "shown": shown(DISCREPANCIES, found.sorted, request.GET, found.total),
        "query": filters.urlencode(),
    }
    response = render(request, f"reconcile/discrepancies/{'rows' if request.htmx else 'list'}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@button
@having(Right.EXPORT)
def export(request: MemberRequest) -> HttpResponse:
    """Queue a CSV of exactly the filter that the list shows, or of the rows that are ticked in it."""
    if "chosen" in request.POST and not request.POST.get("whole"):
        return _export_chosen(request)
    filters = filters_of(QueryDict(request.POST.get("query", "")))
    if problem := _problem(request, filters):
        messages.error(request, f"Nothing was exported. {problem}")
        return redirect("discrepancies")
    asked = operations.start_export(actor=request.actor, query=filters.urlencode(), now=timezone.now())
    return redirect("job", tasks.send(asked).pk)


def _export_chosen(request: MemberRequest) -> HttpResponse:
    try:
        chosen = selection(request.POST).checked()
        asked = operations.start_export(actor=request.actor, ids=chosen.ids, now=timezone.now())
    except WorkError as problem:
        messages.error(request, str(problem))
        return redirect("work")
    return redirect("job", tasks.send(asked).pk)


def _problem(request: MemberRequest, filters: QueryDict) -> str:
    """What is wrong with a filter, which may be one of the queue."""
    if request.actor.desk:
        return queries.work_filter(actor=request.actor, filters=filters).problems_in_words()
    return queries.discrepancy_list(scope=request.scope, filters=filters).problem
