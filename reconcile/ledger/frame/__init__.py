"""What a filter of the queue finds, counted and put in order without asking the database for each row.

In: a WorkFilter that is read. Out: Found, see choosing. Called by ledger.queries; ledger.record keeps a frame.
"""

from .choosing import ORDERS, Found, found_by, kinds_of
from .frames import keep

__all__ = ["ORDERS", "Found", "found_by", "keep", "kinds_of"]
