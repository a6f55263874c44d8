"""The rest of a party's work by the API: what others raised, the inbox, reasons, the record, a file of assignments.

In: a request of a person who is logged in, at whose desk it is. Out: JSON.
"""

from pathlib import Path
from typing import IO, Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile.domain.assignments import MOST_BYTES
from reconcile.domain.work import Act, Verdict
from reconcile.ledger import operations, queries, uploads
from reconcile.ledger.actors import Actor, Right
from reconcile.ledger.working import Change
from reconcile.web.incoming import taken_content
from reconcile.web.middleware.bodies import takes_body

from . import work_shapes
from .common import ANYTHING, MISSING, actor_of, answered, note_read, number, page_of
from .parameters import ID, LARGEST, PagesSerializer, read, without_parameters
from .work import CHANGED, done
from .work_shapes import AnsweredSerializer, ReasonsSerializer, told


class RaisedViewSet(viewsets.ViewSet):
    """What other parties raised with the caller's."""

    lookup_value_regex = ANYTHING

    @extend_schema(responses={200: work_shapes.RaisedListSerializer, **MISSING})
    def list(self, request: Request) -> Response:
        """All that stands, what has no answer first, and then the oldest first. It is not in pages."""
        without_parameters(request)
        found = queries.raised_with_us(actor=actor_of(request))
        return Response(work_shapes.RaisedListSerializer({"results": found}).data)

    @extend_schema(parameters=[ID], responses={200: work_shapes.RaisedRowsSerializer, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them with its rows, and of each the answers."""
        without_parameters(request)
        found = queries.raised_rows(actor=actor_of(request), raising=number(pk))
        if found is None:
            raise NotFound
        rows = [{"row": row, "answer": answer, "given": given} for row, answer, given in found[1]]
        sent = work_shapes.RaisedRowsSerializer({"raising": found[0], "rows": rows}).data
        note_read(request, "Raised with us", {"id": [pk]}, len(rows), sent)
        return Response(sent)

    @extend_schema(parameters=[ID], request=AnsweredSerializer, responses=CHANGED)
    @action(detail=True, methods=["post"])
    def answers(self, request: Request, pk: str) -> Response:
        """Answer some of its rows: agreed, disputed or done. The same `request` again is done once."""
        asked = told(request, AnsweredSerializer).validated_data
        with answered():
            made = operations.answer(
                actor=actor_of(request),
                asked=Change(Act.ANSWER, verdict=Verdict(asked["verdict"]), words=asked.get("words", "")),
                raising=number(pk),
                ids=tuple(asked["ids"]),
                request=asked.get("request", ""),
                now=timezone.now(),
            )
        return done(made)


READ = {"type": "object", "properties": {"read": {"type": "integer"}}}


class InboxViewSet(viewsets.ViewSet):
    """Notes of colleagues that name the caller."""

    @extend_schema(responses={200: work_shapes.MentionListSerializer, **MISSING})
    def list(self, request: Request) -> Response:
        """The newest hundred, the newest first."""
        without_parameters(request)
        found = queries.inbox(actor=actor_of(request))[:100]
        return Response(work_shapes.MentionListSerializer({"results": found}).data)

    @extend_schema(request=None, responses={**MISSING, 200: READ})
    @action(detail=False, methods=["post"])
    def read(self, request: Request) -> Response:
        """All of them were read; gives how many that were."""
        return Response({"read": operations.read_mentions(actor=actor_of(request), now=timezone.now())})


class ReasonViewSet(viewsets.ViewSet):
    """What the people of the caller's party explain with."""

    @extend_schema(responses={200: ReasonsSerializer, **MISSING})
    def list(self, request: Request) -> Response:
        """All of them, in their order. They are not in pages."""
        without_parameters(request)
        return Response({"reasons": queries.reasons(actor=actor_of(request))})

    @extend_schema(request=ReasonsSerializer, responses={**CHANGED, 200: ReasonsSerializer})
    def create(self, request: Request) -> Response:
        """Say what they are, for managers; none for the usual ones."""
        asked = told(request, ReasonsSerializer).validated_data["reasons"]
        actor = actor_of(request)
        with answered():
            operations.set_reasons(actor=actor, reasons=asked, now=timezone.now())
        return Response({"reasons": queries.reasons(actor=actor)})


class RecordPagesSerializer(PagesSerializer):
    """Which entries of the record, and which page of them."""

    after = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST, help_text="The id with which the page before ended."
    )
    what = serializers.ChoiceField(required=False, choices=[one.value for one in queries.OF_WORK])
    name = serializers.CharField(required=False, max_length=150, help_text="A user name, or the party that answered.")
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)


class RecordViewSet(viewsets.ViewSet):
    """All that was done with the party's work, for its managers."""

    lookup_value_regex = ANYTHING

    @extend_schema(parameters=[RecordPagesSerializer], responses={200: work_shapes.EntryPageSerializer, **MISSING})
    def list(self, request: Request) -> Response:
        """A page of it, the newest first."""
        asked = read(request, RecordPagesSerializer)
        size, after = asked.pop("per_page"), asked.pop("after", None)
        with answered():
            every = queries.work_record(actor=actor_of(request), **asked)
        rows = list((every.filter(pk__lt=after) if after else every)[: size + 1])
        piece = queries.Piece(rows[:size], len(rows) > size, every.count())
        last = piece.rows[-1].pk if piece.rows else None
        page = work_shapes.EntryPageSerializer(page_of(request, piece, after=last)).data
        note_read(request, "The history of work", {}, len(piece.rows), page["results"])
        return Response(page)


class TextParser(BaseParser):
    """A file as it is."""

    media_type = "text/csv"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> dict[str, bytes]:
        """Its bytes."""
        return {"file": stream.read()}


class FileSerializer(serializers.Serializer[Any]):
    """What is to be done with a file: `count`, the rows that it was seen to change, and nothing to look at it only."""

    count = serializers.IntegerField(
        required=False, min_value=0, max_value=LARGEST, help_text="Do it, if it changes so many rows; else only look."
    )
    request = serializers.CharField(required=False, max_length=64)
    name = serializers.CharField(required=False, max_length=100, default="a program", help_text="What it is called.")


OF_FILE = [
    OpenApiParameter("count", OpenApiTypes.INT64, description=str(FileSerializer().fields["count"].help_text)),
    OpenApiParameter("request", OpenApiTypes.STR, description="The same request sent again is done once."),
    OpenApiParameter("name", OpenApiTypes.STR, description="What the file is called."),
]


class AssignmentViewSet(viewsets.ViewSet):
    """A file of assignments."""

    parser_classes = (TextParser,)

    @takes_body(MOST_BYTES)
    @extend_schema(
        parameters=OF_FILE,
        request={"text/csv": OpenApiTypes.STR},
        responses={**CHANGED, 200: work_shapes.PlanSerializer},
    )
    def create(self, request: Request) -> Response:
        """Say what it would change, and which lines are refused; with `count`, do it as a job."""
        asked = FileSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given, actor = asked.validated_data, actor_of(request)
        with answered():
            actor.desk_with(Right.WORK)
            path = taken_content(request.data.get("file", b"") if isinstance(request.data, dict) else b"")
            if "count" not in given:
                return _looked_at(actor, path)
            made = operations.load_assignments(
                actor=actor,
                path=uploads.keep(path),
                name=given["name"],
                count=given["count"],
                request=given.get("request", ""),
                now=timezone.now(),
            )
        return done(made)


def _looked_at(actor: Actor, path: Path) -> Response:
    """What a file would change; it is not kept."""
    try:
        plan = queries.work_file_plan(actor=actor, path=path)
    finally:
        path.unlink()
    return Response(work_shapes.PlanSerializer(plan.as_json()).data)
