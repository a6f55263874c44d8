"""Network Parties and suppliers."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from reconcile.ledger import queries
from reconcile.models import Party
from reconcile.web import charts
from reconcile.web.access import MemberRequest, member

NAMES = {Party.Kind.NETWORK: ("Network Party", "Network Parties"), Party.Kind.SUPPLIER: ("Supplier", "Suppliers")}


@member
def parties(request: MemberRequest, kind: Party.Kind) -> HttpResponse:
    """Every party of one kind, and what was found there."""
    found = queries.parties(scope=request.scope, kind=kind)
    context = {
        "found": found,
        "kind": kind,
        "plural": NAMES[kind][1],
        "chart": charts.mismatches_by_party(found.parties),
    }
    return render(request, "reconcile/parties/list.html", context)


@member
def party(request: MemberRequest, kind: Party.Kind, code: str) -> HttpResponse:
    """One party: its rules, its trend, its counterparts."""
    found = queries.party(scope=request.scope, kind=kind, code=code)
    if found is None:
        raise Http404(f"There is no {NAMES[kind][0]} {code} with Meter Points of yours.")
    other = Party.Kind.SUPPLIER if kind == Party.Kind.NETWORK else Party.Kind.NETWORK
    context = {
        "page": found,
        "kind": kind,
        "other": other,
        "singular": NAMES[kind][0],
        "plural": NAMES[kind][1],
        "others": NAMES[other][1],
        "list_url": f"{kind}s",
        "trend_chart": charts.trend(found.trend),
    }
    return render(request, "reconcile/parties/party.html", context)
