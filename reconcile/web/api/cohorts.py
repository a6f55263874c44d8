"""Cohorts by the API: rows are frozen, followed run by run, and their members read.

In: a request of a person who is logged in, at whose desk it is. Out: JSON.
"""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile import tasks
from reconcile.domain.cohorts import Fate
from reconcile.domain.vocabulary import mpxn_text
from reconcile.ledger import operations, queries
from reconcile.ledger.cohorts import LONGEST_NAME, Frozen
from reconcile.ledger.queries import CohortFound
from reconcile.ledger.working import MOST_CHOSEN, Selection
from reconcile.models import CohortMember, Job

from . import shapes
from .common import ANYTHING, MISSING, actor_of, answered, note_read, number, page_of
from .parameters import ID, LARGEST, PagesSerializer, read, without_parameters
from .work_shapes import DoneSerializer, told

REFUSED = {
    **MISSING,
    409: OpenApiResponse(shapes.ProblemSerializer, "It cannot be done, or the filter finds others now"),
}


class FatesSerializer(serializers.Serializer[Any]):
    """How many of the rows that the party sees have which fate."""

    mended = serializers.IntegerField(source="counts.mended", read_only=True)
    open = serializers.IntegerField(source="counts.open", read_only=True)
    worse = serializers.IntegerField(source="counts.worse", read_only=True)
    absent = serializers.IntegerField(source="counts.absent", read_only=True)


class AtRunSerializer(FatesSerializer):
    """What a run made of a cohort."""

    run = serializers.IntegerField(source="run.pk", read_only=True)
    as_of = serializers.DateField(source="run.as_of", read_only=True)


class CohortSerializer(FatesSerializer):
    """A cohort by the newest run. `run`: that which it was frozen at; `unseen`: rows that the party sees no more."""

    id = serializers.IntegerField(source="cohort.pk", read_only=True)
    name = serializers.CharField(source="cohort.name", read_only=True)
    run = serializers.IntegerField(source="cohort.run_id", read_only=True)
    size = serializers.IntegerField(source="cohort.size", read_only=True)
    unseen = serializers.IntegerField(read_only=True)
    filters = serializers.CharField(source="cohort.filters", read_only=True)
    maker = serializers.CharField(source="cohort.maker_name", read_only=True)
    made_at = serializers.DateTimeField(source="cohort.made_at", read_only=True)


@extend_schema_serializer(many=False)
class CohortListSerializer(serializers.Serializer[Any]):
    """Every cohort of the caller's party."""

    results = CohortSerializer(many=True, read_only=True)


class CohortRunsSerializer(serializers.Serializer[CohortFound]):
    """A cohort, the run that it was frozen at and every run since, the oldest first."""

    cohort = CohortSerializer(source="row", read_only=True)
    runs = AtRunSerializer(many=True, read_only=True)


class FreezeSerializer(serializers.Serializer[Any]):
    """Which rows are frozen: `ids`, or all that `filter` (a query string) finds: `run` and `count`; `first` of them."""

    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=LONGEST_NAME)
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=LARGEST), required=False, max_length=MOST_CHOSEN
    )
    filter = serializers.CharField(required=False, allow_blank=True, default="", max_length=4000)
    run = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    count = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST)
    first = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST, help_text="So many, by `sort`.")
    sort = serializers.CharField(required=False, allow_blank=True, default="", max_length=30)
    request = serializers.CharField(
        required=False, max_length=64, default="", help_text="The same request sent again is answered the same."
    )

    def rows(self) -> Frozen:
        """The rows."""
        given = self.validated_data
        if "run" in given:
            of = Selection(query=given["filter"], run=given["run"], count=given.get("count"))
        else:
            of = Selection(tuple(dict.fromkeys(given.get("ids", []))))
        return Frozen(of, given.get("first"), given["sort"])


class NameSerializer(serializers.Serializer[Any]):
    """Another name."""

    name = serializers.CharField(max_length=LONGEST_NAME)


class MembersSerializer(PagesSerializer):
    """Which members, and which page of them."""

    after = serializers.IntegerField(
        required=False, min_value=0, max_value=LARGEST, help_text="The id with which the page before ended."
    )
    fate = serializers.ChoiceField(required=False, choices=[fate.value for fate in Fate])
    run = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST, help_text="By this run; without, by the newest."
    )


class MemberSerializer(serializers.Serializer[CohortMember]):
    """A row of a cohort, with its fate by the newest run and as it was frozen."""

    id = serializers.IntegerField(source="discrepancy_id", read_only=True)
    mpxn = serializers.SerializerMethodField()
    rule = serializers.CharField(source="discrepancy.rule", read_only=True)
    fate = serializers.CharField(read_only=True)
    at_first = serializers.CharField(read_only=True)

    def get_mpxn(self, row: CohortMember) -> str:
        """Text: 13 digits are more than some clients keep in a number."""
        return mpxn_text(row.discrepancy.mpxn)


@extend_schema_serializer(many=False)
class MemberPageSerializer(shapes.PageSerializer):
    """A page of members, by id."""

    results = MemberSerializer(many=True, read_only=True)


class CohortViewSet(viewsets.ViewSet):
    """Cohorts of the caller's party."""

    lookup_value_regex = ANYTHING

    @extend_schema(responses={200: CohortListSerializer, **MISSING})
    def list(self, request: Request) -> Response:
        """All of them, the newest first. They are not in pages."""
        without_parameters(request)
        return Response(CohortListSerializer({"results": queries.cohorts(actor=actor_of(request))}).data)

    @extend_schema(parameters=[ID], responses={200: CohortRunsSerializer, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them, run by run."""
        without_parameters(request)
        return Response(CohortRunsSerializer(_found(request, pk)).data)

    @extend_schema(
        request=FreezeSerializer,
        responses={
            201: CohortSerializer,
            202: OpenApiResponse(DoneSerializer, "Many rows: a job does it; `/jobs/ID/` shows how it goes"),
            **REFUSED,
        },
    )
    def create(self, request: Request) -> Response:
        """Freeze rows: up to a thousand at once, more as a job."""
        asked = told(request, FreezeSerializer)
        with answered():
            made = operations.freeze(
                actor=actor_of(request),
                name=asked.validated_data["name"],
                rows=asked.rows(),
                request=asked.validated_data["request"],
                now=timezone.now(),
            )
        if isinstance(made, Job):
            job = tasks.send(made)
            return Response({"entry": None, "rows": None, "job": job.pk}, status=status.HTTP_202_ACCEPTED)
        return Response(_row(request, str(made.pk)), status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[ID], request=NameSerializer, responses={200: CohortSerializer, **REFUSED})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename it."""
        name = told(request, NameSerializer).validated_data["name"]
        with answered():
            operations.rename_cohort(actor=actor_of(request), cohort_id=number(pk), name=name, now=timezone.now())
        return Response(_row(request, pk))

    @extend_schema(parameters=[ID], responses={204: None, **MISSING})
    def destroy(self, request: Request, pk: str) -> Response:
        """Follow its rows no more; they stay as they are."""
        with answered():
            operations.remove_cohort(actor=actor_of(request), cohort_id=number(pk), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(parameters=[ID, MembersSerializer], responses={200: MemberPageSerializer, **MISSING})
    @action(detail=True)
    def members(self, request: Request, pk: str) -> Response:
        """A page of the rows that the party sees today, by id; those of one fate, by one run."""
        asked = read(request, MembersSerializer)
        size, after = asked["per_page"], asked.get("after", -1)
        every = queries.cohort_members(
            actor=actor_of(request), cohort_id=number(pk), fate=asked.get("fate", ""), run=asked.get("run")
        )
        if every is None:
            raise NotFound
        rows = list(every.filter(discrepancy__gt=after)[: size + 1])
        piece = queries.Piece(rows[:size], len(rows) > size, every.count())
        last = piece.rows[-1].discrepancy_id if piece.rows else None
        page = MemberPageSerializer(page_of(request, piece, after=last)).data
        note_read(request, f"Members of cohort {number(pk)}", {}, len(piece.rows), page["results"])
        return Response(page)


def _found(request: Request, pk: str) -> CohortFound:
    found = queries.cohort(actor=actor_of(request), cohort_id=number(pk))
    if found is None:
        raise NotFound
    return found


def _row(request: Request, pk: str) -> Any:
    return CohortSerializer(_found(request, pk).row).data
