"""The newest correction that a desk sent for a row of work, as SQL.

In: nothing. Out: conditions over `item` and `d`. Called by ledger.working.evidence and ledger.working.sending.
"""

from reconcile.domain.corrections import ACCEPTED, REASON
from reconcile.feeds.sql import literal

OF_LINES = (
    "reconcile_correctionline l JOIN reconcile_correctionfile f ON f.id = l.file_id "
    "JOIN reconcile_correction c ON c.id = f.correction_id"
)
NEWEST = f"SELECT max(l.id) FROM {OF_LINES} WHERE l.mpxn = d.mpxn AND l.flag = d.expected AND c.desk = item.party_id"


def sent_with(test: str) -> str:
    """The row waits for a correction whose newest line (`l`) is so."""
    newest = f"SELECT 1 FROM reconcile_correctionline l WHERE l.id = ({NEWEST}) AND {test}"
    return f"item.reason = {literal(REASON)} AND EXISTS ({newest})"


NOT_ACCEPTED = sent_with(f"l.outcome <> {literal(ACCEPTED)}")
