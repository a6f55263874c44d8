"""The queue of alerts: taken in from files, judged by what was known then and is now, and worked on by people.

In: the time; what somebody does. Out: lines and alerts, and the entries of the record. Called by ledger.operations and
ledger.work.
"""

from .changing import LineChange, set_meanings, work_on_alerts
from .taking_in import bring_up_to_date, refresh

__all__ = ["LineChange", "bring_up_to_date", "refresh", "set_meanings", "work_on_alerts"]
