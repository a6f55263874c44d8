"""Corrections by the API: what was sent, its files and their checksums, and the bytes of nothing: those are pages.

In: a request of a person who is logged in. Out: JSON.
"""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers, viewsets
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile.ledger import queries
from reconcile.models import Correction, CorrectionFile

from .common import ANYTHING, MISSING, REFUSED, number, whoever
from .parameters import ID, without_parameters


class CorrectionSerializer(serializers.ModelSerializer[Correction]):
    """A sending. `name`: who approved the `count` corrections; `most`: lines of a file; `filters`: of which rows."""

    run = serializers.IntegerField(source="run_id", read_only=True)
    left_out = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = Correction
        fields = ("id", "made_at", "name", "run", "policy", "filters", "most", "count", "left_out", "csv_sha256")
        read_only_fields = fields


class CorrectionFileSerializer(serializers.ModelSerializer[CorrectionFile]):
    """A file: its name, to which network, the number of the files to that, and what proves it whole."""

    network = serializers.CharField(source="network.code", read_only=True)

    class Meta:
        model = CorrectionFile
        fields = ("id", "name", "kind", "network", "number", "identifier", "rows", "bytes", "sha256")
        read_only_fields = fields


@extend_schema_serializer(many=False)
class CorrectionListSerializer(serializers.Serializer[Any]):
    """The sendings of the caller's party, or all, the newest first."""

    results = CorrectionSerializer(many=True, read_only=True)


class SendingSerializer(serializers.Serializer[Any]):
    """A sending and its files."""

    correction = CorrectionSerializer(read_only=True)
    files = CorrectionFileSerializer(many=True, read_only=True)


class CorrectionViewSet(viewsets.ViewSet):
    """What was sent to registration, for the people of the party that sent it and for the market operator."""

    lookup_value_regex = ANYTHING

    @extend_schema(responses={200: CorrectionListSerializer, **REFUSED})
    def list(self, request: Request) -> Response:
        """Every sending."""
        without_parameters(request)
        found = queries.sendings(actor=whoever(request))
        return Response({"results": CorrectionSerializer(found, many=True).data})

    @extend_schema(parameters=[ID], responses={200: SendingSerializer, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """One sending with its files."""
        without_parameters(request)
        found = queries.sending(actor=whoever(request), correction_id=number(pk))
        if found is None:
            raise NotFound
        return Response(SendingSerializer(found).data)
