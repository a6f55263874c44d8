"""What every address of the API shares: how refusals are answered and described, pages, and what is put on record.

In: a request, what the ledger raised. Out: answers. Called by the views of this folder.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, Throttled, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from reconcile.ledger import operations, queries
from reconcile.ledger.access import Scope
from reconcile.ledger.actors import Actor, NotAllowed, actor_for
from reconcile.ledger.filters import BadFilter
from reconcile.ledger.operations import OperationError, TooManyJobs, WorkError
from reconcile.models import AuditEntry
from reconcile.web.middleware.log_ins import address_of

from . import shapes
from .parameters import LARGEST

REFUSED = {
    400: OpenApiResponse(shapes.BAD_PARAMETERS, "A parameter cannot be read, or nobody knows it"),
    401: OpenApiResponse(shapes.ProblemSerializer, "Not logged in, or the name and the password do not match"),
    429: OpenApiResponse(shapes.ProblemSerializer, "Too many tries to log in"),
}
MISSING = {**REFUSED, 404: OpenApiResponse(shapes.ProblemSerializer, "There is none, or it is not within your sight")}
CHANGED = {
    **MISSING,
    409: OpenApiResponse(shapes.ProblemSerializer, "As things stand, it cannot be done"),
}
OVERTAKEN = {**REFUSED, 409: OpenApiResponse(shapes.ProblemSerializer, "Another run has been published: begin again")}
ANYTHING = "[^/]+"
"""Ids are read by the views, so that what is no id gets an answer of the API's too."""
LONGEST_ID = 20


class Conflict(APIException):
    """What is asked for does not go with how things stand now."""

    status_code = status.HTTP_409_CONFLICT


@contextmanager
def answered() -> Iterator[None]:
    """What the ledger refuses in its own words is said in those of the API."""
    try:
        yield
    except NotAllowed as problem:
        raise NotFound from problem
    except BadFilter as problem:
        raise ValidationError(problem.problems) from problem
    except queries.NoPlace as problem:
        raise ValidationError({"after": [str(problem)]}) from problem
    except queries.NotThere as problem:
        raise NotFound(str(problem)) from problem
    except TooManyJobs as problem:
        raise Throttled(detail=str(problem)) from problem
    except (OperationError, WorkError, queries.OtherRun) as problem:
        raise Conflict(str(problem)) from problem


def number(text: str) -> int:
    """The id in an address. What is no id is the id of nothing: NotFound."""
    if not (text.isascii() and text.isdigit() and len(text) < LONGEST_ID and int(text) <= LARGEST):
        raise NotFound
    return int(text)


def scope_of(request: Request) -> Scope:
    """The scope of whoever asks."""
    return actor_for(request.user).scope


def whoever(request: Request) -> Actor:
    """Who asks, and from where."""
    return actor_for(request.user, address_of(request))


def actor_of(request: Request) -> Actor:
    """Whoever asks, at their desk. Without a party there is no work: NotFound."""
    actor = actor_for(request.user, address_of(request))
    if actor.desk is None:
        raise NotFound
    return actor


def page_of(request: Request, piece: queries.Piece[Any], **place: Any) -> dict[str, Any]:
    """A page and where the next one is; `place`: the parameters with which that begins."""
    address = request.build_absolute_uri()
    for name, value in place.items():
        address = replace_query_param(address, name, value)
    return {"count": piece.total, "next": address if piece.more else None, "run": piece.run, "results": piece.rows}


def note_read(request: Request, about: str, filters: Mapping[str, list[str]], rows: int, sent: Any) -> None:
    """Put on record who read which rows."""
    asked = "; ".join(f"{name}: {', '.join(values)}" for name, values in filters.items() if values)
    operations.note(
        actor=actor_for(request.user, address_of(request)),
        what=AuditEntry.What.READ_API,
        now=timezone.now(),
        about=about,
        filters=asked,
        rows=rows,
        sha256=hashlib.sha256(JSONRenderer().render(sent)).hexdigest(),
    )
