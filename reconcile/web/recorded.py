"""Rows that somebody takes along at once, put on record.

In: a request and what it is answered with. Out: an entry. Called by views that hand out rows as a file.
"""

from django.utils import timezone

from reconcile.ledger import operations
from reconcile.models import AuditEntry

from .access import MemberRequest


def took_along(
    request: MemberRequest, about: str, *, rows: int, sha256: str, filters: str = "", party: int | None = None
) -> None:
    """Put on record who took which rows along: their number and the checksum of the file. `party`: whose work it is."""
    operations.note(
        actor=request.actor,
        what=AuditEntry.What.DOWNLOADED,
        now=timezone.now(),
        about=about,
        filters=filters,
        rows=rows,
        sha256=sha256,
        party=party,
    )
