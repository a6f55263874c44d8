"""A party answers what was raised with it: both see the exchange, and nothing else of one another's work.

In: raised rows that stand, a verdict, words. Out: one entry, and a version of each row of the party that raised it.
"""

from datetime import datetime

from django.db import transaction

from reconcile.domain.work import RAISED
from reconcile.models import Answer, AuditEntry, Raising, WorkItem

from ..actors import Actor, Desk, NotAllowed
from ..audit import What, note
from .asked import Change
from .changing import chosen, entry_of, lock, write


def answer(
    *, actor: Actor, desk: Desk, asked: Change, raising: int, ids: tuple[int, ...], request: str, now: datetime
) -> AuditEntry:
    """Answer some of what a raising holds. Raises NotAllowed where a row was not raised with this party, or not now."""
    with transaction.atomic():
        said = Raising.objects.filter(pk=raising, target=desk.party)
        standing = WorkItem.objects.filter(raised__in=said.values_list("pk", flat=True), state=RAISED)
        sender = standing.values_list("party", flat=True).first()
        if sender is None:
            raise NotAllowed(f"Nothing that was raised with {desk.name} has the number {raising}.")
        lock([sender, desk.party])
        if done := entry_of(actor, request):
            return done
        rows = standing.filter(discrepancy__in=ids).filter(desk.sight.condition("discrepancy__"))
        found = list(rows.order_by("discrepancy").values_list("discrepancy", flat=True))
        if len(found) != len(set(ids)) or not found:
            raise NotAllowed("Some of these rows are not raised with you any more.")
        entry = note(
            actor=actor, what=What.ANSWERED, now=now, party=desk.party, rows=len(found), request=request,
            words=asked.words.strip(), about=f"{asked.verdict}",
        )  # fmt: skip
        _write(entry, sender, asked, raising, found)
    return entry


def _write(entry: AuditEntry, sender: int, asked: Change, raising: int, found: list[int]) -> None:
    verdict = str(asked.verdict)
    Answer.objects.bulk_create(
        Answer(entry=entry, raising_id=raising, discrepancy_id=one, verdict=verdict) for one in found
    )
    with chosen() as choose:
        marks = ", ".join(["%s"] * len(found))
        choose(f"SELECT id FROM reconcile_discrepancy WHERE id IN ({marks})", tuple(found))
        write(entry, sender, {"answer": ("%s", (verdict,))})
