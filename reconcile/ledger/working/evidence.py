"""What a run, or the calendar, does to people's work: it closes with the evidence, and comes back with a reason.

In: the ledger as a run has just left it. Out: for each party and kind of news one entry of the machine's, with a
version of each row. Called within the run's transaction, and every while for what has come due.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from reconcile.domain.work import AFTER_NEWS, CLOSED, EXPLAINED, NEWS_WORDS, TO_DO, News, WorkState
from reconcile.feeds.sql import literal
from reconcile.models import AuditEntry, WorkItem

from ..actors import MACHINE
from ..audit import What, note
from . import gravity
from .changing import BLANK, OF_STATE, RESOLVED, Values, chosen, lock, write
from .sent_lines import NOT_ACCEPTED

FOUND = (
    "SELECT item.discrepancy_id FROM reconcile_workitem item "
    "JOIN reconcile_discrepancy d ON d.id = item.discrepancy_id WHERE item.party_id = %s AND "
)


@dataclass(frozen=True)
class Kind:
    """One kind of news: the rows (SQL over `item` and `d`) that it is news for, of those in these states."""

    news: News
    states: tuple[WorkState, ...]
    test: str

    @property
    def after(self) -> WorkState:
        """The state that it leads to, which is the same from each of its states."""
        return AFTER_NEWS[self.news][self.states[0]]

    def sql(self) -> str:
        """The ids of its rows."""
        among = ", ".join(literal(state) for state in self.states)
        return f"{FOUND} item.state IN ({among}) AND {self.test}"


OPEN_STATES = tuple(state for state in WorkState if state != CLOSED)
DUE = Kind(News.DUE, (EXPLAINED,), f"item.due <= %s AND NOT ({NOT_ACCEPTED})")
KINDS = (
    Kind(News.UNFOUNDED, OPEN_STATES, f"{RESOLVED} AND d.unfounded"),
    Kind(News.MENDED, OPEN_STATES, f"{RESOLVED} AND NOT d.unfounded"),
    Kind(News.FOUND_AGAIN, (CLOSED,), f"NOT ({RESOLVED})"),
    Kind(News.WORSE, (EXPLAINED,), f"item.gravity > {gravity.SQL}"),
    Kind(News.CHANGED, (EXPLAINED,), f"item.basis <> '' AND item.basis <> {gravity.BASIS}"),
)
"""In this order: what is one kind's is no other's."""


def follow(*, as_of: date, today: date, now: datetime) -> None:
    """Bring all work in line with the ledger, after a run as of a day."""
    parties = _parties()
    lock(parties)
    for party in parties:
        for kind in KINDS:
            tell(party, kind, (), as_of, now)
        tell(party, DUE, (today.isoformat(),), today, now)


def return_due(*, today: date, now: datetime) -> int:
    """Bring back what was explained until a day that has come; gives how many parties had some."""
    due = WorkItem.objects.filter(state=EXPLAINED, due__lte=today)
    parties = sorted(set(due.filter(party__in=_parties()).values_list("party", flat=True)))
    with transaction.atomic():
        lock(parties)
        for party in parties:
            tell(party, DUE, (today.isoformat(),), today, now)
    return len(parties)


def _parties() -> list[int]:
    return sorted(WorkItem.objects.values_list("party", flat=True).distinct())


def tell(party: int, kind: Kind, values: tuple[Any, ...], day: date, now: datetime) -> None:
    """Move the rows that a kind of news is news for; `values` are those of its test."""
    with chosen() as choose:
        count = choose(kind.sql(), (party, *values))
        if count:
            words = NEWS_WORDS[kind.news].format(day=f"{day:%-d %b %Y}")
            what = What.CLOSED if kind.after == CLOSED else What.CAME_BACK
            entry: AuditEntry = note(actor=MACHINE, what=what, now=now, party=party, rows=count, about=words)
            write(entry, party, _values(kind, words))


def _values(kind: Kind, words: str) -> Values:
    """Back to do, it is as new, for the same person; closed, it keeps what it was, to be read."""
    told: Values = {"state": ("%s", (kind.after,)), "why": ("%s", (words,))}
    if kind.after != TO_DO:
        return told
    return {**{name: (BLANK[name], ()) for name in OF_STATE}, **told}
