"""The addresses of the API: each one question to ledger.queries, within the scope of whoever asks.

In: a request of a person who is logged in. Out: JSON.
"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile.ledger import queries
from reconcile.ledger.filters import DiscrepancyFilter, given
from reconcile.ledger.queries import Causes
from reconcile.web import classes
from reconcile.web.kept import kept

from . import shapes
from .common import ANYTHING, MISSING, OVERTAKEN, REFUSED, answered, note_read, number, page_of, scope_of
from .parameters import (
    FILTERS,
    FORMAT,
    ID,
    PagesOfRunSerializer,
    read,
    refuse,
    without_parameters,
)


class DiscrepancyViewSet(viewsets.ViewSet):
    """Discrepancies, with the filters of the list page. Without `state` they are the open ones."""

    lookup_value_regex = ANYTHING

    @extend_schema(
        parameters=[PagesOfRunSerializer, *FILTERS], responses={200: shapes.DiscrepancyPageSerializer, **OVERTAKEN}
    )
    def list(self, request: Request) -> Response:
        """A page of the filtered list, worst first: the graver, then the longer wrong. Its pages belong to one run."""
        asked = read(request, PagesOfRunSerializer, also=DiscrepancyFilter.base_fields)
        filters = {name: request.query_params.getlist(name) for name in DiscrepancyFilter.base_fields}
        with answered():
            found = queries.discrepancy_page(
                scope=scope_of(request),
                filters=filters,
                size=asked["per_page"],
                after=asked.get("after"),
                run=asked.get("run"),
            )
        last = found.rows[-1].pk if found.rows else None
        page = shapes.DiscrepancyPageSerializer(page_of(request, found, after=last, run=found.run)).data
        note_read(request, "Discrepancies", filters, len(page["results"]), page["results"])
        return Response(page)

    @extend_schema(parameters=[ID], responses={200: shapes.DiscrepancyDetailSerializer, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """One discrepancy and the events of its life."""
        without_parameters(request)
        found = queries.discrepancy(scope=scope_of(request), discrepancy_id=number(pk))
        if found is None:
            raise NotFound
        row = shapes.DiscrepancyDetailSerializer(found).data
        note_read(request, "One discrepancy", {"id": [pk]}, 1, row)
        return Response(row)


class CausesViewSet(viewsets.ViewSet):
    """What discrepancies have in common, within the caller's scope."""

    @extend_schema(parameters=FILTERS, responses={200: shapes.CausesSerializer, **REFUSED})
    def list(self, request: Request) -> Response:
        """The causes of what the filter of discrepancies finds. They are not in pages: there are never many."""
        refuse(given(request.query_params).keys() - DiscrepancyFilter.base_fields.keys() - {FORMAT})
        filters = {name: request.query_params.getlist(name) for name in DiscrepancyFilter.base_fields}
        found = queries.causes(scope=scope_of(request), filters=filters)
        if found.problem:
            raise ValidationError(found.filters.problems())
        told = kept("causes-api", lambda: self._told(found), classes.hangs_on(found))
        note_read(request, "Causes", filters, told["rows"], told["answer"])
        return Response(told["answer"])

    def _told(self, found: Causes) -> dict[str, Any]:
        return {"rows": sum(1 for _ in classes.rows(found)), "answer": shapes.CausesSerializer(found).data}
