"""A party's work by the API: the queue, its facets, and changes of some rows or of all that match.

In: a request of a person who is logged in, at whose desk it is. Out: JSON.
"""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile import tasks
from reconcile.domain.work import ACTS, RAISE_TO, Act
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Actor, NotAllowed, actor_for
from reconcile.ledger.filters import BadFilter, given
from reconcile.ledger.operations import TooManyJobs, WorkError
from reconcile.ledger.queries import Facet, Option, Stated
from reconcile.ledger.work_filter import WORK_FILTERS, WorkFilter
from reconcile.ledger.working import Change, Selection
from reconcile.models import AuditEntry, Job, WorkItem
from reconcile.web.log_ins import address_of
from reconcile.web.work_words import item_of, state_of, with_whom

from . import shapes
from .parameters import FORMAT, LARGEST, PagesOfRunSerializer, described, read, refuse
from .views import MISSING, OVERTAKEN, Conflict, note_read, page_of

FILTERS = [described(name, field) for name, field in WorkFilter.base_fields.items()]
ACTS_OF_API = [act.value for act in Act if act != Act.ANSWER]
GIVEN = ("words", "assignee", "due", "reference", "reason", "until_changed", "undoes")


def actor_of(request: Request) -> Actor:
    """Whoever asks. Without a party there is no work: NotFound."""
    actor = actor_for(request.user, address_of(request))
    if actor.desk is None:
        raise NotFound
    return actor


class WorkSerializer(shapes.DiscrepancySerializer):
    """A discrepancy with the work of the caller's party."""

    assignee = serializers.SerializerMethodField()
    work_state = serializers.SerializerMethodField()
    raised_to = serializers.SerializerMethodField()
    reference = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()
    answer = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    due = serializers.SerializerMethodField()
    why = serializers.SerializerMethodField()

    class Meta(shapes.DiscrepancySerializer.Meta):
        fields = (
            *shapes.DiscrepancySerializer.Meta.fields,
            *("assignee", "work_state", "raised_to", "reference", "note", "answer", "reason", "due", "why"),
        )
        read_only_fields = fields

    def get_assignee(self, row: Stated) -> str:
        """A user name; empty for nobody."""
        item = item_of(row)
        return item.assignee.get_username() if item and item.assignee else ""

    def get_work_state(self, row: Stated) -> str:
        """to_do, raised, explained or closed."""
        return str(state_of(row))

    def get_raised_to(self, row: Stated) -> str:
        """The party that it is raised with now."""
        item = _raised(row)
        return with_whom(item) if item else ""

    def get_reference(self, row: Stated) -> str:
        """Under which it is raised now."""
        item = _raised(row)
        return item.raised.reference if item and item.raised else ""

    def get_note(self, row: Stated) -> str:
        """The last note."""
        item = item_of(row)
        return item.note if item else ""

    def get_answer(self, row: Stated) -> str:
        """What the party that it is raised with said: agreed, disputed, done; empty for nothing yet."""
        item = _raised(row)
        return item.answer if item else ""

    def get_reason(self, row: Stated) -> str:
        """With which it is explained."""
        item = item_of(row)
        return item.reason if item else ""

    def get_due(self, row: Stated) -> str:
        """The day to look at it again."""
        item = item_of(row)
        return item.due.isoformat() if item and item.due else ""

    def get_why(self, row: Stated) -> str:
        """Why it closed or came back by itself."""
        item = item_of(row)
        return item.why if item else ""


def _raised(row: Stated) -> WorkItem | None:
    return item_of(row) if state_of(row) == "raised" else None


@extend_schema_serializer(many=False)
class WorkPageSerializer(shapes.PageSerializer):
    """A page of the queue, by id. `run`: the run that left the list so."""

    run = serializers.IntegerField(read_only=True, allow_null=True)
    results = WorkSerializer(many=True, read_only=True)


class OptionSerializer(serializers.Serializer[Option]):
    """A value of a filter and how many rows it has, by the other filters."""

    value = serializers.CharField(read_only=True)
    count = serializers.IntegerField(read_only=True)


class FacetSerializer(serializers.Serializer[Facet]):
    """A filter and its values."""

    name = serializers.CharField(read_only=True)
    options = OptionSerializer(many=True, read_only=True)


@extend_schema_serializer(many=False)
class FacetsSerializer(serializers.Serializer[Any]):
    """All facets of a filter, and its exact number of rows."""

    count = serializers.IntegerField(read_only=True)
    facets = FacetSerializer(many=True, read_only=True)


class ChangeSerializer(serializers.Serializer[Any]):
    """What is to be done with which rows: `ids`, or all that `filter` (a query string) finds: `run` and `count`."""

    act = serializers.ChoiceField(choices=ACTS_OF_API)
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=LARGEST), required=False, max_length=1000
    )
    filter = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    run = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    count = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST)
    request = serializers.CharField(
        required=False, max_length=64, help_text="The same request sent again is done once and answered the same."
    )
    words = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    assignee = serializers.CharField(required=False, allow_blank=True, max_length=150)
    due = serializers.DateField(required=False)
    to = serializers.ChoiceField(required=False, choices=[ACTS, *RAISE_TO])
    reference = serializers.CharField(required=False, allow_blank=True, max_length=60)
    reason = serializers.CharField(required=False, max_length=100)
    until_changed = serializers.BooleanField(required=False)
    undoes = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)

    def change(self) -> Change:
        """What is to be done."""
        given = {name: self.validated_data[name] for name in (*GIVEN, "to") if name in self.validated_data}
        return Change(Act(self.validated_data["act"]), **given)

    def selection(self) -> Selection:
        """With which rows."""
        given = self.validated_data
        if "run" in given:
            return Selection(query=given.get("filter", ""), run=given["run"], count=given.get("count"))
        return Selection(tuple(dict.fromkeys(given.get("ids", []))))


@extend_schema_serializer(many=False)
class DoneSerializer(serializers.Serializer[Any]):
    """What was done: the number of its entry, by which it can be undone, its rows; or the job that does it."""

    entry = serializers.IntegerField(read_only=True, allow_null=True)
    rows = serializers.IntegerField(read_only=True, allow_null=True)
    job = serializers.IntegerField(read_only=True, allow_null=True)


CHANGED = {
    **MISSING,
    200: DoneSerializer,
    202: OpenApiResponse(DoneSerializer, "All that match: a job does it; `/jobs/ID/` shows how it goes"),
    409: OpenApiResponse(shapes.ProblemSerializer, "It cannot be done like this, or the filter finds others now"),
}


class WorkViewSet(viewsets.ViewSet):
    """The queue of the caller's party. Without `state` the open discrepancies."""

    @extend_schema(
        parameters=[PagesOfRunSerializer, *FILTERS], responses={200: WorkPageSerializer, **OVERTAKEN, **MISSING}
    )
    def list(self, request: Request) -> Response:
        """A page of the queue, by id: Meter Point, then rule. Its pages belong to one run."""
        asked = read(request, PagesOfRunSerializer, also=WorkFilter.base_fields)
        filters = {name: request.query_params.getlist(name) for name in WorkFilter.base_fields}
        try:
            found = queries.work_page(
                actor=actor_of(request),
                filters=filters,
                size=asked["per_page"],
                after=asked.get("after"),
                run=asked.get("run"),
            )
        except BadFilter as problem:
            raise ValidationError(problem.problems) from problem
        except queries.OtherRun as problem:
            raise Conflict(str(problem)) from problem
        last = found.rows[-1].pk if found.rows else None
        page = WorkPageSerializer(page_of(request, found, after=last, run=found.run)).data
        of_evidence = {name: values for name, values in filters.items() if name not in WORK_FILTERS}
        note_read(request, "Work", of_evidence, len(page["results"]), page["results"])
        return Response(page)

    @extend_schema(parameters=FILTERS, responses={200: FacetsSerializer, **MISSING})
    @action(detail=False)
    def facets(self, request: Request) -> Response:
        """How many rows each value of a filter has, by the other filters."""
        refuse(given(request.query_params).keys() - WorkFilter.base_fields.keys() - {FORMAT})
        filters = {name: request.query_params.getlist(name) for name in WorkFilter.base_fields}
        found = queries.work_list(actor=actor_of(request), filters=filters)
        if found.problem:
            raise ValidationError(found.filters.problems())
        return Response(FacetsSerializer({"count": found.total, "facets": found.facets}).data)

    @extend_schema(request=ChangeSerializer, responses=CHANGED)
    @action(detail=False, methods=["post"])
    def changes(self, request: Request) -> Response:
        """Assign, raise, explain, note, take up again or undo: named rows at once, all that a filter finds as a job."""
        asked = ChangeSerializer(data=request.data)
        if not asked.is_valid():
            raise ValidationError({name: _flat(problem) for name, problem in asked.errors.items()})
        made = _done(actor_of(request), asked)
        if isinstance(made, Job):
            job = tasks.send(made)
            return Response({"entry": None, "rows": None, "job": job.pk}, status=status.HTTP_202_ACCEPTED)
        return Response({"entry": made.pk, "rows": made.rows, "job": made.job})


def _flat(problem: Any) -> list[str]:
    """Sentences; those of a list's values come by their place in it."""
    if isinstance(problem, dict):
        return [f"{place}: {one}" for place, problems in problem.items() for one in problems]
    return [str(one) for one in problem]


def _done(actor: Actor, asked: ChangeSerializer) -> AuditEntry | Job:
    try:
        return operations.work_on(
            actor=actor,
            asked=asked.change(),
            of=asked.selection(),
            request=asked.validated_data.get("request", ""),
            now=timezone.now(),
        )
    except NotAllowed as problem:
        raise NotFound from problem
    except WorkError as problem:
        raise Conflict(str(problem)) from problem
    except TooManyJobs as problem:
        raise Throttled(detail=str(problem)) from problem
