"""What the API of files, runs and jobs is told and answers, field by field; the schema is made from these.

In: what ledger.queries gives; JSON or a form. Out: plain values. Called by data.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from reconcile.domain.rules import RULES
from reconcile.domain.vocabulary import mpxn_text
from reconcile.ledger.queries import MOVES, SETS, JobPage
from reconcile.models import Job
from reconcile.web.forms.handed_in import COVERAGES, KINDS

from .parameters import LARGEST, PagesSerializer
from .shapes import PageSerializer

LONGEST_REASON = 500


class CompareSerializer(PagesSerializer):
    """Which two runs, whichever is named first, which of their rows, and which page of them."""

    earlier = serializers.IntegerField(min_value=1, max_value=LARGEST)
    later = serializers.IntegerField(min_value=1, max_value=LARGEST)
    move = serializers.ChoiceField(
        required=False,
        choices=[*MOVES, *SETS],
        help_text="What became of them; `before` and `now`: all mismatches of one run. Without it, what moved.",
    )
    rule = serializers.ChoiceField(required=False, choices=list(RULES))
    network = serializers.CharField(required=False, max_length=100, help_text="The code of a Network Party.")
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000_000)


class StepSerializer(serializers.Serializer[Any]):
    """A bar of the bridge: so many discrepancies, which add to the mismatches or take from them."""

    move = serializers.CharField(read_only=True)
    words = serializers.CharField(read_only=True)
    count = serializers.IntegerField(read_only=True)
    adds = serializers.BooleanField(read_only=True)


class DifferenceSerializer(serializers.Serializer[Any]):
    """The mismatches of one rule at one Network Party, in both runs."""

    rule = serializers.CharField(read_only=True)
    network = serializers.CharField(read_only=True)
    before = serializers.IntegerField(read_only=True)
    now = serializers.IntegerField(read_only=True)


class MovedSerializer(serializers.Serializer[Any]):
    """A discrepancy and what became of it. Where both runs found it, as the later one did."""

    id = serializers.IntegerField(read_only=True)
    mpxn = serializers.SerializerMethodField()
    rule = serializers.CharField(read_only=True)
    severity = serializers.CharField(read_only=True)
    network = serializers.CharField(read_only=True)
    supplier = serializers.CharField(read_only=True, allow_null=True)
    flag = serializers.CharField(read_only=True)
    expected = serializers.CharField(read_only=True)
    wrong_since_latest = serializers.DateField(source="wrong_since", read_only=True, allow_null=True)
    move = serializers.CharField(read_only=True)

    def get_mpxn(self, row: Any) -> str:
        """Text: 13 digits are more than some clients keep in a number."""
        return mpxn_text(row.mpxn)


@extend_schema_serializer(many=False)
class ComparedSerializer(PageSerializer):
    """before + the steps that add - those that take away = now. `earlier`, `later`: the ids of the runs."""

    earlier = serializers.IntegerField(read_only=True)
    later = serializers.IntegerField(read_only=True)
    before = serializers.IntegerField(read_only=True)
    steps = StepSerializer(many=True, read_only=True)
    now = serializers.IntegerField(read_only=True)
    differences = DifferenceSerializer(many=True, read_only=True)
    results = MovedSerializer(many=True, read_only=True)


class UploadSerializer(serializers.Serializer[Any]):
    """Files, and where they do not say so themselves what they are: as on the page."""

    file = serializers.ListField(child=serializers.FileField(), help_text="One or several, each a part of this name.")
    kind = serializers.ChoiceField(required=False, choices=[kind for kind, _ in KINDS if kind])
    as_of = serializers.DateField(required=False, help_text="The day whose state they show.")
    coverage = serializers.ChoiceField(required=False, choices=[one for one, _ in COVERAGES if one])


class ReasonSerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=LONGEST_REASON)


class CancelSerializer(serializers.Serializer[Any]):
    """Why, if that is to be said."""

    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, allow_blank=True, default="")


class ApprovalSerializer(serializers.Serializer[Any]):
    """Why it is right although it looks wrong, and which attempt's figures were looked at."""

    reason = serializers.CharField(max_length=LONGEST_REASON)
    attempt = serializers.IntegerField(
        min_value=0, max_value=32767, help_text="`attempt` of the job whose `guards` are approved, up to their figures."
    )


class JobsAskedSerializer(PagesSerializer):
    """Which jobs, and which page of them."""

    state = serializers.ChoiceField(required=False, choices=Job.State.values)
    after = serializers.IntegerField(
        required=False, min_value=0, max_value=LARGEST, help_text="The id with which the page before ended."
    )


class GuardSerializer(serializers.Serializer[Any]):
    """One thing that looks wrong: what was found, and the most that passes unasked."""

    guard = serializers.CharField(read_only=True)
    figure = serializers.IntegerField(read_only=True)
    limit = serializers.IntegerField(read_only=True)
    words = serializers.CharField(read_only=True)


class JobSerializer(serializers.Serializer[JobPage]):
    """A job. What it said and made is null for those who may not see all of it today."""

    id = serializers.IntegerField(source="job.pk", read_only=True)
    kind = serializers.CharField(source="job.kind", read_only=True)
    title = serializers.CharField(source="job.title", read_only=True)
    state = serializers.ChoiceField(source="job.state", read_only=True, choices=Job.State.values)
    stage = serializers.CharField(source="job.stage", read_only=True)
    percent = serializers.IntegerField(source="job.percent", read_only=True)
    asked_by = serializers.CharField(source="job.requested_name", read_only=True)
    created_at = serializers.DateTimeField(source="job.created_at", read_only=True)
    finished_at = serializers.DateTimeField(source="job.finished_at", read_only=True, allow_null=True)
    attempt = serializers.IntegerField(source="job.attempt", read_only=True)
    may_cancel = serializers.BooleanField(read_only=True)
    may_decide = serializers.BooleanField(read_only=True)
    message = serializers.SerializerMethodField()
    extract = serializers.SerializerMethodField()
    run = serializers.SerializerMethodField()
    correction = serializers.SerializerMethodField()
    guards = serializers.SerializerMethodField()

    def get_message(self, page: JobPage) -> str | None:
        """What it said last: why it failed, say, or what holds it."""
        return page.job.message if page.readable else None

    def get_extract(self, page: JobPage) -> int | None:
        """The id of the file that it loaded."""
        return page.job.result.get("extract") if page.readable else None

    def get_run(self, page: JobPage) -> int | None:
        """The id of the run that it published."""
        return page.job.result.get("run") if page.readable else None

    def get_correction(self, page: JobPage) -> int | None:
        """The id of the sending that it made."""
        return page.job.result.get("correction") if page.readable else None

    @extend_schema_field(GuardSerializer(many=True, allow_null=True))
    def get_guards(self, page: JobPage) -> list[dict[str, Any]] | None:
        """What holds it: each with the figure up to which an approval lets it pass."""
        return page.job.guards if page.readable else None


@extend_schema_serializer(many=False)
class JobPageSerializer(PageSerializer):
    """A page of jobs, the newest first."""

    results = JobSerializer(many=True, read_only=True)


@extend_schema_serializer(many=False)
class JobListSerializer(serializers.Serializer[Any]):
    """Jobs, one a file, in the order of the files."""

    results = JobSerializer(many=True, read_only=True)
