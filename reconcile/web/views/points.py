"""One Meter Point, and the search for it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from reconcile.domain.vocabulary import parse_mpxn
from reconcile.ledger import queries
from reconcile.web import answers
from reconcile.web.access import MemberRequest, member
from reconcile.web.parameters import takes
from reconcile.web.timeline import picture


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
    urgent = answers.urgent(found)
    context = {
        "point": found,
        "trace": found.trace,
        "meter": answers.meter(found.trace),
        "flag": answers.flag(found),
        "urgent": urgent,
        "next_step": answers.next_step(found, urgent) if urgent else "",
        "cell": answers.cell(found),
        "picture": picture(found),
        "summary": answers.summary(found),
        "past": queries.work_past(actor=request.actor, discrepancies=[one.discrepancy.pk for one in found.findings]),
        "now": timezone.now(),
    }
    return render(request, "reconcile/points/point.html", context)
