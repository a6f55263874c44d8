"""The first page, and whether the product is alive."""

from django.http import HttpRequest, HttpResponse, JsonResponse
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
    return render(request, "reconcile/overview.html", {"overview": found, "drawn": Drawn(found)})


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
    def tiles(self) -> list[pictures.Tile]:
        """The same on a map."""
        return pictures.tiles(self.found.networks)


def health(request: HttpRequest, parts: tuple[str, ...] | None = None) -> JsonResponse:
    """200 while all is well with the product, or with the parts asked for; 503 otherwise, with what is not."""
    found = queries.health(now=timezone.now(), parts=parts)
    body: dict[str, str | int | None] = {"status": " ".join(found.faults) or "ok"}
    body |= {name: None if words is None else not words for name, words in found.parts.items()}
    if "worker" in body:
        body["worker_seconds"] = found.worker_seconds
    return JsonResponse(body, status=503 if found.faults else 200)
