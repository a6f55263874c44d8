"""What the people of a party explain with: its manager's reasons, or the usual ones.

In: a party. Out: its reasons. Called by ledger.working, ledger.work_file and ledger.queries.
"""

from reconcile.domain.work import REASONS
from reconcile.models import Reason

from ..actors import Desk
from .asked import WorkError


def reasons_of(party: int) -> list[str]:
    """All of them, in the manager's order."""
    own = list(Reason.objects.filter(party=party).order_by("pk").values_list("words", flat=True))
    return own or list(REASONS)


def must_be_one(desk: Desk, reason: str) -> None:
    """Raises WorkError for words that are not among the party's reasons."""
    if reason not in reasons_of(desk.party):
        raise WorkError(
            f"“{reason}” is not among the reasons of {desk.name}. Choose one of those; managers change them."
        )
