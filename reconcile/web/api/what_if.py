"""What if by the API: the sums of the page, and the Meter Points behind each of its figures.

In: a request of a person who is logged in. Out: JSON.
"""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile.domain.policies import UnknownPolicy
from reconcile.ledger import queries
from reconcile.ledger.queries import ChangesAsked, WhatIf

from .common import MISSING, answered, note_read, page_of, scope_of
from .parameters import LARGEST, PagesSerializer, read
from .policies import NAMES

LARGEST_LIMIT = 10**9
FLAGS = "A flag, or none."


class WhatIfAskedSerializer(PagesSerializer):
    """Two policies and a run."""

    policy = serializers.CharField(help_text=NAMES)
    against = serializers.CharField(required=False, default="", help_text=f"{NAMES} Without it, the run's.")
    run = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST, help_text="The newest without it.")
    limit = serializers.IntegerField(
        required=False,
        default=queries.FILE_LIMIT,
        min_value=1,
        max_value=LARGEST_LIMIT,
        help_text="Updates that go into one file.",
    )


class PointsAskedSerializer(WhatIfAskedSerializer):
    """Which of the points that change."""

    now = serializers.CharField(required=False, default="", help_text=f"Expected now. {FLAGS}")
    then = serializers.CharField(required=False, default="", help_text=f"Expected then. {FLAGS}")
    network = serializers.CharField(required=False, default="", help_text="The code of a Network Party.")
    supplier = serializers.CharField(required=False, default="", help_text="The code of a supplier, or none.")
    rule = serializers.CharField(required=False, default="", help_text="The rule that is broken now, or none.")
    after = serializers.IntegerField(
        required=False,
        default=0,
        min_value=0,
        max_value=LARGEST,
        help_text="The number with which the page before ended.",
    )


class GroupSerializer(serializers.Serializer[Any]):
    """Points that change of one party or rule; `days` at one file of `limit` updates a day."""

    code = serializers.CharField()
    name = serializers.CharField()
    changed = serializers.IntegerField()
    points = serializers.IntegerField()
    days = serializers.IntegerField()
    a_day = serializers.IntegerField()


@extend_schema_serializer(many=False)
class WhatIfSerializer(serializers.Serializer[Any]):
    """What a policy would change. `from_to`: so many Meter Points by a move of the flag expected, `A>N`."""

    run = serializers.IntegerField()
    policy = serializers.CharField()
    against = serializers.CharField()
    points = serializers.IntegerField()
    unread = serializers.IntegerField()
    changed = serializers.IntegerField()
    from_to = serializers.DictField(child=serializers.IntegerField())
    limit = serializers.IntegerField()
    a_day = serializers.IntegerField()
    days = serializers.IntegerField()
    networks = GroupSerializer(many=True)
    suppliers = GroupSerializer(many=True)
    rules = GroupSerializer(many=True)


class ChangingSerializer(serializers.Serializer[Any]):
    """A Meter Point whose expected flag changes; no flag is empty."""

    mpxn = serializers.CharField()
    network = serializers.CharField(allow_null=True)
    supplier = serializers.CharField(allow_null=True)
    flag = serializers.CharField(allow_blank=True)
    expected = serializers.CharField(allow_blank=True)
    expected_then = serializers.CharField(allow_blank=True)
    rule = serializers.CharField(allow_null=True)


@extend_schema_serializer(many=False)
class ChangingPageSerializer(serializers.Serializer[Any]):
    """A page of Meter Points in the order of their numbers."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    run = serializers.IntegerField(allow_null=True)
    results = ChangingSerializer(many=True)


class WhatIfViewSet(viewsets.ViewSet):
    """What another reading of the flag would change, within the caller's scope. Nothing of it is published."""

    @extend_schema(parameters=[WhatIfAskedSerializer], responses={200: WhatIfSerializer, **MISSING})
    def list(self, request: Request) -> Response:
        """The sums: by move, Network Party, supplier and rule, and the days that files take."""
        found = _found(request, read(request, WhatIfAskedSerializer))
        facts = {name: getattr(found, name) for name in ("limit", "a_day", "days", "networks", "suppliers", "rules")}
        return Response(WhatIfSerializer({**found.as_json(), **facts}).data)

    @extend_schema(parameters=[PointsAskedSerializer], responses={200: ChangingPageSerializer, **MISSING})
    @action(detail=False)
    def points(self, request: Request) -> Response:
        """The Meter Points behind a figure."""
        asked = read(request, PointsAskedSerializer)
        found = _found(request, asked)
        only = ChangesAsked(**{name: asked[name] for name in ("now", "then", "network", "supplier", "rule")})
        with answered():
            page = queries.changing_page(
                scope=scope_of(request), of=found, only=only, after=asked["after"], size=asked["per_page"]
            )
        piece = queries.Piece(page.rows, page.after is not None, page.total, found.run.pk)
        answer = ChangingPageSerializer(page_of(request, piece, after=page.after)).data
        filters = {name: [str(value)] for name, value in asked.items() if value and name not in ("after", "per_page")}
        note_read(request, "What if", filters, len(page.rows), answer["results"])
        return Response(answer)


def _found(request: Request, asked: Mapping[str, Any]) -> WhatIf:
    """Raises NotFound, ValidationError."""
    try:
        with answered():
            found = queries.what_if(
                scope=scope_of(request),
                policy=asked["policy"],
                against=asked["against"],
                run_id=asked.get("run"),
                limit=asked["limit"],
            )
    except UnknownPolicy as problem:
        raise ValidationError({"policy": [str(problem)]}) from problem
    if found is None:
        raise NotFound
    return found
