"""Look-ups by the API: what the page answers, one object for each number that was given.

In: a request of a person who is logged in. Out: JSON.
"""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile.domain.answering import Answer
from reconcile.domain.pasted import read_pasted
from reconcile.domain.smets import Generation
from reconcile.ledger import queries
from reconcile.ledger.filters import given
from reconcile.web import looked_up

from .common import REFUSED, note_read, scope_of
from .parameters import FORMAT, refuse, without_parameters

Q = OpenApiParameter("q", OpenApiTypes.STR, description="Numbers or device identifiers, however separated.")


class LookUpAskedSerializer(serializers.Serializer[Any]):
    """What is looked up."""

    numbers = serializers.CharField(help_text="MPANs, MPRNs or device identifiers in any text, however separated.")


class LookedUpSerializer(serializers.Serializer[Any]):
    """One answer; what is not known is null."""

    input = serializers.CharField()
    mpxn = serializers.CharField(allow_null=True)
    can_it_answer = serializers.ChoiceField([answer.value for answer in Answer])
    why = serializers.CharField()
    flag = serializers.CharField(allow_null=True)
    flag_right = serializers.ChoiceField([queries.RIGHT, queries.WRONG, queries.OPEN])
    meter_statuses = serializers.CharField()
    device_id = serializers.CharField(allow_null=True)
    last_heard = serializers.DateTimeField(allow_null=True)
    inventory_as_of = serializers.DateField(allow_null=True)
    smets = serializers.CharField(allow_null=True)
    csp_region = serializers.CharField(allow_null=True)
    network = serializers.CharField(allow_null=True)
    supplier = serializers.CharField(allow_null=True)
    generation = serializers.ChoiceField([one.value for one in Generation], allow_null=True)


@extend_schema_serializer(many=False)
class AnswersSerializer(serializers.Serializer[Any]):
    """Answers in the order in which they were asked for; `left_out`: how many were too many."""

    count = serializers.IntegerField()
    left_out = serializers.IntegerField()
    run = serializers.IntegerField(allow_null=True)
    results = LookedUpSerializer(many=True)


class LookUpViewSet(viewsets.ViewSet):
    """Can they answer? Numbers that the caller may not see are answered as those that nobody has."""

    @extend_schema(parameters=[Q], responses={200: AnswersSerializer, **REFUSED})
    def list(self, request: Request) -> Response:
        """Answers for the numbers in `q`; for many of them, post them."""
        refuse(given(request.query_params).keys() - {"q", FORMAT})
        return self._answer(request, request.query_params.get("q", ""))

    @extend_schema(request=LookUpAskedSerializer, responses={200: AnswersSerializer, **REFUSED})
    def create(self, request: Request) -> Response:
        """Answers for up to 5,000 numbers."""
        without_parameters(request)
        asked = LookUpAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return self._answer(request, asked.validated_data["numbers"])

    def _answer(self, request: Request, text: str) -> Response:
        found = queries.look_up(scope=scope_of(request), pasted=read_pasted(text))
        answer = {
            "count": len(found.rows),
            "left_out": found.left_out,
            "run": found.run.pk if found.run else None,
            "results": list(looked_up.lines(found)),
        }
        note_read(request, "Look up", {}, len(found.rows), answer["results"])
        return Response(answer)
