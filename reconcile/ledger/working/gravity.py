"""How bad a discrepancy is and what it rests on, as the database works it out, so that it can be compared later.

In: `d`, a row of discrepancies. Out: SQL. Called by ledger.working when something is explained, and when a run comes.
"""

from reconcile.domain.rules import Severity
from reconcile.feeds.sql import literal

SQL = (
    "(CASE d.severity "
    + " ".join(f"WHEN {literal(severity)} THEN {place * 4}" for place, severity in enumerate(Severity))
    + " END + CASE WHEN d.in_flight THEN 2 ELSE 0 END + CASE WHEN d.undetermined THEN 1 ELSE 0 END)"
)
"""The smaller the worse: the graver, then what is not in flight any more, then what the code leaves no room for."""
BASIS = "(d.flag || '|' || CAST(d.mask AS text))"
"""Flag and meter statuses."""
