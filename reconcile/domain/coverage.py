"""WAN coverage at a Meter Point whose meter waits to be commissioned (install and leave, DP146).

In: an answer. Out: the answers in words. Called by pages.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from .answering import Wan

WORDS = {
    Wan.NOW: "coverage now: commission it",
    Wan.FROM_DATE: "coverage from a date to come",
    Wan.NOT_CONFIRMED: "coverage cannot be confirmed",
    Wan.NO_DATA: "no data for its postcode",
}
VISITS_SAVED = (Wan.FROM_DATE, Wan.NOT_CONFIRMED)
"""A visit there would be for nothing: the meter cannot be commissioned yet."""


def coverage_words(row: Mapping[str, Any], on: date) -> str:
    """The answer of a row with `answer` and `from_date`; of a date that has passed, that nobody says it came."""
    answer, day = Wan(row["answer"]), row["from_date"]
    if day is None or answer != Wan.FROM_DATE:
        return WORDS[answer]
    if day <= on:
        return f"coverage was expected from {day:%-d %b %Y}, and no file says yet that it is there"
    return f"coverage from {day:%-d %b %Y}"
