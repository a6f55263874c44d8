"""The policies by the API: what there is, every cell of one, and where two differ.

In: a request of a person who is logged in. Out: JSON.
"""

from collections.abc import Collection
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile.domain.differing import differing
from reconcile.domain.policies import DEFAULT_POLICY, POLICIES, UnknownPolicy, choices, reading_named
from reconcile.domain.policy import Policy
from reconcile.ledger.filters import given
from reconcile.web import policy_page

from .common import ANYTHING, MISSING, REFUSED
from .parameters import FORMAT, refuse, without_parameters

NAME = OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="As in the list.")
NAMES = "A policy of the list, or mp077 with open cases read one way, as in mp077:paused=N,unseen=none."
TWO = [
    OpenApiParameter("policy", OpenApiTypes.STR, required=True, description=NAMES),
    OpenApiParameter("against", OpenApiTypes.STR, description=f"{NAMES} Without it, the one in force."),
]


class PolicySerializer(serializers.Serializer[Any]):
    """A reading of the code; `in_force`: runs are judged by it. `left_open`: what its sources do not say."""

    name = serializers.CharField()
    title = serializers.CharField()
    version = serializers.CharField()
    about = serializers.CharField()
    in_force = serializers.SerializerMethodField()
    sources = serializers.ListField(child=serializers.CharField())
    left_open = serializers.SerializerMethodField()

    def get_in_force(self, policy: Policy) -> bool:
        """Whether a run can be judged by it."""
        return policy.name in POLICIES

    def get_left_open(self, policy: Policy) -> list[str]:
        """Each once."""
        return policy_page.left_open(policy)


class CellSerializer(serializers.Serializer[Any]):
    """A cell of a truth table; no flag is empty, accepted flags and statuses are joined with `+`."""

    flag = serializers.CharField(allow_blank=True)
    meter_statuses = serializers.CharField(allow_blank=True)
    seen_before = serializers.ChoiceField(["yes", "no"])
    accepted = serializers.CharField()
    expected = serializers.CharField(allow_blank=True)
    rule = serializers.CharField(allow_blank=True)
    undetermined = serializers.CharField(allow_blank=True)


class PolicyCellsSerializer(PolicySerializer):
    """A policy with all of its 6,144 cells."""

    cells = serializers.SerializerMethodField()

    @extend_schema(responses=CellSerializer(many=True))
    def get_cells(self, policy: Policy) -> list[dict[str, str]]:
        """In the order of the truth table."""
        return [dict(zip(policy_page.CELL_COLUMNS, row, strict=True)) for row in policy_page.cell_rows(policy)]


class DifferingCellSerializer(serializers.Serializer[Any]):
    """A cell that two policies judge otherwise: `accepted` and `expected` by the one, with `_then` by the other."""

    flag = serializers.CharField(allow_blank=True)
    meter_statuses = serializers.CharField(allow_blank=True)
    seen_before = serializers.ChoiceField(["yes", "no"])
    accepted = serializers.CharField()
    expected = serializers.CharField(allow_blank=True)
    accepted_then = serializers.CharField()
    expected_then = serializers.CharField(allow_blank=True)
    undetermined = serializers.CharField(allow_blank=True)
    undetermined_then = serializers.CharField(allow_blank=True)


@extend_schema_serializer(many=False)
class PoliciesSerializer(serializers.Serializer[Any]):
    """All that people choose from."""

    count = serializers.IntegerField()
    results = PolicySerializer(many=True)


@extend_schema_serializer(many=False)
class DifferencesSerializer(serializers.Serializer[Any]):
    """Where two policies differ."""

    policy = serializers.CharField()
    against = serializers.CharField()
    count = serializers.IntegerField()
    results = DifferingCellSerializer(many=True)


class PolicyViewSet(viewsets.ViewSet):
    """Policies, which hold no rows: for whoever is logged in."""

    lookup_value_regex = ANYTHING

    @extend_schema(responses={200: PoliciesSerializer, **REFUSED})
    def list(self, request: Request) -> Response:
        """The policies: the one in force, the others, and mp077 with an open case read one way."""
        without_parameters(request)
        found = choices()
        return Response({"count": len(found), "results": PolicySerializer(found, many=True).data})

    @extend_schema(parameters=[NAME], responses={200: PolicyCellsSerializer, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """A policy with its truth table."""
        without_parameters(request)
        try:
            return Response(PolicyCellsSerializer(reading_named(pk)).data)
        except UnknownPolicy as problem:
            raise NotFound(str(problem)) from problem

    @extend_schema(parameters=TWO, responses={200: DifferencesSerializer, **REFUSED})
    @action(detail=False)
    def differences(self, request: Request) -> Response:
        """The cells that two policies do not judge alike."""
        policy, against = two_policies(request)
        rows = [vars(policy_page.DifferingRow.of(cell)) for cell in differing(against, policy)]
        return Response({"policy": policy.name, "against": against.name, "count": len(rows), "results": rows})


def two_policies(
    request: Request, default: Policy = DEFAULT_POLICY, also: Collection[str] = ()
) -> tuple[Policy, Policy]:
    """The policies that an address names; `also`: names that somebody else reads. ValidationError."""
    asked = given(request.query_params)
    refuse(asked.keys() - {"policy", "against", FORMAT} - set(also))
    if "policy" not in asked:
        raise ValidationError({"policy": ["A policy is needed."]})
    against = str(asked.get("against", default.name))
    return _policy(str(asked["policy"]), "policy"), _policy(against, "against")


def _policy(name: str, parameter: str) -> Policy:
    try:
        return reading_named(name)
    except UnknownPolicy as problem:
        raise ValidationError({parameter: [str(problem)]}) from problem
