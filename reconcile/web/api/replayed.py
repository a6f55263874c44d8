"""Replays by the API: asked for as a job, and what they found by day, Network Party and supplier.

In: a request of a person who is logged in. Out: JSON.
"""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile import tasks
from reconcile.domain.policies import DEFAULT_POLICY, UnknownPolicy, reading_named
from reconcile.ledger import operations, queries

from . import data_shapes
from .common import ANYTHING, CHANGED, MISSING, answered, number, whoever
from .jobs import job_shown
from .parameters import ID, without_parameters
from .policies import NAMES
from .replay import LateSerializer
from .work_shapes import told


class ReplayAskedSerializer(serializers.Serializer[Any]):
    """The first and the last day, and a policy."""

    first = serializers.DateField()
    last = serializers.DateField()
    policy = serializers.CharField(required=False, default=DEFAULT_POLICY.name, help_text=NAMES)

    def validate_policy(self, name: str) -> str:
        """A policy that there is."""
        try:
            return reading_named(name).name
        except UnknownPolicy as problem:
            raise serializers.ValidationError(str(problem)) from problem


class LatelySerializer(LateSerializer):
    """Flags that changed (`from_to`: `N>A`), that the meters ask for anew, and how late those that followed were.

    Null where the day before was not judged.
    """

    flag_changes = serializers.IntegerField(allow_null=True)
    from_to = serializers.DictField(child=serializers.IntegerField(), allow_null=True)
    updates_asked = serializers.IntegerField(allow_null=True)
    asked = serializers.DictField(child=serializers.IntegerField(), allow_null=True)
    followed = serializers.IntegerField()


class ReplayedDaySerializer(LatelySerializer):
    """Meter Points of a day, as a run of that day counts them; lateness of the changes of the last 35 days."""

    as_of = serializers.DateField()
    right = serializers.IntegerField()
    wrong = serializers.IntegerField()
    open = serializers.IntegerField()
    unread = serializers.IntegerField()
    mismatches = serializers.IntegerField()
    in_flight = serializers.IntegerField()


class ReplayedTotalSerializer(LatelySerializer):
    """Meter Points times days. Lateness is of the flags that followed in these days, each once, and of those that wait
    on the last of them."""

    right_days = serializers.IntegerField()
    wrong_days = serializers.IntegerField()
    open_days = serializers.IntegerField()
    unread_days = serializers.IntegerField()
    mismatches_days = serializers.IntegerField()
    in_flight_days = serializers.IntegerField()


class ReplayedPartySerializer(ReplayedTotalSerializer):
    """The same of a party; `none`: of points without one."""

    code = serializers.CharField()


class ReplayedSerializer(serializers.Serializer[Any]):
    """What a replay found, of the rows that the caller sees."""

    total = ReplayedTotalSerializer()
    days = ReplayedDaySerializer(many=True)
    networks = ReplayedPartySerializer(many=True)
    suppliers = ReplayedPartySerializer(many=True)


class ReplayedViewSet(viewsets.ViewSet):
    """The kept history judged again under a policy, day by day. Nothing of it is published."""

    lookup_value_regex = ANYTHING

    @extend_schema(
        request=ReplayAskedSerializer,
        responses={202: OpenApiResponse(data_shapes.JobSerializer, "The job that does it"), **CHANGED},
    )
    def create(self, request: Request) -> Response:
        """Ask for a replay, for those who may reconcile. Its number is that of the job that does it."""
        asked, actor = told(request, ReplayAskedSerializer).validated_data, whoever(request)
        with answered():
            job = tasks.send(operations.start_replay(actor=actor, now=timezone.now(), **asked))
        return Response(job_shown(actor, job.pk), status.HTTP_202_ACCEPTED)

    @extend_schema(parameters=[ID], responses={200: ReplayedSerializer, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """What one found, once its job is done."""
        without_parameters(request)
        with answered():
            found = queries.replayed(actor=whoever(request), job_id=number(pk))
        if found is None:
            raise NotFound
        return Response(ReplayedSerializer(found.as_json()).data)
