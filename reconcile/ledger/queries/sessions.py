"""The log-ins of a person that are open.

In: an actor. Out: sessions, the one seen last first. Called by the page Your account.
"""

from datetime import datetime

from django.db.models import QuerySet

from reconcile.models import Session

from ..actors import Actor
from ..sessions import open_of


def sessions(*, actor: Actor, now: datetime) -> QuerySet[Session]:
    """One's own, and nobody else's."""
    return open_of(actor, now).order_by("-seen_at", "pk")
