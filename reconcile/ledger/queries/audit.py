"""What is on record of who did what, for those who may see it.

In: an actor and a filter. Out: entries, the newest first. Called by the page Record.
"""

from datetime import date

from django.db.models import Q, QuerySet

from reconcile.models import AuditEntry

from ..actors import Actor, Right


def audit(
    *, actor: Actor, what: str = "", name: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[AuditEntry]:
    """The entries of a kind, of a person, of days (UTC, both included). Raises NotAllowed."""
    actor.must(Right.SEE_RECORD)
    # Of work, only what is their own party's.
    found = AuditEntry.objects.filter(Q(party=None) | Q(party=actor.desk.party if actor.desk else None)).order_by("-id")
    if what:
        found = found.filter(what=what)
    if name:
        found = found.filter(name__iexact=name)
    if since:
        found = found.filter(at__date__gte=since)
    if until:
        found = found.filter(at__date__lte=until)
    return found
