"""What a filter of the queue finds, counted and put in order without asking the database for each row.

In: a WorkFilter that is read. Out: Found, see choosing. Called by ledger.queries; ledger.record keeps a frame.
"""

from reconcile.models import Run

from .choosing import ORDERS, Found, found_by, kinds_of
from .frames import Frame, frame_of, is_large, keep
from .items import items_of, parties_at_work

__all__ = ["ORDERS", "Found", "Frame", "found_by", "frame_of", "keep", "kinds_of", "read_ahead"]


def read_ahead(run: Run) -> None:
    """Read what this process keeps of the newest run, and of the work on it, unless that is so little that each page
    reads it anew."""
    if is_large():
        found = frame_of(run)
        for party in parties_at_work():
            items_of(found, party)
