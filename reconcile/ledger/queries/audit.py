"""What is on record of who did what, for those who may see it.

In: an actor and a filter. Out: entries, the newest first. Called by the page Record.
"""

from datetime import date

from django.db.models import Q, QuerySet

from reconcile.models import AuditEntry

from ..actors import Actor, Right


def sees_work(*, actor: Actor) -> bool:
    """Whether there is work in the record for somebody: what is their own party's, if they manage it."""
    return actor.desk is not None and actor.desk.may(Right.MANAGE_WORK)


def audit(
    *, actor: Actor, what: str = "", name: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[AuditEntry]:
    """The entries of a kind, of a person, of days (UTC, both included). Raises NotAllowed."""
    actor.must(Right.SEE_RECORD)
    own = actor.desk.party if actor.desk and sees_work(actor=actor) else None
    found = AuditEntry.objects.filter(Q(party=None) | Q(party=own)).order_by("-id")
    if what:
        found = found.filter(what=what)
    if name:
        found = found.filter(name__iexact=name)
    if since:
        found = found.filter(at__date__gte=since)
    if until:
        found = found.filter(at__date__lte=until)
    return found
