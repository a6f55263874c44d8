"""Install and leave by the API: the Meter Points that wait to be commissioned, with WAN coverage.

In: a request of a person who is logged in. Out: JSON.
"""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile.domain.answering import Wan
from reconcile.domain.vocabulary import mpxn_text
from reconcile.ledger import queries

from . import shapes
from .common import REFUSED, note_read, page_of, scope_of
from .parameters import LARGEST, PagesSerializer, read

ANSWERS = [answer.value for answer in Wan]


class PagesOfPointsSerializer(PagesSerializer):
    """Pages of Meter Points by number, and which of them."""

    after = serializers.IntegerField(
        required=False, min_value=0, max_value=LARGEST, help_text="The Meter Point with which the page before ended."
    )
    supplier = serializers.CharField(required=False, help_text="The supplier's MPID.")
    postcode = serializers.CharField(required=False, help_text="A postcode, or its outward part.")
    answer = serializers.ChoiceField(
        [*ANSWERS, queries.COVERAGE_OPENED],
        required=False,
        help_text="What is told of WAN coverage there; opened: there is some now, and was none before the newest file.",
    )


FILTERS = ("supplier", "postcode", "answer")


class WaitingSerializer(serializers.Serializer[Any]):
    """A Meter Point whose meter waits to be commissioned."""

    mpxn = serializers.CharField()
    network = serializers.CharField(allow_null=True)
    supplier = serializers.CharField(allow_null=True)
    postcode = serializers.CharField(allow_null=True)
    answer = serializers.ChoiceField(ANSWERS)
    from_date = serializers.DateField(allow_null=True)
    days_waiting = serializers.IntegerField(allow_null=True)


@extend_schema_serializer(many=False)
class CoverageSerializer(shapes.PageSerializer):
    """A page of what waits. `can_now`: how many of all of them the newest coverage file opened."""

    can_now = serializers.IntegerField()
    results = WaitingSerializer(many=True)


class CoverageViewSet(viewsets.ViewSet):
    """Install and leave, within the caller's scope."""

    @extend_schema(parameters=[PagesOfPointsSerializer], responses={200: CoverageSerializer, **REFUSED})
    def list(self, request: Request) -> Response:
        """A page of the Meter Points that wait, by number."""
        asked = read(request, PagesOfPointsSerializer)
        narrowed = {name: asked[name] for name in FILTERS if name in asked}
        found = queries.waiting(scope=scope_of(request), **narrowed)
        piece = found.page(asked.get("after"), asked["per_page"])
        page = page_of(request, piece, after=piece.rows[-1]["mpxn"] if piece.rows else None)
        rows = [{**row, "mpxn": mpxn_text(row["mpxn"])} for row in piece.rows]
        answer = CoverageSerializer({**page, "can_now": found.can_now, "results": rows}).data
        note_read(request, "Coverage", {name: [value] for name, value in narrowed.items()}, len(rows), answer)
        return Response(answer)
