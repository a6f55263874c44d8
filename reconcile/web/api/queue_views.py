"""Views of the queue by the API: saved, changed and removed; and how the caller's own queue looks and opens.

In: a request of a person who is logged in, at whose desk it is. Out: JSON.
"""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile.domain.views import COLUMNS, READY_MADE
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Desk
from reconcile.ledger.queries import HabitsOf, OneView
from reconcile.ledger.saved_views import LONGEST_NAME, LONGEST_QUERY, Look

from . import shapes
from .common import ANYTHING, MISSING, actor_of, answered, number
from .parameters import LARGEST, without_parameters
from .work_shapes import told

KEY = OpenApiParameter(
    "id", OpenApiTypes.STR, OpenApiParameter.PATH, description="A number, or a ready-made one's name"
)
REFUSED = {**MISSING, 409: OpenApiResponse(shapes.ProblemSerializer, "It cannot be saved like this")}


def _columns() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ChoiceField(choices=[*COLUMNS]), required=False, max_length=len(COLUMNS)
    )


class ViewSerializer(serializers.Serializer[OneView]):
    """A view. `query` is a filter of `/api/work/`; without `columns` each person sees their own."""

    id = serializers.CharField(source="key", read_only=True)
    name = serializers.CharField(read_only=True)
    query = serializers.CharField(read_only=True)
    sort = serializers.CharField(read_only=True)
    columns = serializers.ListField(child=serializers.CharField(), read_only=True)
    owner = serializers.CharField(read_only=True)
    own = serializers.BooleanField(source="is_own", read_only=True)
    shared = serializers.BooleanField(read_only=True)
    start = serializers.BooleanField(source="is_start", read_only=True)


@extend_schema_serializer(many=False)
class ViewListSerializer(serializers.Serializer[Any]):
    """Every view that the caller sees."""

    results = ViewSerializer(many=True, read_only=True)


class SaveSerializer(serializers.Serializer[Any]):
    """A view that is to be saved."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    query = serializers.CharField(required=False, allow_blank=True, default="", max_length=LONGEST_QUERY)
    sort = serializers.CharField(required=False, allow_blank=True, default="", max_length=30)
    columns = _columns()
    shared = serializers.BooleanField(required=False, default=False)
    request = serializers.CharField(
        required=False, max_length=64, default="", help_text="The same request sent again is answered the same."
    )


class ChangeViewSerializer(serializers.Serializer[Any]):
    """What is to be changed of a view; the rest stays."""

    name = serializers.CharField(required=False, max_length=LONGEST_NAME)
    query = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_QUERY)
    sort = serializers.CharField(required=False, allow_blank=True, max_length=30)
    columns = _columns()
    shared = serializers.BooleanField(required=False)


class HabitsSerializer(serializers.Serializer[HabitsOf]):
    """How the caller's own queue looks: its columns (none: the usual ones), and the id of the view it opens with.

    `keys`: whether single keys do something in it.
    """

    columns = _columns()
    start = serializers.CharField(
        required=False, allow_blank=True, max_length=20, help_text=f"A number, {', '.join(READY_MADE)}, or empty."
    )
    keys = serializers.BooleanField(required=False)


class DeskSerializer(serializers.Serializer[Desk]):
    """A party that the caller can work for."""

    id = serializers.IntegerField(source="party", read_only=True)
    name = serializers.CharField(read_only=True)


class DesksSerializer(serializers.Serializer[Any]):
    """The number of the party that the caller works for now, of those that they can work for."""

    party = serializers.IntegerField(min_value=1, max_value=LARGEST)
    parties = DeskSerializer(many=True, read_only=True)


class ViewViewSet(viewsets.ViewSet):
    """Views of the queue: those that everybody has, the caller's own, and those shared within the party."""

    lookup_value_regex = ANYTHING

    @extend_schema(responses={200: ViewListSerializer, **MISSING})
    def list(self, request: Request) -> Response:
        """All that the caller sees. They are not in pages."""
        without_parameters(request)
        return Response(ViewListSerializer({"results": queries.views(actor=actor_of(request))}).data)

    @extend_schema(parameters=[KEY], responses={200: ViewSerializer, **MISSING})
    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them."""
        without_parameters(request)
        return _shown(request, pk)

    @extend_schema(request=SaveSerializer, responses={201: ViewSerializer, **REFUSED})
    def create(self, request: Request) -> Response:
        """Save one."""
        asked = told(request, SaveSerializer).validated_data
        look = Look(asked["query"], asked["sort"], tuple(asked.get("columns", ())))
        with answered():
            view = operations.save_view(
                actor=actor_of(request),
                name=asked["name"],
                look=look,
                shared=asked["shared"],
                request=asked["request"],
                now=timezone.now(),
            )
        return _shown(request, str(view.pk), status.HTTP_201_CREATED)

    @extend_schema(parameters=[KEY], request=ChangeViewSerializer, responses={200: ViewSerializer, **REFUSED})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename it, share it or not any more, or keep another filter, order or columns under it."""
        asked, actor = dict(told(request, ChangeViewSerializer).validated_data), actor_of(request)
        one = queries.one_view(actor=actor, key=pk)
        if one is None:
            raise NotFound
        look = {name: asked.pop(name) for name in ("query", "sort", "columns") if name in asked}
        if look:
            before = {"query": one.query, "sort": one.sort, "columns": one.columns}
            look["columns"] = tuple(look.get("columns", one.columns))
            asked["look"] = Look(**{**before, **look})
        with answered():
            operations.change_view(actor=actor, view_id=number(pk), now=timezone.now(), **asked)
        return _shown(request, pk)

    @extend_schema(parameters=[KEY], responses={204: None, **MISSING})
    def destroy(self, request: Request, pk: str) -> Response:
        """Remove it."""
        with answered():
            operations.remove_view(actor=actor_of(request), view_id=number(pk), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(methods=["get"], responses={200: HabitsSerializer, **MISSING})
    @extend_schema(methods=["post"], request=HabitsSerializer, responses={200: HabitsSerializer, **REFUSED})
    @action(detail=False, methods=["get", "post"])
    def habits(self, request: Request) -> Response:
        """How the caller's own queue looks and opens; by POST, what is given of it is changed."""
        actor = actor_of(request)
        if request.method == "POST":
            asked = told(request, HabitsSerializer).validated_data
            with answered():
                if "columns" in asked:
                    operations.choose_columns(actor=actor, columns=asked["columns"])
                if "start" in asked:
                    operations.open_with(actor=actor, key=asked["start"])
                if "keys" in asked:
                    operations.use_keys(actor=actor, on=asked["keys"])
        return Response(HabitsSerializer(queries.habits(actor=actor)).data)

    @extend_schema(methods=["get"], responses={200: DesksSerializer, **MISSING})
    @extend_schema(methods=["post"], request=DesksSerializer, responses={200: DesksSerializer, **REFUSED})
    @action(detail=False, methods=["get", "post"])
    def desks(self, request: Request) -> Response:
        """For which of their parties the caller works now; by POST, from now on."""
        if request.method == "POST":
            party = told(request, DesksSerializer).validated_data["party"]
            with answered():
                operations.work_for(actor=actor_of(request), party=party, now=timezone.now())
        actor = actor_of(request)
        if actor.desk is None:
            raise NotFound
        return Response(DesksSerializer({"party": actor.desk.party, "parties": actor.desks}).data)


def _shown(request: Request, key: str, code: int = status.HTTP_200_OK) -> Response:
    one = queries.one_view(actor=actor_of(request), key=key)
    if one is None:
        raise NotFound
    return Response(ViewSerializer(one).data, status=code)
