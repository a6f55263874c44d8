"""One Meter Point, and the search for it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from reconcile.domain.vocabulary import parse_mpxn
from reconcile.ledger import queries
from reconcile.web.access import MemberRequest, member
from reconcile.web.parameters import takes


@member
@takes("q")
def search(request: MemberRequest) -> HttpResponse:
    """From a number, in a person's spelling, to its page."""
    asked = request.GET.get("q", "").strip()
    if not asked:
        return render(request, "reconcile/points/search.html", {"asked": asked})
    try:
        return redirect("point", parse_mpxn(asked))
    except ValueError as problem:
        return render(request, "reconcile/points/search.html", {"asked": asked, "problem": str(problem)}, status=400)


@member
def point(request: MemberRequest, mpxn: int) -> HttpResponse:
    """Everything about one Meter Point."""
    found = queries.meter_point(scope=request.scope, mpxn=mpxn)
    if found is None:
        return render(request, "reconcile/points/unknown.html", {"mpxn": mpxn}, status=404)
    past = queries.work_past(actor=request.actor, discrepancies=[one.discrepancy.pk for one in found.findings])
    return render(request, "reconcile/points/point.html", {"point": found, "trace": found.trace, "past": past})
