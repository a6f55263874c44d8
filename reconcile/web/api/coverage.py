"""Install and leave by the API: the Meter Points that wait to be commissioned, with WAN coverage.

In: a request of a person who is logged in. Out: JSON.
"""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile.domain.answering import Wan
from reconcile.domain.vocabulary import mpxn_text
from reconcile.ledger import queries
from reconcile.ledger.filters import given

from .common import REFUSED, note_read, scope_of
from .parameters import FORMAT, refuse

PARAMETERS = {"supplier": "The supplier's MPID.", "postcode": "A postcode, or its outward part."}


class WaitingSerializer(serializers.Serializer[Any]):
    """A Meter Point whose meter waits to be commissioned."""

    mpxn = serializers.CharField()
    network = serializers.CharField(allow_null=True)
    supplier = serializers.CharField(allow_null=True)
    postcode = serializers.CharField(allow_null=True)
    answer = serializers.ChoiceField([answer.value for answer in Wan])
    from_date = serializers.DateField(allow_null=True)
    days_waiting = serializers.IntegerField(allow_null=True)


@extend_schema_serializer(many=False)
class CoverageSerializer(serializers.Serializer[Any]):
    """All that waits. `can_now`: what the newest coverage file opened."""

    count = serializers.IntegerField()
    can_now = serializers.IntegerField()
    results = WaitingSerializer(many=True)


class CoverageViewSet(viewsets.ViewSet):
    """Install and leave, within the caller's scope."""

    @extend_schema(
        parameters=[OpenApiParameter(name, OpenApiTypes.STR, description=words) for name, words in PARAMETERS.items()],
        responses={200: CoverageSerializer, **REFUSED},
    )
    def list(self, request: Request) -> Response:
        """Every Meter Point that waits, by number."""
        refuse(given(request.query_params).keys() - PARAMETERS.keys() - {FORMAT})
        asked = {name: request.query_params.get(name, "") for name in PARAMETERS}
        found = queries.waiting(scope=scope_of(request), **asked)
        rows = found.rows.select(list(queries.COVERAGE_COLUMNS)).to_pylist()
        results = [row | {"mpxn": mpxn_text(row["mpxn"])} for row in rows]
        answer = CoverageSerializer({"count": len(rows), "can_now": found.can_now, "results": results}).data
        note_read(request, "Coverage", {name: [value] for name, value in asked.items() if value}, len(rows), answer)
        return Response(answer)
