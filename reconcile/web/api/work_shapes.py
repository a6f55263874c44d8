"""What the API of work is told and answers, field by field; the schema is made from these.

In: rows of the ledger with the party's items; JSON. Out: plain values; Change, Selection. Called by the views of work.
"""

from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from reconcile.domain.work import ACTS, RAISE_TO, Act, Verdict
from reconcile.ledger.queries import Facet, Option, Past, RaisedWithUs, Stated, WorkRow
from reconcile.ledger.working import Change, Selection
from reconcile.models import Answer, AuditEntry, Mention, Raising, WorkItem
from reconcile.web.work_words import item_of, state_of, with_whom

from . import shapes
from .parameters import LARGEST

ACTS_OF_API = [act.value for act in Act if act != Act.ANSWER]
GIVEN = ("words", "assignee", "due", "reference", "reason", "until_changed", "undoes")
Asked = TypeVar("Asked", bound=serializers.Serializer[Any])


def told(request: Request, known: type[Asked]) -> Asked:
    """What a body says. ValidationError with the names of what cannot be read."""
    asked = known(data=request.data)
    if not asked.is_valid():
        raise ValidationError({name: _flat(problem) for name, problem in asked.errors.items()})
    return asked


def _flat(problem: Any) -> list[str]:
    """Sentences; those of a list's values come by their place in it."""
    if isinstance(problem, dict):
        return [f"{place}: {one}" for place, problems in problem.items() for one in problems]
    return [str(one) for one in problem]


class WorkSerializer(shapes.DiscrepancySerializer):
    """A discrepancy with the work of the caller's party."""

    assignee = serializers.SerializerMethodField()
    work_state = serializers.SerializerMethodField()
    raised_to = serializers.SerializerMethodField()
    reference = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()
    answer = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    due = serializers.SerializerMethodField()
    why = serializers.SerializerMethodField()

    class Meta(shapes.DiscrepancySerializer.Meta):
        fields = (
            *shapes.DiscrepancySerializer.Meta.fields,
            *("assignee", "work_state", "raised_to", "reference", "note", "answer", "reason", "due", "why"),
        )
        read_only_fields = fields

    def get_assignee(self, row: Stated) -> str:
        """A user name; empty for nobody."""
        item = item_of(row)
        return item.assignee.get_username() if item and item.assignee else ""

    def get_work_state(self, row: Stated) -> str:
        """to_do, raised, explained or closed."""
        return str(state_of(row))

    def get_raised_to(self, row: Stated) -> str:
        """The party that it is raised with now."""
        item = _raised(row)
        return with_whom(item) if item else ""

    def get_reference(self, row: Stated) -> str:
        """Under which it is raised now."""
        item = _raised(row)
        return item.raised.reference if item and item.raised else ""

    def get_note(self, row: Stated) -> str:
        """The last note."""
        item = item_of(row)
        return item.note if item else ""

    def get_answer(self, row: Stated) -> str:
        """What the party that it is raised with said: agreed, disputed, done; empty for nothing yet."""
        item = _raised(row)
        return item.answer if item else ""

    def get_reason(self, row: Stated) -> str:
        """With which it is explained."""
        item = item_of(row)
        return item.reason if item else ""

    def get_due(self, row: Stated) -> str:
        """The day to look at it again."""
        item = item_of(row)
        return item.due.isoformat() if item and item.due else ""

    def get_why(self, row: Stated) -> str:
        """Why it closed or came back by itself."""
        item = item_of(row)
        return item.why if item else ""


def _raised(row: Stated) -> WorkItem | None:
    return item_of(row) if state_of(row) == "raised" else None


@extend_schema_serializer(many=False)
class WorkPageSerializer(shapes.PageSerializer):
    """A page of the queue, by id. `run`: the run that left the list so."""

    run = serializers.IntegerField(read_only=True, allow_null=True)
    results = WorkSerializer(many=True, read_only=True)


class OptionSerializer(serializers.Serializer[Option]):
    """A value of a filter and how many rows it has, by the other filters."""

    value = serializers.CharField(read_only=True)
    count = serializers.IntegerField(read_only=True)


class FacetSerializer(serializers.Serializer[Facet]):
    """A filter and its values."""

    name = serializers.CharField(read_only=True)
    options = OptionSerializer(many=True, read_only=True)


@extend_schema_serializer(many=False)
class FacetsSerializer(serializers.Serializer[Any]):
    """All facets of a filter, and its exact number of rows."""

    count = serializers.IntegerField(read_only=True)
    facets = FacetSerializer(many=True, read_only=True)


class ChangeSerializer(serializers.Serializer[Any]):
    """What is to be done with which rows: `ids`, or all that `filter` (a query string) finds: `run` and `count`."""

    act = serializers.ChoiceField(choices=ACTS_OF_API)
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=LARGEST), required=False, max_length=1000
    )
    filter = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    run = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    count = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST)
    request = serializers.CharField(
        required=False, max_length=64, help_text="The same request sent again is done once and answered the same."
    )
    words = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    assignee = serializers.CharField(required=False, allow_blank=True, max_length=150)
    due = serializers.DateField(required=False)
    to = serializers.ChoiceField(required=False, choices=[ACTS, *RAISE_TO])
    reference = serializers.CharField(required=False, allow_blank=True, max_length=60)
    reason = serializers.CharField(required=False, max_length=100)
    until_changed = serializers.BooleanField(required=False)
    undoes = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)

    def change(self) -> Change:
        """What is to be done."""
        given = {name: self.validated_data[name] for name in (*GIVEN, "to") if name in self.validated_data}
        return Change(Act(self.validated_data["act"]), **given)

    def selection(self) -> Selection:
        """With which rows."""
        given = self.validated_data
        if "run" in given:
            return Selection(query=given.get("filter", ""), run=given["run"], count=given.get("count"))
        return Selection(tuple(dict.fromkeys(given.get("ids", []))))


@extend_schema_serializer(many=False)
class DoneSerializer(serializers.Serializer[Any]):
    """What was done: the number of its entry, by which it can be undone, its rows; or the job that does it."""

    entry = serializers.IntegerField(read_only=True, allow_null=True)
    rows = serializers.IntegerField(read_only=True, allow_null=True)
    job = serializers.IntegerField(read_only=True, allow_null=True)


class PastSerializer(serializers.Serializer[Past]):
    """One thing that was done about a row, or that happened to it. `before`: null where nobody had touched it."""

    entry = serializers.IntegerField(source="entry.pk", read_only=True)
    at = serializers.DateTimeField(source="entry.at", read_only=True)
    by = serializers.CharField(read_only=True)
    what = serializers.CharField(source="entry.get_what_display", read_only=True)
    about = serializers.CharField(source="entry.about", read_only=True)
    words = serializers.CharField(read_only=True)
    changes = serializers.SerializerMethodField()

    @extend_schema_field(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"what": {"type": "string"}, "before": {"type": "string"}, "after": {"type": "string"}},
            },
        }
    )
    def get_changes(self, one: Past) -> list[dict[str, str]]:
        """Each value that it changed, before and after, in words."""
        return [{"what": what, "before": before, "after": after} for what, before, after in one.changes]


class WorkRowSerializer(serializers.Serializer[WorkRow]):
    """A discrepancy with the party's work and its past, the newest first."""

    row = WorkSerializer(read_only=True)
    past = PastSerializer(many=True, read_only=True)


class RaisingSerializer(serializers.Serializer[Raising]):
    """What another party said."""

    id = serializers.IntegerField(read_only=True)
    by = serializers.CharField(source="party.name", read_only=True)
    reference = serializers.CharField(read_only=True)
    at = serializers.DateTimeField(read_only=True)
    chase = serializers.DateField(read_only=True, allow_null=True)
    words = serializers.CharField(read_only=True)


class RaisedWithUsSerializer(serializers.Serializer[RaisedWithUs]):
    """What another party said, how many rows it is still about, and how many of them have no answer."""

    raising = RaisingSerializer(read_only=True)
    standing = serializers.IntegerField(read_only=True)
    open = serializers.IntegerField(read_only=True)


@extend_schema_serializer(many=False)
class RaisedListSerializer(serializers.Serializer[Any]):
    """All that stands raised with the caller's party."""

    results = RaisedWithUsSerializer(many=True, read_only=True)


class AnswerSerializer(serializers.Serializer[Answer]):
    """An answer that was given."""

    at = serializers.DateTimeField(source="entry.at", read_only=True)
    verdict = serializers.CharField(read_only=True)
    words = serializers.CharField(source="entry.words", read_only=True)


class RaisedRowSerializer(serializers.Serializer[Any]):
    """A row that was raised: the discrepancy, the answer that stands (empty for none), and all that were given."""

    row = shapes.DiscrepancySerializer(read_only=True)
    answer = serializers.CharField(read_only=True)
    given = AnswerSerializer(many=True, read_only=True)


@extend_schema_serializer(many=False)
class RaisedRowsSerializer(serializers.Serializer[Any]):
    """One thing that was raised, and its rows."""

    raising = RaisingSerializer(read_only=True)
    rows = RaisedRowSerializer(many=True, read_only=True)


class AnsweredSerializer(serializers.Serializer[Any]):
    """An answer to some rows of what was raised."""

    verdict = serializers.ChoiceField(choices=[one.value for one in Verdict])
    ids = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=LARGEST), max_length=1000)
    words = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    request = serializers.CharField(required=False, max_length=64)


class MentionSerializer(serializers.Serializer[Mention]):
    """A note that names the caller."""

    entry = serializers.IntegerField(source="entry.pk", read_only=True)
    at = serializers.DateTimeField(source="entry.at", read_only=True)
    by = serializers.CharField(source="entry.name", read_only=True)
    words = serializers.CharField(source="entry.words", read_only=True)
    rows = serializers.IntegerField(source="entry.rows", read_only=True)
    read_at = serializers.DateTimeField(read_only=True, allow_null=True)


@extend_schema_serializer(many=False)
class MentionListSerializer(serializers.Serializer[Any]):
    """The inbox."""

    results = MentionSerializer(many=True, read_only=True)


class EntrySerializer(serializers.Serializer[AuditEntry]):
    """One act of work on record."""

    id = serializers.IntegerField(read_only=True)
    at = serializers.DateTimeField(read_only=True)
    by = serializers.CharField(read_only=True)
    what = serializers.CharField(read_only=True)
    about = serializers.CharField(read_only=True)
    words = serializers.CharField(read_only=True)
    filters = serializers.CharField(read_only=True)
    rows = serializers.IntegerField(read_only=True, allow_null=True)
    undoes = serializers.IntegerField(read_only=True, allow_null=True)


@extend_schema_serializer(many=False)
class EntryPageSerializer(shapes.PageSerializer):
    """A page of the record, the newest first."""

    results = EntrySerializer(many=True, read_only=True)


@extend_schema_serializer(many=False)
class ReasonsSerializer(serializers.Serializer[Any]):
    """What a party's people explain with, in this order; none for the usual ones."""

    reasons = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=50, help_text="Without any, the usual ones."
    )


@extend_schema_serializer(many=False)
class PlanSerializer(serializers.Serializer[Any]):
    """What a file of assignments would change: lines in all, rows to change, lines that stand so already.

    `done`: rows by what is done with them; `refused`: the numbers of refused lines by reason.
    """

    lines = serializers.IntegerField(read_only=True)
    changes = serializers.IntegerField(read_only=True)
    unchanged = serializers.IntegerField(read_only=True)
    done = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    refused = serializers.DictField(child=serializers.ListField(child=serializers.IntegerField()), read_only=True)
