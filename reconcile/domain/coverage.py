"""WAN coverage at a Meter Point whose meter waits to be commissioned (install and leave, DP146).

In: nothing. Out: the answers in words and in SQL. Called by the lake, pages and the command `export_coverage`.
"""

from .answering import Wan

WORDS = {
    Wan.NOW: "coverage now: commission it",
    Wan.FROM_DATE: "coverage from a date to come",
    Wan.NOT_CONFIRMED: "coverage cannot be confirmed",
    Wan.NO_DATA: "no data for its postcode",
}
VISITS_SAVED = (Wan.FROM_DATE, Wan.NOT_CONFIRMED)
"""A visit there would be for nothing: the meter cannot be commissioned yet."""
