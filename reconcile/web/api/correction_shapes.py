"""What the API of corrections is told and answers, field by field; the schema is made from these.

In: sendings, files, lines; JSON. Out: plain values. Called by the views of corrections.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from reconcile.domain.corrections import REJECTED
from reconcile.domain.rejections import next_step, reason_in_words
from reconcile.domain.vocabulary import mpxn_text
from reconcile.ledger.corrections import MOST_LINES
from reconcile.ledger.queries import Foreseen
from reconcile.ledger.working import MOST_CHOSEN
from reconcile.models import Correction, CorrectionFile, CorrectionLine

from . import shapes
from .parameters import LARGEST, PagesSerializer


class CorrectionSelectionSerializer(serializers.Serializer[Any]):
    """Which discrepancies: those that are named by their ids, or else all that a list's query string finds."""

    query = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=4000, help_text="As in a list's address."
    )
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST), required=False, default=list,
        max_length=MOST_CHOSEN, help_text="Discrepancies by their ids.",
    )  # fmt: skip
    most = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_LINES, help_text="Lines of a file; CORRECTION_LINES without it."
    )

    def asked(self) -> dict[str, Any]:
        """As queries and operations take it."""
        said = self.validated_data
        return {"query": said["query"].lstrip("?"), "ids": tuple(dict.fromkeys(said["ids"])), "most": said.get("most")}


class CorrectionApprovedSerializer(CorrectionSelectionSerializer):
    """The same, and the number of corrections that is approved: exactly so many are made, or none."""

    count = serializers.IntegerField(min_value=1, max_value=LARGEST)
    request = serializers.CharField(
        required=False, default="", max_length=64, help_text="The same one again gives the job that it made."
    )


class CorrectionsToNetworkSerializer(serializers.Serializer[Any]):
    """What one Network Party would be sent."""

    network = serializers.CharField()
    kind = serializers.CharField()
    files = serializers.IntegerField()
    corrections = serializers.IntegerField()


@extend_schema_serializer(many=False)
class CorrectionPlanSerializer(serializers.Serializer[Any]):
    """What would be sent: `corrections` is the number to approve; `left_out`: why -> Meter Points."""

    corrections = serializers.IntegerField()
    files = serializers.IntegerField()
    left_out = serializers.DictField(child=serializers.IntegerField())
    filters = serializers.CharField()
    run = serializers.IntegerField()
    most = serializers.IntegerField()
    networks = CorrectionsToNetworkSerializer(many=True)


def plan_of(found: Foreseen) -> dict[str, Any]:
    """A plan as the API answers it."""
    networks = [
        {"network": party.code, "kind": kind, "files": files, "corrections": rows}
        for party, kind, files, rows in found.networks
    ]
    told = {**found.plan.as_json(), "run": found.plan.run.pk, "most": found.most, "networks": networks}
    return dict(CorrectionPlanSerializer(told).data)


class CorrectionSerializer(serializers.ModelSerializer[Correction]):
    """A sending. `name`: who approved the `count` corrections; `most`: lines of a file; `filters`: of which rows."""

    run = serializers.IntegerField(source="run_id", read_only=True)
    left_out = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = Correction
        fields = ("id", "made_at", "name", "run", "policy", "filters", "most", "count", "left_out", "csv_sha256")
        read_only_fields = fields


class FileAnswersSerializer(serializers.Serializer[Any]):
    """How many lines stand how; `shown`: registration has them by now, whatever was answered."""

    sent = serializers.IntegerField()
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    waiting = serializers.IntegerField()
    unanswered = serializers.IntegerField()
    shown = serializers.IntegerField()


class CorrectionFileSerializer(serializers.ModelSerializer[CorrectionFile]):
    """A file: its name, to which network, the number of the files to that, what proves it whole, what became of it."""

    network = serializers.CharField(source="network.code", read_only=True)
    answers = serializers.SerializerMethodField()

    class Meta:
        model = CorrectionFile
        fields = ("id", "name", "kind", "network", "number", "identifier", "rows", "bytes", "sha256", "answers")
        read_only_fields = fields

    @extend_schema_field(FileAnswersSerializer)
    def get_answers(self, file: CorrectionFile) -> dict[str, int]:
        """What became of its lines."""
        return dict(FileAnswersSerializer(self.context["answers"][file.pk]).data)


@extend_schema_serializer(many=False)
class CorrectionListSerializer(serializers.Serializer[Any]):
    """The sendings of the caller's party, or all, the newest first."""

    results = CorrectionSerializer(many=True, read_only=True)


class SendingSerializer(serializers.Serializer[Any]):
    """A sending and its files."""

    correction = CorrectionSerializer(read_only=True)
    files = CorrectionFileSerializer(many=True, read_only=True)


class CorrectionLinesAskedSerializer(PagesSerializer):
    """Which of the lines of a sending."""

    file = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST, help_text="The id of a file.")
    after = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=LARGEST, help_text="The id with which the page before ended."
    )


class CorrectionLineSerializer(serializers.ModelSerializer[CorrectionLine]):
    """The correction of one Meter Point, what became of it; `shown_on`: registration has it since that run's day."""

    mpxn = serializers.SerializerMethodField()
    file = serializers.CharField(source="file.name", read_only=True)
    supplier = serializers.CharField(source="supplier.code", read_only=True, default="")
    reason = serializers.SerializerMethodField()
    next_step = serializers.SerializerMethodField()

    class Meta:
        model = CorrectionLine
        fields = (
            *("id", "file", "line", "mpxn", "supplier", "flag_before", "flag", "flag_from", "rules"),
            *("outcome", "reason", "next_step", "answered_on", "shown_on"),
        )
        read_only_fields = fields

    def get_mpxn(self, row: CorrectionLine) -> str:
        """The Meter Point."""
        return mpxn_text(row.mpxn)

    def get_reason(self, row: CorrectionLine) -> str:
        """Why it was rejected, in words."""
        return reason_in_words(row.reason) if row.reason else ""

    def get_next_step(self, row: CorrectionLine) -> str:
        """What to do where it was rejected."""
        return next_step(row.reason) if row.outcome == REJECTED else ""


@extend_schema_serializer(many=False)
class CorrectionLinePageSerializer(shapes.PageSerializer):
    """A page of lines in their order."""

    run = serializers.IntegerField(read_only=True, allow_null=True)
    results = CorrectionLineSerializer(many=True, read_only=True)


class CorrectionTakenSerializer(serializers.Serializer[Any]):
    """Which file of a sending is taken."""

    file = serializers.CharField(help_text="The name of one of its files, corrections.csv or manifest.json.")
