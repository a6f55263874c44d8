"""The read-only API: discrepancies with the filter of the pages, runs, extracts.

In: a request of a person who is logged in. Out: JSON within their scope.
"""

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from reconcile.domain.vocabulary import fuel_of, mpxn_text, statuses_text
from reconcile.ledger import queries
from reconcile.ledger.access import Scope
from reconcile.ledger.actors import actor_for
from reconcile.ledger.filters import DiscrepancyFilter
from reconcile.models import Discrepancy, Event, Extract

ID = OpenApiParameter("id", OpenApiTypes.INT64, OpenApiParameter.PATH)


class EventSerializer(serializers.ModelSerializer):
    """One change of state."""

    class Meta:
        model = Event
        fields = ("on", "before", "after", "reason", "run")


class DiscrepancySerializer(serializers.ModelSerializer):
    """The columns of the CSV, and the id."""

    mpxn = serializers.SerializerMethodField()
    fuel = serializers.SerializerMethodField()
    network = serializers.CharField(source="network.code")
    supplier = serializers.CharField(source="supplier.code", default=None)
    meter_statuses = serializers.SerializerMethodField()
    state = serializers.CharField()
    last_seen = serializers.DateField(source="seen")
    age_days = serializers.IntegerField()

    class Meta:
        model = Discrepancy
        fields: tuple[str, ...] = (
            "id",
            "mpxn",
            "fuel",
            "network",
            "supplier",
            "rule",
            "severity",
            "flag",
            "flag_from",
            "expected",
            "meter_statuses",
            "meters",
            "latest_status_from",
            "in_flight",
            "state",
            "first_seen",
            "last_seen",
            "age_days",
        )

    def get_mpxn(self, row: Discrepancy) -> str:
        """Text: 13 digits are more than some clients keep in a number."""
        return mpxn_text(row.mpxn)

    def get_fuel(self, row: Discrepancy) -> str:
        """electricity or gas."""
        return fuel_of(row.mpxn).value

    def get_meter_statuses(self, row: Discrepancy) -> str:
        """Statuses joined with + in SMI order."""
        return statuses_text(row.mask)


class DiscrepancyDetailSerializer(DiscrepancySerializer):
    """One discrepancy with its life."""

    events = EventSerializer(many=True)

    class Meta(DiscrepancySerializer.Meta):
        fields = (*DiscrepancySerializer.Meta.fields, "events")


class TotalsSerializer(serializers.Serializer):
    """What a run found within the caller's scope."""

    mismatches = serializers.IntegerField()
    in_flight = serializers.IntegerField()
    watch = serializers.IntegerField()
    new = serializers.IntegerField()
    ongoing = serializers.IntegerField()
    regressed = serializers.IntegerField()
    resolved = serializers.IntegerField()
    absent = serializers.IntegerField()


class RunSerializer(serializers.Serializer):
    """A run and its totals within the caller's scope."""

    id = serializers.IntegerField(source="run.id")
    as_of = serializers.DateField(source="run.as_of")
    lookback = serializers.BooleanField(source="run.lookback")
    policy = serializers.CharField(source="run.policy")
    policy_version = serializers.CharField(source="run.policy_version")
    published_at = serializers.DateTimeField(source="run.published_at")
    points = serializers.IntegerField()
    totals = TotalsSerializer()


class ExtractSerializer(serializers.ModelSerializer):
    """A loaded file."""

    reasons = serializers.SerializerMethodField()

    class Meta:
        model = Extract
        fields = (
            "id",
            "name",
            "kind",
            "table",
            "coverage",
            "as_of",
            "size",
            "rows",
            "rejects",
            "reasons",
            "sha256",
            "loaded_at",
        )

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
    def get_reasons(self, row: Extract) -> dict[str, int]:
        """Rejected lines by reason."""
        return row.report.get("reasons", {})


class Pages(PageNumberPagination):
    """Pages of 100, or up to 1,000 by `per_page`."""

    page_size_query_param = "per_page"
    max_page_size = 1000


class CountedPages(Pages):
    """Pages of a list whose length is known already, so that no page counts it again."""

    def know(self, total: int) -> None:
        """Take the length as given."""
        self.django_paginator_class = type("Counted", (Paginator,), {"count": total})


def scope_of(request: Request) -> Scope:
    """The scope of whoever asks."""
    return actor_for(request.user).scope


class DiscrepancyViewSet(viewsets.ReadOnlyModelViewSet):
    """Discrepancies, with the filters of the list page. Without `state` they are the open ones."""

    pagination_class = CountedPages
    lookup_value_regex = "[0-9]+"
    queryset = Discrepancy.objects.none()
    serializer_class = DiscrepancySerializer
    filter_backends = [DjangoFilterBackend]
    filterset_class = DiscrepancyFilter

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A page of the filtered list, sorted by id."""
        found = queries.discrepancy_list(scope=scope_of(request), filters=request.query_params)
        if found.problem:
            raise ValidationError(found.filters.errors)
        cast("CountedPages", self.paginator).know(found.total)
        page = self.paginate_queryset(found.rows)
        return self.get_paginated_response(DiscrepancySerializer(page, many=True).data)

    @extend_schema(parameters=[ID], responses=DiscrepancyDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One discrepancy and the events of its life."""
        found = queries.discrepancy(scope=scope_of(request), discrepancy_id=int(kwargs["pk"]))
        if found is None:
            raise Http404
        return Response(DiscrepancyDetailSerializer(found).data)


class RunViewSet(viewsets.GenericViewSet):
    """Runs, newest data date first, with totals within the caller's scope."""

    pagination_class = Pages
    lookup_value_regex = "[0-9]+"
    queryset = Discrepancy.objects.none()
    serializer_class = RunSerializer
    filter_backends: list[type] = []

    @extend_schema(responses=RunSerializer(many=True))
    def list(self, request: Request) -> Response:
        """A page of runs."""
        page = self.paginate_queryset(queries.runs(scope=scope_of(request)))
        return self.get_paginated_response(RunSerializer(page, many=True).data)

    @extend_schema(parameters=[ID])
    def retrieve(self, request: Request, pk: str) -> Response:
        """One run."""
        found = queries.run(scope=scope_of(request), run_id=int(pk))
        if found is None:
            raise Http404
        return Response(RunSerializer(found.found).data)


class ExtractViewSet(viewsets.ReadOnlyModelViewSet):
    """Loaded files, newest data date first."""

    pagination_class = Pages
    lookup_value_regex = "[0-9]+"
    queryset = Extract.objects.none()
    serializer_class = ExtractSerializer
    filter_backends: list[type] = []

    def get_queryset(self) -> QuerySet[Extract]:
        """Those within the scope."""
        return queries.extracts(scope=scope_of(self.request))


router = DefaultRouter()
router.register("discrepancies", DiscrepancyViewSet, basename="api-discrepancy")
router.register("runs", RunViewSet, basename="api-run")
router.register("extracts", ExtractViewSet, basename="api-extract")
