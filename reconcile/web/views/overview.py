"""The first page, and whether the product is alive."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
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
        "networks_chart": lambda: charts.mismatches_by_party(found.networks),
        "trend_chart": lambda: charts.trend(found.trend),
    }
    return render(request, "reconcile/overview.html", context)


def health(request: HttpRequest, parts: tuple[str, ...] | None = None) -> JsonResponse:
    """200 while all is well with the product, or with the parts asked for; 503 otherwise, with what is not."""
    found = queries.health(now=timezone.now(), parts=parts)
    body: dict[str, str | int | None] = {"status": " ".join(found.faults) or "ok"}
    body |= {name: None if words is None else not words for name, words in found.parts.items()}
    if "worker" in body:
        body["worker_seconds"] = found.worker_seconds
    body["version"] = settings.VERSION
    return JsonResponse(body, status=503 if found.faults else 200)
