"""The queue of alerts by the API: its lines, and what is done with them.

In: a request of a person who is logged in. Out: JSON.
"""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from reconcile.domain.alert_work import OUTCOMES, LineAct
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Actor, NotAllowed, actor_for
from reconcile.ledger.alerting import LineChange
from reconcile.ledger.operations import WorkError
from reconcile.models import AlertLine
from reconcile.web.forms.alerts import AlertFilterForm, asked_of
from reconcile.web.middleware.log_ins import address_of

from . import shapes
from .common import MISSING, Conflict, note_read, page_of
from .parameters import LARGEST, PagesSerializer, described, read

FILTERS = [described(name, field) for name, field in AlertFilterForm.base_fields.items()]


class PagesOfLinesSerializer(PagesSerializer):
    """Pages of lines by id."""

    after = serializers.IntegerField(
        required=False, min_value=0, max_value=LARGEST, help_text="The id with which the page before ended."
    )


class AlertLineSerializer(serializers.ModelSerializer[AlertLine]):
    """A line of the queue. `state`, `assignee` and `outcome` are those of the caller's own network, else null."""

    mpxn = serializers.SerializerMethodField()
    network = serializers.CharField(source="network.code", default=None, allow_null=True, read_only=True)
    storm = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    assignee = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()

    class Meta:
        model = AlertLine
        fields = (
            *("id", "network", "kind", "label", "mpxn", "sort", "first_at", "last_at", "alerts", "points", "triaged"),
            *("answer", "why", "waiting", "generation", "storm", "state", "assignee", "outcome"),
        )
        read_only_fields = fields

    def get_mpxn(self, line: AlertLine) -> str | None:
        """The Meter Point of all of its alerts; null where they are of several."""
        return str(line.mpxn) if line.mpxn else None

    def get_storm(self, line: AlertLine) -> str:
        """As in the CSV; empty for a line that is no storm."""
        return line.storm

    def get_state(self, line: AlertLine) -> str | None:
        """open, taken or closed."""
        return line.state if self._ours(line) else None

    def get_assignee(self, line: AlertLine) -> str | None:
        """A user name."""
        return line.assignee.get_username() if self._ours(line) and line.assignee else None

    def get_outcome(self, line: AlertLine) -> str | None:
        """With which it was closed."""
        return line.outcome if self._ours(line) else None

    def _ours(self, line: AlertLine) -> bool:
        return queries.alert_is_ours(actor=self.context["actor"], line=line)


@extend_schema_serializer(many=False)
class AlertPageSerializer(shapes.PageSerializer):
    """A page of lines, by id."""

    results = AlertLineSerializer(many=True, read_only=True)


class LineChangeSerializer(serializers.Serializer[Any]):
    """What is to be done with which lines."""

    act = serializers.ChoiceField(choices=[act.value for act in LineAct])
    ids = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=LARGEST), max_length=1000)
    to = serializers.CharField(required=False, allow_blank=True, max_length=150)
    outcome = serializers.ChoiceField(required=False, choices=OUTCOMES)
    words = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    request = serializers.CharField(
        required=False, max_length=64, help_text="The same request sent again is done once and answered the same."
    )


@extend_schema_serializer(many=False)
class LineDoneSerializer(serializers.Serializer[Any]):
    """The number of its entry on record, and how many lines it changed."""

    entry = serializers.IntegerField(read_only=True)
    rows = serializers.IntegerField(read_only=True)


def actor_of(request: Request) -> Actor:
    """Whoever asks. Whom no alert concerns finds nothing here: NotFound."""
    actor = actor_for(request.user, address_of(request))
    if not queries.sees_alerts(actor=actor):
        raise NotFound
    return actor


class AlertViewSet(viewsets.ViewSet):
    """The queue of alerts of the caller's networks. Without `state` the lines that nobody has closed."""

    @extend_schema(parameters=[PagesOfLinesSerializer, *FILTERS], responses={200: AlertPageSerializer, **MISSING})
    def list(self, request: Request) -> Response:
        """A page of lines by id."""
        pages = read(request, PagesOfLinesSerializer, also=AlertFilterForm.base_fields)
        actor, form = actor_of(request), AlertFilterForm(request.query_params)
        if not form.is_valid():
            raise ValidationError({name: [str(one) for one in found] for name, found in form.errors.items()})
        found = queries.alert_page(actor=actor, asked=asked_of(form), size=pages["per_page"], after=pages.get("after"))
        lines = AlertLineSerializer(found.rows, many=True, context={"actor": actor}).data
        last = found.rows[-1].pk if found.rows else None
        page = page_of(request, found, after=last)
        answer = {"count": page["count"], "next": page["next"], "results": lines}
        filters = {name: request.query_params.getlist(name) for name in AlertFilterForm.base_fields}
        note_read(request, "Alerts", filters, len(found.rows), lines)
        return Response(answer)

    @extend_schema(
        request=LineChangeSerializer,
        responses={**MISSING, 200: LineDoneSerializer, 409: shapes.ProblemSerializer},
    )
    @action(detail=False, methods=["post"])
    def changes(self, request: Request) -> Response:
        """Take, hand over, close with an outcome, note, open again."""
        actor = actor_of(request)
        asked = LineChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        ids, key = tuple(dict.fromkeys(given.pop("ids"))), given.pop("request", "")
        change = LineChange(LineAct(given.pop("act")), **given)
        try:
            entry = operations.work_on_alerts(actor=actor, asked=change, ids=ids, request=key, now=timezone.now())
        except NotAllowed as problem:
            raise NotFound from problem
        except WorkError as problem:
            raise Conflict(str(problem)) from problem
        return Response({"entry": entry.pk, "rows": entry.rows})
