"""What has become of a frozen row by a run: four fates, of which each row has exactly one.

In: nothing. Out: Fate and its words. Called by ledger.cohorts, which finds the fates of all rows in one statement.
"""

from enum import StrEnum


class Fate(StrEnum):
    """Mended: resolved. Absent: the run says nothing of it, or its evidence was withdrawn.

    Worse: found by the run, and graver than when it was frozen, not in flight or not left open by the code any more;
    or mended since, and found again. Open: found by the run, and no worse.
    """

    MENDED = "mended"
    OPEN = "open"
    WORSE = "worse"
    ABSENT = "absent"


FATE_WORDS = {
    Fate.MENDED: "Mended",
    Fate.OPEN: "Open",
    Fate.WORSE: "Worse",
    Fate.ABSENT: "Absent",
}
