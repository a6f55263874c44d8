"""Kept history by the API under any policy: of one Meter Point, or of a party through the runs.

In: a request of a person who is logged in. Out: JSON.
"""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers, viewsets
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile.domain.policies import UnknownPolicy, reading_named
from reconcile.domain.policy import Policy
from reconcile.domain.replay import Followed, Period, Replay, Stood
from reconcile.domain.vocabulary import statuses_text
from reconcile.ledger import queries
from reconcile.ledger.filters import given
from reconcile.ledger.queries import PartyReplay, RunStood

from .common import ANYTHING, MISSING, note_read, number, scope_of
from .parameters import FORMAT, refuse
from .policies import NAMES

MPXN = OpenApiParameter("id", OpenApiTypes.INT64, OpenApiParameter.PATH, description="An MPAN or MPRN.")
PARTIES = [
    OpenApiParameter("network", OpenApiTypes.STR, description="The code of a Network Party."),
    OpenApiParameter("supplier", OpenApiTypes.STR, description="The code of a supplier."),
]
POLICY = OpenApiParameter("policy", OpenApiTypes.STR, description=f"{NAMES} Without it, that of the newest run.")


class PeriodSerializer(serializers.Serializer[Any]):
    """Days on which nothing changed, `until` without; a flag is null where it is not known, and empty for none."""

    since = serializers.DateField()
    until = serializers.DateField()
    days = serializers.IntegerField()
    flag = serializers.CharField(allow_null=True, allow_blank=True)
    meter_statuses = serializers.CharField(allow_blank=True)
    expected = serializers.CharField(allow_blank=True)
    stood = serializers.ChoiceField([one.value for one in Stood])


class FollowedSerializer(serializers.Serializer[Any]):
    """A change of the meters that asked for another flag. `days_late` is null where another change came first.

    `exact`: a file gives the day; else the change was by that day.
    """

    changed = serializers.DateField()
    meter_statuses = serializers.CharField(allow_blank=True)
    expected = serializers.CharField(allow_blank=True)
    followed = serializers.DateField(allow_null=True)
    days_late = serializers.IntegerField(allow_null=True)
    exact = serializers.BooleanField()


class ReplaySerializer(serializers.Serializer[Any]):
    """How the flag stood on every day; `days`: on how many it was right, wrong, open and not known."""

    mpxn = serializers.CharField()
    policy = serializers.CharField()
    days = serializers.DictField(child=serializers.IntegerField())
    periods = PeriodSerializer(many=True)
    followed = FollowedSerializer(many=True)


class LateSerializer(serializers.Serializer[Any]):
    """How late flags followed the meters that changed in the last 35 days; `in_time_per_cent`: of those due."""

    changes = serializers.IntegerField()
    waiting = serializers.IntegerField()
    median_days = serializers.IntegerField(allow_null=True)
    in_time_per_cent = serializers.FloatField(allow_null=True)


class LatePartySerializer(LateSerializer):
    """The same of a party; `none`: of points without one."""

    code = serializers.CharField()


class RunStoodSerializer(LateSerializer):
    """How flags stood in a run, as Meter Points."""

    run = serializers.IntegerField()
    as_of = serializers.DateField()
    right = serializers.IntegerField()
    wrong = serializers.IntegerField()
    open = serializers.IntegerField()
    unread = serializers.IntegerField()


@extend_schema_serializer(many=False)
class PartyReplaySerializer(serializers.Serializer[Any]):
    """The kept runs, the newest first, and the parties as the newest of them has them."""

    policy = serializers.CharField()
    runs = RunStoodSerializer(many=True)
    networks = LatePartySerializer(many=True)
    suppliers = LatePartySerializer(many=True)


def _party_facts(found: PartyReplay) -> dict[str, Any]:
    parties = {
        f"{kind}s": [{"code": code, **late.as_json()} for code, late in rows.items()] for kind, rows in found.by.items()
    }
    return {"networks": [], "suppliers": [], **parties, "policy": found.policy.name, "runs": map(_stood, found.runs)}


def _stood(one: RunStood) -> dict[str, Any]:
    counts = {"right": one.right, "wrong": one.wrong, "open": one.open, "unread": one.unread}
    return {"run": one.run.pk, "as_of": one.run.as_of, **counts, **one.late.as_json()}


class ReplayViewSet(viewsets.ViewSet):
    """A Meter Point within the caller's scope through its kept history."""

    lookup_value_regex = ANYTHING

    @extend_schema(parameters=[POLICY, *PARTIES], responses={200: PartyReplaySerializer, **MISSING})
    def list(self, request: Request) -> Response:
        """How flags stood through the kept runs, and how late they followed; of all that is seen, or of a party."""
        asked = given(request.query_params)
        refuse(asked.keys() - {"policy", "network", "supplier", FORMAT})
        names = {name: str(asked.get(name, "")) for name in ("policy", "network", "supplier")}
        _policy(names["policy"])
        found = queries.party_replay(
            scope=scope_of(request), policy=names["policy"], network=names["network"], supplier=names["supplier"]
        )
        if found is None:
            raise NotFound
        return Response(PartyReplaySerializer(_party_facts(found)).data)

    @extend_schema(parameters=[MPXN, POLICY], responses={200: ReplaySerializer, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """When its flag was right, and how many days late it followed its meters."""
        asked = given(request.query_params)
        refuse(asked.keys() - {"policy", FORMAT})
        found = queries.meter_point(scope=scope_of(request), mpxn=number(pk))
        replayed = found.replayed(_policy(str(asked.get("policy", "")))) if found else None
        if replayed is None:
            raise NotFound
        answer = ReplaySerializer({"mpxn": pk, **_facts(replayed)}).data
        note_read(request, "Replay", {"mpxn": [pk]}, 1, answer)
        return Response(answer)


def _policy(name: str) -> Policy | None:
    try:
        return reading_named(name) if name else None
    except UnknownPolicy as problem:
        raise ValidationError({"policy": [str(problem)]}) from problem


def _facts(found: Replay) -> dict[str, Any]:
    periods, followed = map(_period, found.periods), map(_followed, found.followed)
    return {"policy": found.policy.name, "days": found.totals, "periods": list(periods), "followed": list(followed)}


def _period(one: Period) -> dict[str, Any]:
    said = {"flag": (one.flag or "") if one.flag_known else None, "expected": one.expected or ""}
    facts = {"since": one.since, "until": one.until, "days": one.days, "stood": one.stood.value}
    return {**facts, **said, "meter_statuses": statuses_text(one.mask)}


def _followed(one: Followed) -> dict[str, Any]:
    said = {"meter_statuses": statuses_text(one.mask), "expected": one.expected or ""}
    return {"changed": one.changed, "followed": one.on, "days_late": one.days, "exact": one.exact, **said}
