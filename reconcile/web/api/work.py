"""A party's work by the API: the queue, its facets, one row, and changes of some rows or of all that match.

In: a request of a person who is logged in, at whose desk it is. Out: JSON. What others raised, the inbox and the rest
of the pages of work are in work_more.
"""

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.filters import given
from reconcile.ledger.work_filter import WORK_FILTERS, WorkFilter
from reconcile.models import AuditEntry, Job

from . import shapes, work_shapes
from .common import ANYTHING, MISSING, OVERTAKEN, actor_of, answered, note_read, number, page_of
from .parameters import FORMAT, ID, PagesOfRunSerializer, described, read, refuse, without_parameters
from .work_shapes import ChangeSerializer, told

FILTERS = [described(name, field) for name, field in WorkFilter.base_fields.items()]
CHANGED = {
    **MISSING,
    200: work_shapes.DoneSerializer,
    202: OpenApiResponse(work_shapes.DoneSerializer, "All that match: a job does it; `/jobs/ID/` shows how it goes"),
    409: OpenApiResponse(shapes.ProblemSerializer, "It cannot be done like this, or the filter finds others now"),
}


def done(made: AuditEntry | Job) -> Response:
    """What was done, or the job that does it, which is sent to a worker."""
    if isinstance(made, Job):
        job = tasks.send(made)
        return Response({"entry": None, "rows": None, "job": job.pk}, status=status.HTTP_202_ACCEPTED)
    return Response({"entry": made.pk, "rows": made.rows, "job": made.job})


class WorkViewSet(viewsets.ViewSet):
    """The queue of the caller's party. Without `state` the open discrepancies."""

    lookup_value_regex = ANYTHING

    @extend_schema(
        parameters=[PagesOfRunSerializer, *FILTERS],
        responses={200: work_shapes.WorkPageSerializer, **OVERTAKEN, **MISSING},
    )
    def list(self, request: Request) -> Response:
        """A page of the queue, by id: Meter Point, then rule. Its pages belong to one run."""
        asked = read(request, PagesOfRunSerializer, also=WorkFilter.base_fields)
        filters = {name: request.query_params.getlist(name) for name in WorkFilter.base_fields}
        with answered():
            found = queries.work_page(
                actor=actor_of(request),
                filters=filters,
                size=asked["per_page"],
                after=asked.get("after"),
                run=asked.get("run"),
            )
        last = found.rows[-1].pk if found.rows else None
        page = work_shapes.WorkPageSerializer(page_of(request, found, after=last, run=found.run)).data
        of_evidence = {name: values for name, values in filters.items() if name not in WORK_FILTERS}
        note_read(request, "Work", of_evidence, len(page["results"]), page["results"])
        return Response(page)

    @extend_schema(parameters=FILTERS, responses={200: work_shapes.FacetsSerializer, **MISSING})
    @action(detail=False)
    def facets(self, request: Request) -> Response:
        """How many rows each value of a filter has, by the other filters."""
        refuse(given(request.query_params).keys() - WorkFilter.base_fields.keys() - {FORMAT})
        filters = {name: request.query_params.getlist(name) for name in WorkFilter.base_fields}
        found = queries.work_list(actor=actor_of(request), filters=filters)
        if found.problem:
            raise ValidationError(found.filters.problems())
        return Response(work_shapes.FacetsSerializer({"count": found.total, "facets": found.facets}).data)

    @extend_schema(request=ChangeSerializer, responses=CHANGED)
    @action(detail=False, methods=["post"])
    def changes(self, request: Request) -> Response:
        """Assign, raise, explain, note, take up again or undo: named rows at once, all that a filter finds as a job."""
        asked = told(request, ChangeSerializer)
        with answered():
            made = operations.work_on(
                actor=actor_of(request),
                asked=asked.change(),
                of=asked.selection(),
                request=asked.validated_data.get("request", ""),
                now=timezone.now(),
            )
        return done(made)

    @extend_schema(parameters=[ID], responses={200: work_shapes.WorkRowSerializer, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """One discrepancy at the caller's desk: how it stands, and all that was done about it, the newest first."""
        without_parameters(request)
        found = queries.work_row(actor=actor_of(request), discrepancy_id=number(pk))
        if found is None:
            raise NotFound
        row = work_shapes.WorkRowSerializer(found).data
        note_read(request, "One row of work", {"id": [pk]}, 1, row)
        return Response(row)
