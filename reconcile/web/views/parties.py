"""Network Parties and suppliers."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse, QueryDict

from reconcile.domain.rates import Rate
from reconcile.ledger import queries
from reconcile.ledger.queries import PartyTotals
from reconcile.models import Party
from reconcile.web.access import MemberRequest, member
from reconcile.web.kept import kept_page
from reconcile.web.parameters import takes
from reconcile.web.pictures import charts, still
from reconcile.web.tables.table import Head, changed

NAMES = {Party.Kind.NETWORK: ("Network Party", "Network Parties"), Party.Kind.SUPPLIER: ("Supplier", "Suppliers")}
ORDERS: dict[str, tuple[str, Callable[[PartyTotals], Any]]] = {
    "name": ("", lambda one: one.party.code),
    "rate": ("Per 1,000", lambda one: (not one.rate.is_small, one.rate.per_1000)),
    "mismatches": ("Mismatches", lambda one: one.totals.mismatches),
    "points": ("Meter Points", lambda one: one.points),
}
"""What parties can be sorted by: the head of its column, and the key. Rates of few points tell least."""
WORST_FIRST = "-rate"
PER_PAGE = 100


def _heads(kind: Party.Kind, sort: str, asked: QueryDict) -> list[Head]:
    heads = []
    for name, (title, _) in ORDERS.items():
        other_way = name if sort == f"-{name}" or (sort != name and name == "name") else f"-{name}"
        direction = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
        heads.append(
            Head(
                title or NAMES[kind][0],
                "" if name == "name" else "number",
                changed(asked, {"sort": other_way}),
                direction,
            )
        )
    return heads


def _rate_of(parties: list[PartyTotals]) -> Rate:
    """Of all of them together."""
    return Rate(sum(one.totals.mismatches for one in parties), sum(one.points for one in parties))


def _named(parties: list[PartyTotals], find: str) -> list[PartyTotals]:
    """Those whose code or name has these letters."""
    return [one for one in parties if find.casefold() in f"{one.party.code} {one.party.name}".casefold()]


def _page_of(parties: list[PartyTotals], asked: QueryDict) -> "Page[PartyTotals]":
    """As many of them as one page shows."""
    return Paginator(parties, PER_PAGE).get_page(asked.get("page"))


def _pages(page: "Page[PartyTotals]", asked: QueryDict) -> list[tuple[int, str]]:
    """The numbers of the pages and their addresses; none where there is one."""
    numbers = page.paginator.page_range if page.has_other_pages() else ()
    return [(number, changed(asked, {"page": number})) for number in numbers]


@member
@takes("sort", "page", "find")
def parties(request: MemberRequest, kind: Party.Kind) -> HttpResponse:
    """Every party of one kind, and what was found there; the worst rate first, or as asked."""
    return kept_page(request, "reconcile/parties/list.html", lambda: _list(request, kind), of=(kind,))


def _list(request: MemberRequest, kind: Party.Kind) -> dict[str, Any]:
    found = queries.parties(scope=request.scope, kind=kind)
    asked = request.GET.get("sort", "")
    sort = asked if asked.removeprefix("-") in ORDERS else WORST_FIRST
    find = request.GET.get("find", "").strip()
    by_code = sorted(_named(found.parties, find), key=ORDERS["name"][1])
    ranked = sorted(by_code, key=ORDERS[sort.removeprefix("-")][1], reverse=sort.startswith("-"))
    page = _page_of(ranked, request.GET)
    return {
        "found": found,
        "page": page,
        "pages": _pages(page, request.GET),
        "kind": kind,
        "find": find,
        "is_long": len(found.parties) > PER_PAGE,
        "sort": asked,
        "plural": NAMES[kind][1],
        "singular": NAMES[kind][0],
        "dots": still.dots(kind, list(page), _rate_of(found.parties)),
        "heads": _heads(kind, sort, request.GET),
    }


@member
@takes("page")
def party(request: MemberRequest, kind: Party.Kind, code: str) -> HttpResponse:
    """One party: its rules, its trend, its counterparts."""
    return kept_page(request, "reconcile/parties/party.html", lambda: _party(request, kind, code), of=(kind, code))


def _party(request: MemberRequest, kind: Party.Kind, code: str) -> dict[str, Any]:
    """Raises Http404 where nothing of it may be seen."""
    found = queries.party(scope=request.scope, kind=kind, code=code)
    if found is None:
        raise Http404(f"There is no {NAMES[kind][0]} {code} with Meter Points of yours.")
    other = Party.Kind.SUPPLIER if kind == Party.Kind.NETWORK else Party.Kind.NETWORK
    others = _page_of(still.by_rate(found.counterparts), request.GET)
    narrowed: dict[str, Any] = {kind.value: code}
    return {
        "page": found,
        "late": queries.late_now(scope=request.scope, run=found.run, **narrowed),
        "kind": kind,
        "other": other,
        "singular": NAMES[kind][0],
        "plural": NAMES[kind][1],
        "others": NAMES[other][1],
        "one_other": NAMES[other][0],
        "list_url": f"{kind}s",
        "network": code if kind == Party.Kind.NETWORK else "",
        "supplier": code if kind == Party.Kind.SUPPLIER else "",
        "bridge": still.bridge_bars(found.bridge, **narrowed) if found.bridge else [],
        "ages": still.age_bars(found.standing, **narrowed) if found.standing else [],
        "dots": still.dots(other, list(others), found.rate),
        "generations": still.generation_dots(found.generations, found.rate, **narrowed),
        "counterparts": others,
        "pages": _pages(others, request.GET),
        "line": still.line(found.trend),
        "trend_chart": charts.trend(found.trend),
    }
