"""What was loaded and run, by the API: files handed in and withdrawn, runs compared.

In: a request of a person who is logged in. Out: JSON.
"""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Actor, Right
from reconcile.ledger.operations import Marked
from reconcile.ledger.queries import Narrowed
from reconcile.web.forms.handed_in import UploadForm
from reconcile.web.incoming import begin_load
from reconcile.web.middleware.bodies import takes_file

from . import data_shapes, shapes
from .common import ANYTHING, CHANGED, MISSING, REFUSED, answered, note_read, number, page_of, scope_of, whoever
from .jobs import job_shown
from .parameters import ID, PagesByDateSerializer, read, without_parameters
from .work_shapes import told


class RunViewSet(viewsets.ViewSet):
    """Runs, with totals within the caller's scope."""

    lookup_value_regex = ANYTHING

    @extend_schema(parameters=[PagesByDateSerializer], responses={200: shapes.RunPageSerializer, **REFUSED})
    def list(self, request: Request) -> Response:
        """A page of runs, newest data date first."""
        asked = read(request, PagesByDateSerializer)
        found = queries.run_page(scope=scope_of(request), size=asked["per_page"], after=asked.get("after"))
        last = f"{found.rows[-1].run.as_of}.{found.rows[-1].run.pk}" if found.rows else None
        return Response(shapes.RunPageSerializer(page_of(request, found, after=last)).data)

    @extend_schema(parameters=[ID], responses={200: shapes.RunSerializer, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """One run."""
        without_parameters(request)
        found = queries.run(scope=scope_of(request), run_id=number(pk))
        if found is None:
            raise NotFound
        return Response(shapes.RunSerializer(found.found).data)

    @extend_schema(
        parameters=[data_shapes.CompareSerializer], responses={200: data_shapes.ComparedSerializer, **MISSING}
    )
    @action(detail=False)
    def compare(self, request: Request) -> Response:
        """Two runs: the bridge, what differs by rule and Network Party, and a page of rows, the worst first.

        What runs found never changes, so pages go by number.
        """
        asked = read(request, data_shapes.CompareSerializer)
        pair, page, size = (asked["earlier"], asked["later"]), asked["page"], asked["per_page"]
        only = {name: asked[name] for name in ("move", "rule", "network") if name in asked}
        with answered():
            found = queries.compared(
                scope=scope_of(request), runs=pair, only=Narrowed(**only), page=page, size=size, now=timezone.now()
            )
        if found is None:
            raise NotFound("There are no such two runs.")
        piece = queries.Piece(found.rows, page * size < found.total, found.total)
        numbers = {"earlier": found.earlier.pk, "later": found.later.pk}
        answer = {**vars(found), **page_of(request, piece, page=page + 1), **numbers}
        sent = data_shapes.ComparedSerializer(answer).data
        filters = {str(name): [value] for name, value in only.items()}
        note_read(request, f"Runs {pair[0]} and {pair[1]} compared", filters, len(found.rows), sent["results"])
        return Response(sent)


class ExtractViewSet(viewsets.ViewSet):
    """Loaded files within the caller's scope."""

    lookup_value_regex = ANYTHING
    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(parameters=[PagesByDateSerializer], responses={200: shapes.ExtractPageSerializer, **REFUSED})
    def list(self, request: Request) -> Response:
        """A page of loaded files, newest data date first."""
        asked = read(request, PagesByDateSerializer)
        scope = scope_of(request)
        found = queries.extract_page(scope=scope, size=asked["per_page"], after=asked.get("after"))
        last = f"{found.rows[-1].as_of}.{found.rows[-1].pk}" if found.rows else None
        page = page_of(request, found, after=last)
        return Response(shapes.ExtractPageSerializer(page, context={"scope": scope}).data)

    @extend_schema(parameters=[ID], responses={200: shapes.ExtractSerializer, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """One loaded file."""
        without_parameters(request)
        return Response(_extract(whoever(request), number(pk)))

    @takes_file(Right.LOAD)
    @extend_schema(
        request={"multipart/form-data": data_shapes.UploadSerializer},
        responses={
            **MISSING,
            202: OpenApiResponse(data_shapes.JobListSerializer, "A job a file; `/api/jobs/ID/` shows how it goes"),
            413: OpenApiResponse(shapes.ProblemSerializer, "It is larger than what is taken"),
        },
    )
    def create(self, request: Request) -> Response:
        """Hand in files to be loaded, each by a job of its own. They are written to disk as they come."""
        without_parameters(request)
        actor = whoever(request)
        with answered():
            actor.must(Right.LOAD)
            form = UploadForm(request.data if isinstance(request.data, dict) else {}, request.FILES)
            if not form.is_valid():
                raise ValidationError({name: [str(one) for one in problems] for name, problems in form.errors.items()})
            asked = [begin_load(actor, file, form.cleaned_data) for file in form.cleaned_data["file"]]
        begun = [job_shown(actor, tasks.send(job).pk) for job in asked]
        return Response({"results": begun}, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        parameters=[ID],
        request=data_shapes.ReasonSerializer,
        responses={200: shapes.ExtractSerializer, **CHANGED},
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Let no run read a file any more, because it is wrong, for those who decide. Nothing is deleted."""
        return _marked(request, pk, operations.withdraw)

    @extend_schema(
        parameters=[ID],
        request=data_shapes.ReasonSerializer,
        responses={200: shapes.ExtractSerializer, **CHANGED},
    )
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Take a withdrawal back: the next run reads the file again."""
        return _marked(request, pk, operations.take_back)


def _marked(request: Request, pk: str, mark: Callable[..., Marked]) -> Response:
    reason = told(request, data_shapes.ReasonSerializer).validated_data["reason"]
    actor = whoever(request)
    with answered():
        done = mark(actor=actor, extract_id=number(pk), reason=reason, now=timezone.now())
        if done.job:
            tasks.send(done.job)
    return Response(_extract(actor, number(pk)))


def _extract(actor: Actor, extract_id: int) -> Any:
    found = queries.extract(actor=actor, extract_id=extract_id)
    if found is None:
        raise NotFound
    return shapes.ExtractSerializer(found.extract, context={"scope": actor.scope}).data
