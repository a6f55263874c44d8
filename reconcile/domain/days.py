"""Which day it is. The industry speaks of days in London, so that is where today is, whatever the machine's zone.

In: a moment. Out: a date. Called by whoever asks whether a date is still to come.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def today(now: datetime) -> date:
    """London's day at a moment that knows its zone."""
    return now.astimezone(LONDON).date()
