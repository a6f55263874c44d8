"""The first page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from reconcile.ledger import queries
from reconcile.web import charts
from reconcile.web.access import MemberRequest, member


@member
def overview(request: MemberRequest) -> HttpResponse:
    """The newest run at a glance."""
    found = queries.overview(scope=request.scope)
    # Functions, because the page calls them only where it has not kept what they give.
    context = {
        "overview": found,
        "late": queries.late_feeds(scope=request.scope, now=timezone.now()) if found.run else [],
        "networks_chart": lambda: charts.mismatches_by_party(found.networks),
        "trend_chart": lambda: charts.trend(found.trend),
    }
    return render(request, "reconcile/overview.html", context)
