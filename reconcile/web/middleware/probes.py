"""Whether the product is alive, and whether it is well: for those who watch over it, by whatever name they ask for it.

In: a request of anyone. Out: JSON, 200 or 503. Views, and a middleware that stands before all that asks for a host's
name, for HTTPS or for a database.
"""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from reconcile.ledger import queries

SAFE = {"GET", "HEAD"}


def alive(request: HttpRequest) -> JsonResponse:
    """A web process takes requests; it asks nothing of anything else."""
    return JsonResponse({"status": "ok"})


def health(request: HttpRequest, parts: tuple[str, ...] | None = None) -> JsonResponse:
    """200 while all is well with the product, or with the parts asked for; 503 otherwise, with what is not."""
    found = queries.health(now=timezone.now(), parts=parts)
    body: dict[str, str | int | None] = {"status": " ".join(found.faults) or "ok"}
    body |= {name: None if words is None else not words for name, words in found.parts.items()}
    if "worker" in body:
        body["worker_seconds"], body["late_feeds"] = found.worker_seconds, found.late_feeds
    body["version"] = settings.VERSION
    return JsonResponse(body, status=503 if found.faults else 200)


ready = partial(health, parts=queries.PARTS_OF_READINESS)
"""Whether requests should be sent here: a disk that is about to be full is told before it is."""
PROBES: dict[str, Callable[[HttpRequest], JsonResponse]] = {
    "/health": health,
    "/health/web": partial(health, parts=queries.PARTS_OF_PAGES),
    "/health/alive": alive,
    "/health/ready": ready,
}


class Probes:
    """Answers them itself, with or without a slash at the end."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer."""
        probe = PROBES.get(request.path_info.rstrip("/")) if request.method in SAFE else None
        return probe(request) if probe else self.get_response(request)
