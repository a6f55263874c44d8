"""Corrections by the API: counted, approved by their number, and what was sent with its files, lines and answers.

In: a request of a person who is logged in. Out: JSON, or the bytes of a file.
"""

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Actor
from reconcile.ledger.queries import Sending
from reconcile.web.taken_files import MANIFEST, TABLE, file_taken, manifest_taken, table_taken

from . import correction_shapes as shapes
from . import data_shapes
from .common import ANYTHING, CHANGED, MISSING, REFUSED, answered, note_read, number, page_of, whoever
from .jobs import job_shown
from .parameters import ID, read, without_parameters
from .work_shapes import told

JOB = OpenApiResponse(data_shapes.JobSerializer, "A job writes the files; `/api/jobs/ID/` shows how it goes")


class CorrectionViewSet(viewsets.ViewSet):
    """What is sent to registration, for the people of the party that sends it and for the market operator."""

    lookup_value_regex = ANYTHING

    @extend_schema(responses={200: shapes.CorrectionListSerializer, **REFUSED})
    def list(self, request: Request) -> Response:
        """Every sending."""
        without_parameters(request)
        found = queries.sendings(actor=whoever(request))
        return Response({"results": shapes.CorrectionSerializer(found, many=True).data})

    @extend_schema(
        request=shapes.CorrectionSelectionSerializer, responses={200: shapes.CorrectionPlanSerializer, **CHANGED}
    )
    @action(detail=False, methods=["post"])
    def plan(self, request: Request) -> Response:
        """How many corrections a selection has, to whom, and what is left out and why. Nothing is written."""
        asked = told(request, shapes.CorrectionSelectionSerializer).asked()
        with answered():
            found = queries.foreseen_corrections(actor=whoever(request), **asked, now=timezone.now())
        return Response(shapes.plan_of(found))

    @extend_schema(request=shapes.CorrectionApprovedSerializer, responses={202: JOB, **CHANGED})
    def create(self, request: Request) -> Response:
        """Approve a number of corrections, and have their files made. With another number nothing is written: 409."""
        without_parameters(request)
        approved, actor = told(request, shapes.CorrectionApprovedSerializer), whoever(request)
        key = {name: approved.validated_data[name] for name in ("count", "request")}
        with answered():
            job = operations.start_correction(actor=actor, **approved.asked(), **key, now=timezone.now())
        return Response(job_shown(actor, tasks.send(job).pk), status=status.HTTP_202_ACCEPTED)

    @extend_schema(parameters=[ID], responses={200: shapes.SendingSerializer, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """One sending with its files, and how many lines of each stand how."""
        without_parameters(request)
        actor, now = whoever(request), timezone.now()
        found = _sending(actor, pk)
        answers = {one.pk: queries.answers_of(actor=actor, file_id=one.pk, now=now) for one in found.files}
        return Response(shapes.SendingSerializer(found, context={"answers": answers}).data)

    @extend_schema(
        parameters=[ID, shapes.CorrectionLinesAskedSerializer],
        responses={200: shapes.CorrectionLinePageSerializer, **MISSING},
    )
    @action(detail=True)
    def lines(self, request: Request, pk: str) -> Response:
        """The lines of a sending, or of one of its files, with what was answered."""
        asked, actor = read(request, shapes.CorrectionLinesAskedSerializer), whoever(request)
        of = _sending(actor, pk).correction
        found = queries.sending_lines(
            actor=actor, correction_id=of.pk, file_id=asked.get("file"), after=asked["after"], size=asked["per_page"]
        )
        last = found.rows[-1].pk if found.rows else None
        answer = shapes.CorrectionLinePageSerializer(page_of(request, found, after=last)).data
        note_read(request, f"Lines of sending {of.pk}", {}, len(found.rows), answer["results"])
        return Response(answer)

    @extend_schema(
        parameters=[ID, shapes.CorrectionTakenSerializer],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **MISSING},
    )
    @action(detail=True)
    def download(self, request: Request, pk: str) -> HttpResponseBase:
        """A file of a sending as it is sent, its table or its manifest, for those who may export."""
        name, actor = read(request, shapes.CorrectionTakenSerializer)["file"], whoever(request)
        found = _sending(actor, pk)
        with answered():
            if name == TABLE:
                return table_taken(actor, found.correction)
            if name == MANIFEST:
                return manifest_taken(actor, found.correction)
            for file in found.files:
                if file.name == name:
                    return file_taken(actor, file)
        raise NotFound


def _sending(actor: Actor, pk: str) -> Sending:
    found = queries.sending(actor=actor, correction_id=number(pk))
    if found is None:
        raise NotFound
    return found
