"""The first page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from reconcile.ledger import queries
from reconcile.ledger.queries import Overview
from reconcile.web import pictures
from reconcile.web.access import MemberRequest, member

MOST_GROUPS = 7


@member
def overview(request: MemberRequest) -> HttpResponse:
    """The newest run at a glance."""
    found = queries.overview(scope=request.scope)
    late = queries.late_feeds(scope=request.scope, now=timezone.now()) if found.run else []
    can_now = queries.can_now(scope=request.scope)
    context = {"overview": found, "late": late, "drawn": Drawn(found), "can_now": can_now}
    return render(request, "reconcile/overview.html", context)


class Drawn:
    """The pictures of the page. Properties: the page asks for them only where it has not kept what they give."""

    def __init__(self, found: Overview) -> None:
        self.found = found

    @property
    def line(self) -> pictures.Line | None:
        """Better or worse?"""
        return pictures.line(self.found.trend)

    @property
    def bridge(self) -> list[pictures.Bar]:
        """Why did it move?"""
        return pictures.bridge_bars(self.found.bridge) if self.found.bridge else []

    @property
    def ages(self) -> list[pictures.Bar]:
        """How long wrong?"""
        return pictures.age_bars(self.found.standing) if self.found.standing else []

    @property
    def dots(self) -> list[pictures.Dots]:
        """Where is it bad for its size?"""
        return [pictures.worst_dots(kind, parties, self.found.rate) for kind, parties in self.found.compared]

    @property
    def generations(self) -> pictures.Dots:
        """SMETS1 and SMETS2 apart."""
        return pictures.generation_dots(self.found.generations, self.found.rate)

    @property
    def tiles(self) -> list[pictures.Tile]:
        """The same on a map."""
        return pictures.tiles(self.found.networks)
