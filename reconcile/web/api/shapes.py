"""What the API answers with, field by field; the schema is made from these.

In: rows of the ledger. Out: plain values. Called by the API's views.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from reconcile.domain.rules import RULES
from reconcile.domain.vocabulary import fuel_of, mpxn_text, statuses_text
from reconcile.ledger import queries
from reconcile.ledger.queries import Causes, Chart, Class, RunTotals, Stated, Totals
from reconcile.ledger.rejected import by_fault
from reconcile.models import Discrepancy, Event, Extract


class EventSerializer(serializers.ModelSerializer[Event]):
    """One change of state."""

    class Meta:
        model = Event
        fields = read_only_fields = ("on", "before", "after", "reason", "run")


class DiscrepancySerializer(serializers.ModelSerializer[Stated]):
    """The columns of the CSV, and the id."""

    mpxn = serializers.SerializerMethodField()
    fuel = serializers.SerializerMethodField()
    network = serializers.CharField(source="network.code", read_only=True)
    supplier = serializers.CharField(source="supplier.code", read_only=True, allow_null=True)
    who_acts = serializers.SerializerMethodField()
    meter_statuses = serializers.SerializerMethodField()
    state = serializers.CharField(read_only=True)
    last_seen = serializers.DateField(source="seen", read_only=True)
    age_days = serializers.IntegerField(read_only=True)
    smets = serializers.CharField(source="kind.smets", read_only=True, allow_null=True)
    generation = serializers.CharField(source="kind.generation", read_only=True, allow_null=True)
    csp_region = serializers.CharField(source="kind.csp_region", read_only=True, allow_null=True)
    manufacturer = serializers.CharField(source="kind.manufacturer", read_only=True, allow_null=True)
    model = serializers.CharField(source="kind.model", read_only=True, allow_null=True)
    firmware = serializers.CharField(source="kind.firmware", read_only=True, allow_null=True)
    contradicted_on = serializers.DateField(read_only=True, allow_null=True)
    sent_file = serializers.CharField(read_only=True, allow_null=True)
    sent_line = serializers.IntegerField(read_only=True, allow_null=True)
    sent_at = serializers.DateTimeField(read_only=True, allow_null=True)
    sent_outcome = serializers.CharField(read_only=True, allow_null=True)

    class Meta:
        model = Discrepancy
        fields: tuple[str, ...] = (
            "id",
            "mpxn",
            "fuel",
            "network",
            "supplier",
            "rule",
            "severity",
            "who_acts",
            "flag",
            "flag_from",
            "expected",
            "meter_statuses",
            "meters",
            "latest_status_from",
            "wrong_since_earliest",
            "wrong_since_latest",
            "in_flight",
            "state",
            "first_seen",
            "last_seen",
            "age_days",
            "undetermined",
            "smets",
            "csp_region",
            "manufacturer",
            "model",
            "firmware",
            "commissioned",
            "postcode_area",
            "point_status",
            "generation",
            "contradicted_on",
            "sent_file",
            "sent_line",
            "sent_at",
            "sent_outcome",
        )
        read_only_fields = fields

    def get_mpxn(self, row: Discrepancy) -> str:
        """Text: 13 digits are more than some clients keep in a number."""
        return mpxn_text(row.mpxn)

    def get_fuel(self, row: Discrepancy) -> str:
        """electricity or gas."""
        return fuel_of(row.mpxn).value

    def get_who_acts(self, row: Discrepancy) -> str:
        """Who can mend it."""
        return RULES[row.rule].who_acts

    def get_meter_statuses(self, row: Discrepancy) -> str:
        """Statuses joined with + in SMI order."""
        return statuses_text(row.mask)


class DiscrepancyDetailSerializer(DiscrepancySerializer):
    """One discrepancy with its life."""

    events = EventSerializer(many=True, read_only=True)

    class Meta(DiscrepancySerializer.Meta):
        fields = (*DiscrepancySerializer.Meta.fields, "events")


class TotalsSerializer(serializers.Serializer[Totals]):
    """What a run found within the caller's scope."""

    mismatches = serializers.IntegerField(read_only=True)
    in_flight = serializers.IntegerField(read_only=True)
    watch = serializers.IntegerField(read_only=True)
    new = serializers.IntegerField(read_only=True)
    ongoing = serializers.IntegerField(read_only=True)
    regressed = serializers.IntegerField(read_only=True)
    resolved = serializers.IntegerField(read_only=True)
    withdrawn = serializers.IntegerField(read_only=True)
    absent = serializers.IntegerField(read_only=True)


class RunSerializer(serializers.Serializer[RunTotals]):
    """A run and its totals within the caller's scope."""

    id = serializers.IntegerField(source="run.id", read_only=True)
    as_of = serializers.DateField(source="run.as_of", read_only=True)
    lookback = serializers.BooleanField(source="run.lookback", read_only=True)
    policy = serializers.CharField(source="run.policy", read_only=True)
    policy_version = serializers.CharField(source="run.policy_version", read_only=True)
    published_at = serializers.DateTimeField(source="run.published_at", read_only=True)
    points = serializers.IntegerField(read_only=True)
    totals = TotalsSerializer(read_only=True)
    read_withdrawn = serializers.BooleanField(read_only=True)


class ReadBySerializer(serializers.Serializer[Any]):
    """What a file was read by: the heading of each meaning, and what words of the file mean, by meaning."""

    name = serializers.CharField(read_only=True)
    kind = serializers.CharField(read_only=True)
    columns = serializers.DictField(child=serializers.CharField(), read_only=True)
    values = serializers.DictField(child=serializers.DictField(child=serializers.CharField()), read_only=True)


class ExtractSerializer(serializers.ModelSerializer[Extract]):
    """A loaded file. Its context has the `scope` of who asks."""

    reasons = serializers.SerializerMethodField()
    read_by = serializers.SerializerMethodField()

    class Meta:
        model = Extract
        fields = (
            "id",
            "name",
            "kind",
            "table",
            "coverage",
            "as_of",
            "size",
            "rows",
            "rejects",
            "reasons",
            "read_by",
            "sha256",
            "loaded_at",
            "withdrawn_at",
        )
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
    def get_reasons(self, row: Extract) -> dict[str, int]:
        """Rejected lines by reason."""
        return {fault: lines for fault, lines, _ in by_fault(row.report)}

    @extend_schema_field(ReadBySerializer(allow_null=True))
    def get_read_by(self, row: Extract) -> dict[str, Any] | None:
        """What a person said of its headings, as `load --json` gives it; null where they spoke for themselves.

        It is also null for those who do not see everything.
        """
        return queries.read_by(scope=self.context["scope"], extract=row)


class ClassSerializer(serializers.Serializer[Class]):
    """A class of Meter Points in which more are wrong than chance explains. `filters` are those of discrepancies.

    `low` and `high` are the 95 % interval of `lift`; `chance` is adjusted for the number of classes looked at.
    """

    facet = serializers.CharField(source="facet.code", read_only=True)
    filters = serializers.DictField(child=serializers.CharField(), read_only=True)
    wrong = serializers.IntegerField(source="found.wrong", read_only=True)
    points = serializers.IntegerField(source="found.points", read_only=True)
    expected = serializers.FloatField(source="found.expected", read_only=True)
    per_1000 = serializers.FloatField(source="found.per_1000", read_only=True)
    lift = serializers.FloatField(source="found.lift", read_only=True)
    low = serializers.SerializerMethodField()
    high = serializers.SerializerMethodField()
    chance = serializers.FloatField(source="found.chance", read_only=True)

    def get_low(self, one: Class) -> float:
        """The lower end of the 95 % interval of the lift."""
        return one.found.interval[0]

    def get_high(self, one: Class) -> float:
        """The upper end of it."""
        return one.found.interval[1]


class ChartSerializer(serializers.Serializer[Chart]):
    """One way to tell Meter Points apart; `wrong` and `points` are those of all its classes, `clear` the worse ones."""

    facet = serializers.CharField(source="facet.code", read_only=True)
    title = serializers.CharField(source="facet.title", read_only=True)
    looked_at = serializers.IntegerField(read_only=True)
    wrong = serializers.IntegerField(read_only=True)
    points = serializers.IntegerField(read_only=True)
    not_known = serializers.BooleanField(read_only=True)
    clear = ClassSerializer(many=True, read_only=True)


@extend_schema_serializer(many=False)
class CausesSerializer(serializers.Serializer[Causes]):
    """The causes of a set of discrepancies: `total` are in it, `comparable` of them where a run counts the points."""

    run = serializers.IntegerField(source="run.pk", read_only=True, allow_null=True, default=None)
    total = serializers.IntegerField(source="found.total", read_only=True)
    comparable = serializers.IntegerField(source="found.comparable", read_only=True)
    strongest = ClassSerializer(source="found.strongest", many=True, read_only=True)
    charts = ChartSerializer(source="found.charts", many=True, read_only=True)


class PageSerializer(serializers.Serializer[Any]):
    """A page of a list. `count`: the rows of all pages. `next`: the address of the page that follows, or null."""

    count = serializers.IntegerField(read_only=True)
    next = serializers.URLField(read_only=True, allow_null=True)


@extend_schema_serializer(many=False)
class DiscrepancyPageSerializer(PageSerializer):
    """A page of discrepancies. `run`: the run that left the list so, or null before the first."""

    run = serializers.IntegerField(read_only=True, allow_null=True)
    results = DiscrepancySerializer(many=True, read_only=True)


@extend_schema_serializer(many=False)
class RunPageSerializer(PageSerializer):
    """A page of runs."""

    results = RunSerializer(many=True, read_only=True)


@extend_schema_serializer(many=False)
class ExtractPageSerializer(PageSerializer):
    """A page of loaded files."""

    results = ExtractSerializer(many=True, read_only=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """Why there is no answer, in one sentence."""

    detail = serializers.CharField(read_only=True)


BAD_PARAMETERS = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
"""What is wrong with each parameter, by its name."""
