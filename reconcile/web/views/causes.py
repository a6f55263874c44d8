"""Causes: what the wrong ones have in common, as a page and as a CSV of the same figures."""

import csv
import hashlib

from django.http import HttpResponse
from django.shortcuts import render

from reconcile.ledger import queries
from reconcile.ledger.actors import Right
from reconcile.ledger.filters import DiscrepancyFilter, given
from reconcile.ledger.safe_csv import safe
from reconcile.web import classes
from reconcile.web.access import MemberRequest, member
from reconcile.web.classes import hangs_on
from reconcile.web.kept import kept, kept_part
from reconcile.web.parameters import takes
from reconcile.web.recorded import took_along


@member
@takes(*DiscrepancyFilter.base_fields, refuses_others=True)
def causes(request: MemberRequest) -> HttpResponse:
    """The common causes of what a filter of the list finds."""
    asked = given(request.GET)
    found = queries.causes(scope=request.scope, filters=asked)
    desk, shown, query = request.actor.desk, classes.Shown(found), asked.urlencode()
    context = {
        "causes": found,
        "shown": shown,
        "query": query,
        "may_freeze": desk is not None and desk.may(Right.WORK),
    }
    if found.run and not found.problem:
        of = (*hangs_on(found), context["may_freeze"])
        context["found"] = kept_part("reconcile/causes/_found.html", lambda: context, of)
    return render(request, "reconcile/causes/causes.html", context)


@member
@takes(*DiscrepancyFilter.base_fields, refuses_others=True)
def as_csv(request: MemberRequest) -> HttpResponse:
    """The same figures as a file."""
    request.actor.must(Right.EXPORT)
    found = queries.causes(scope=request.scope, filters=given(request.GET))
    if found.problem:
        return HttpResponse(found.problem, status=400, content_type="text/plain; charset=utf-8")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="causes-{found.run.as_of if found.run else "none"}.csv"'
    rows = kept("causes-csv", lambda: list(classes.rows(found)), hangs_on(found))
    lines = [[safe(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    writer = csv.writer(response)
    writer.writerow(classes.COLUMNS)
    writer.writerows(lines)
    sha256 = hashlib.sha256(response.content).hexdigest()
    took_along(request, "Causes", rows=len(lines), sha256=sha256, filters=found.filters.in_words())
    return response
