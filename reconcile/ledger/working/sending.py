"""What sending does to people's work: the rows leave the queue until the answer is due, and come back where it is bad.

In: a sending, the time. Out: entries of the record, with a version of each row. Called by ledger.corrections.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from reconcile.domain.corrections import REASON, REJECTED
from reconcile.domain.work import EXPLAINED, TO_DO, News
from reconcile.feeds.sql import literal
from reconcile.models import Correction, WorkItem

from ..actors import Actor, Desk
from ..audit import What, note
from .changing import BLANK, OF_STATE, RESOLVED, Values, chosen, lock, write
from .evidence import Kind, tell
from .sent_lines import OF_LINES, sent_with

UNANSWERED = sent_with("l.outcome = ''")
REJECTED_ROWS = Kind(News.REJECTED, (EXPLAINED,), sent_with(f"l.outcome = {literal(REJECTED)}"))
UNANSWERED_ROWS = Kind(News.UNANSWERED, (EXPLAINED,), f"item.due <= %s AND {UNANSWERED}")


def leave_queue(correction: Correction, *, actor: Actor, desk: Desk, now: datetime) -> None:
    """The rows that a sending is about wait for its answer, at the desk that sent it; what is raised stays so."""
    due = (now + timedelta(days=settings.CORRECTION_DAYS)).date()
    lock([desk.party])
    with chosen() as choose:
        count = choose(
            f"SELECT DISTINCT d.id FROM {OF_LINES} JOIN reconcile_discrepancy d ON d.mpxn = l.mpxn "
            "LEFT JOIN reconcile_workitem item ON item.discrepancy_id = d.id AND item.party_id = %s "
            f"WHERE c.id = %s AND d.expected = l.flag AND d.flag <> l.flag AND NOT ({RESOLVED}) "
            f"AND coalesce(item.state, {literal(TO_DO)}) = {literal(TO_DO)}",
            (desk.party, correction.pk),
        )
        if not count:
            return
        about = f"{REASON}, until {due:%-d %b %Y}: sending {correction.pk}"
        entry = note(actor=actor, what=What.EXPLAINED, now=now, party=desk.party, rows=count, about=about)
        values: Values = {name: (BLANK[name], ()) for name in OF_STATE}
        values |= {"state": ("%s", (EXPLAINED,)), "reason": ("%s", (REASON,)), "due": ("%s", (due.isoformat(),))}
        write(entry, desk.party, values)


def follow_sent(*, today: date, now: datetime) -> None:
    """What was rejected, or not answered in time, is to do again, and says why."""
    waiting = WorkItem.objects.filter(state=EXPLAINED, reason=REASON)
    parties = sorted(set(waiting.values_list("party", flat=True)))
    with transaction.atomic():
        lock(parties)
        for party in parties:
            tell(party, REJECTED_ROWS, (), today, now)
            tell(party, UNANSWERED_ROWS, (today.isoformat(),), today, now)
