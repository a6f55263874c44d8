"""The discrepancy list and its export."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.web.access import MemberRequest, button, having, member
from reconcile.web.columns import DISCREPANCIES
from reconcile.web.tables import shown

PAGING = ("page", "per_page", "sort", "csrfmiddlewaretoken")


def without_paging(asked: QueryDict) -> str:
    """The query string of a list without what does not change which rows are in it."""
    query = QueryDict(mutable=True)
    for name, values in asked.lists():
        given = [value for value in values if value]
        if given and name not in PAGING:
            query.setlist(name, given)
    return query.urlencode()


@member
def discrepancies(request: MemberRequest) -> HttpResponse:
    """The filtered list; htmx asks for its rows alone."""
    found = queries.discrepancy_list(scope=request.scope, filters=request.GET, sort=request.GET.get("sort", ""))
    context = {
        "found": found,
        "form": found.filters.form,
        "shown": shown(DISCREPANCIES, found.rows, request.GET, found.total),
        "query": without_paging(request.GET),
    }
    rows_only = request.htmx and not request.htmx.history_restore_request
    response = render(request, f"reconcile/discrepancies/{'rows' if rows_only else 'list'}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@button
@having(Right.EXPORT)
def export(request: MemberRequest) -> HttpResponse:
    """Queue a CSV of exactly the filter that the list shows."""
    asked = QueryDict(request.POST.get("query", ""))
    found = queries.discrepancy_list(scope=request.scope, filters=asked, counted=False)
    if found.problem:
        messages.error(request, f"Nothing was exported. {found.problem}")
        return redirect("discrepancies")
    job = tasks.send(operations.start_export(actor=request.actor, query=without_paging(asked), now=timezone.now()))
    return redirect("job", job.pk)
