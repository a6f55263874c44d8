"""What was done with a party's work: the record of it, and of each row what was before and what after.

In: an actor, at whose desk it is read. Out: Past, entries. Called by the pages of work, the Meter Point and the API.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, When

from reconcile.domain.work import RAISE_TO, STATE_WORDS, WorkState
from reconcile.models import Answer, AuditEntry, Party, WorkVersion

from ..actors import Actor, Desk, Right
from ..audit import What, on_record

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

UNDOABLE = (What.ASSIGNED, What.RAISED, What.EXPLAINED, What.NOTED, What.TAKEN_UP, What.FROM_FILE, What.UNDID)
OF_ALERTS = (
    *(What.TOOK_ALERTS, What.HANDED_ALERTS, What.CLOSED_ALERTS, What.NOTED_ALERTS, What.REOPENED_ALERTS),
    What.MEANINGS,
)
OF_WORK = (*UNDOABLE, What.ANSWERED, What.REASONS, What.VIEW, What.COHORT, What.CLOSED, What.CAME_BACK, *OF_ALERTS)
PARTS = ("state", "assignee", "due", "raised_to", "reference", "answer", "reason", "note")
"""What a version says of a row, in this order."""
NOTHING = dict.fromkeys(PARTS, "") | {"state": str(WorkState.TO_DO)}
TITLES = {"state": "work", "raised_to": "raised with", "due": "date"}
AT_ONCE = 2000


class SaidBy(TypedDict):
    """`by`: who did it: one of the party's own people, or the other party that answered."""

    by: str


if TYPE_CHECKING:
    Recorded = WithAnnotations[AuditEntry, SaidBy]
else:
    Recorded = AuditEntry


@dataclass(frozen=True)
class Past:
    """One version of a row's work, its entry, and who did it: a name, or another party that answered."""

    version: WorkVersion
    entry: AuditEntry
    by: str

    @property
    def before(self) -> dict[str, str]:
        """PARTS before it; what nobody had touched was to do."""
        return said_of(self.version.previous)

    @property
    def after(self) -> dict[str, str]:
        """PARTS after it."""
        return said_of(self.version)

    @property
    def words(self) -> str:
        """What was said with it: to all rows, or by a file to this one."""
        own = self.version.said if self.version.noted_id == self.entry.pk else ""
        return own or self.entry.words

    @property
    def moved(self) -> str:
        """The states before and after, where they differ."""
        return next((f"{before} → {after}" for what, before, after in self.changes if what == TITLES["state"]), "")

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """What it changed of the row, in words: what, before, after. A note is in its words."""
        before, after = self.before, self.after
        changed = [name for name in PARTS if before[name] != after[name] and name != "note"]
        return [(TITLES.get(name, name), _shown(name, before[name]), _shown(name, after[name])) for name in changed]


def said_of(version: WorkVersion | None) -> dict[str, str]:
    """What a version says of a row, by PARTS, as plain values."""
    if version is None:
        return NOTHING
    raised = version.raised
    return {
        "state": version.state,
        "assignee": version.assignee.get_username() if version.assignee else "",
        "due": version.due.isoformat() if version.due else "",
        "raised_to": str(raised.target or RAISE_TO[raised.who]) if raised else "",
        "reference": raised.reference if raised else "",
        "answer": version.answer,
        "reason": version.reason,
        "note": version.note,
    }


def _shown(name: str, value: str) -> str:
    if name == "state":
        return STATE_WORDS[WorkState(value)].lower()
    if name == "due" and value:
        return f"{date.fromisoformat(value):%-d %b %Y}"
    return value or ("nobody" if name == "assignee" else "nothing")


def work_past(*, actor: Actor, discrepancies: list[int]) -> list[Past]:
    """What the actor's party has done about discrepancies, the newest first; nothing for who works for none."""
    desk = actor.desk
    if desk is None:
        return []
    # Of most nothing was done, and to ask for all that could be said of it takes ten times as long.
    known = list(
        WorkVersion.objects.filter(party=desk.party, discrepancy__in=discrepancies).values_list("pk", flat=True)
    )
    found = _told(desk).filter(pk__in=known).order_by("-pk") if known else []
    return [Past(one, one.entry, _by(one, desk)) for one in found]


def _by(version: WorkVersion, desk: Desk) -> str:
    """Who did it: of another party, the party; its people are its own affair."""
    if version.entry.party == desk.party:
        return version.entry.name
    return str(version.raised.target) if version.raised and version.raised.target else "the other party"


def work_entry(*, actor: Actor, entry: int) -> tuple[Recorded, QuerySet[WorkVersion]] | None:
    """One entry of the party's record with its rows, by Meter Point and rule; None: it is not theirs. NotAllowed."""
    desk = actor.desk_with(Right.MANAGE_WORK)
    found = _recorded(desk).filter(pk=entry).first()
    return (found, _told(desk).filter(entry=entry).order_by("discrepancy")) if found else None


def work_record_rows(*, actor: Actor, entries: QuerySet[Recorded]) -> Iterator[tuple[Recorded, Past | None]]:
    """Entries of `work_record` row by row; one that changed no row stands alone. Raises NotAllowed."""
    desk = actor.desk_with(Right.MANAGE_WORK)
    for entry in entries.iterator():
        rows = _told(desk).filter(entry=entry).order_by("discrepancy").iterator(AT_ONCE)
        one = next(rows, None)
        yield entry, Past(one, entry, _by(one, desk)) if one else None
        yield from ((entry, Past(row, entry, _by(row, desk))) for row in rows)


def _told(desk: Desk) -> QuerySet[WorkVersion]:
    """The versions of a party's work, with all that is said of them."""
    beside = ("assignee", "raised__target", "noted", "discrepancy")
    before = ("previous__assignee", "previous__raised__target", "previous__noted")
    return WorkVersion.objects.filter(party=desk.party).select_related("entry", *beside, *before)


def work_record(
    *, actor: Actor, what: str = "", name: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[Recorded]:
    """All that the people of the actor's party, runs, and those it raised something with, did to its work.

    The newest first. `name`: of a person, or of a party that answered. Raises NotAllowed.
    """
    found = _recorded(actor.desk_with(Right.MANAGE_WORK)).order_by("-pk")
    tests = {"what": what, "by__iexact": name, "at__date__gte": since, "at__date__lte": until}
    return found.filter(**{test: value for test, value in tests.items() if value})


def _recorded(desk: Desk) -> QuerySet[Recorded]:
    """What was done to a party's work. Of another party only that it answered: its people are its own affair."""
    answers = Answer.objects.filter(raising__party=desk.party).values("entry")
    theirs = Subquery(Party.objects.filter(pk=OuterRef("party")).values("name")[:1])
    by = Case(When(party=desk.party, then=F("name")), default=theirs, output_field=CharField())
    own = Q(party=desk.party, what__in=OF_WORK)
    return on_record().filter(own | Q(what=What.ANSWERED, pk__in=answers)).annotate(by=by)
