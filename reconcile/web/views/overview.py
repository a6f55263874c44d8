"""The first page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from reconcile.ledger import queries
from reconcile.ledger.queries import Overview
from reconcile.web.access import MemberRequest, member
from reconcile.web.pictures import still

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
    def line(self) -> still.Line | None:
        """Better or worse?"""
        return still.line(self.found.trend)

    @property
    def bridge(self) -> list[still.Bar]:
        """Why did it move?"""
        return still.bridge_bars(self.found.bridge) if self.found.bridge else []

    @property
    def ages(self) -> list[still.Bar]:
        """How long wrong?"""
        return still.age_bars(self.found.standing) if self.found.standing else []

    @property
    def dots(self) -> list[still.Dots]:
        """Where is it bad for its size?"""
        return [still.worst_dots(kind, parties, self.found.rate) for kind, parties in self.found.compared]

    @property
    def generations(self) -> still.Dots:
        """SMETS1 and SMETS2 apart."""
        return still.generation_dots(self.found.generations, self.found.rate)

    @property
    def tiles(self) -> list[still.Tile]:
        """The same on a map."""
        return still.tiles(self.found.networks)
