"""The first page, and whether the product is alive."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

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
        "networks_chart": lambda: charts.mismatches_by_party(found.networks),
        "trend_chart": lambda: charts.trend(found.trend),
    }
    return render(request, "reconcile/overview.html", context)


def health(request: HttpRequest) -> JsonResponse:
    """For load balancers: 200 while the database answers, 503 otherwise."""
    answers = queries.database_answers()
    status = {"status": "ok" if answers else "database does not answer", "database": answers}
    return JsonResponse(status, status=200 if answers else 503)
