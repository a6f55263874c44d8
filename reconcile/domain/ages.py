"""For how long something has been wrong, in the few classes that pages count.

In: nothing. Out: AGES. Called by ledger.compare, which counts a run, and by the filter.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Age:
    """A class: wrong for at least `least` days and fewer than `below`; None for no end, and both for not known."""

    code: str
    words: str
    least: int | None
    below: int | None


AGES = {
    age.code: age
    for age in (
        Age("under_5", "under 5 days", 0, 5),
        Age("5_to_30", "5 to 30 days", 5, 30),
        Age("30_to_90", "30 to 90 days", 30, 90),
        Age("90_to_365", "90 to 365 days", 90, 365),
        Age("over_year", "over a year", 365, None),
        Age("unknown", "not known", None, None),
    )
}
"""The youngest first. Where a day is known only as lying between two, the later one counts: it is certain."""
