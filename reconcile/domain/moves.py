"""Why the number of mismatches moved from one run to the next: the bars of the bridge, which sum exactly.

In: nothing. Out: GAINS, LOSSES. Called by ledger.compare, which counts them, and by whatever shows or filters them.
"""

from enum import StrEnum


class Move(StrEnum):
    """What became of a discrepancy between two runs, as far as the number of mismatches goes."""

    NEW = "new"
    OUT_OF_FLIGHT = "out_of_flight"
    SEEN_AGAIN = "seen_again"
    MENDED = "mended"
    ABSENT = "absent"
    INTO_FLIGHT = "into_flight"
    WITHDRAWN = "withdrawn"
    CHANGED_HANDS = "changed_hands"


GAINS = {
    Move.NEW: "new",
    Move.OUT_OF_FLIGHT: "out of flight",
    Move.SEEN_AGAIN: "seen again",
}
"""Moves that add a mismatch. Seen again: it had been mended, or absent from the run before."""
LOSSES = {
    Move.MENDED: "mended",
    Move.ABSENT: "absent",
    Move.INTO_FLIGHT: "into flight",
    Move.WITHDRAWN: "withdrawn with its evidence",
}
"""Moves that take one away. Absent: the run has no evidence about it, so it is neither mended nor counted."""
HANDS = {Move.CHANGED_HANDS: "came with a change of party"}
"""A mismatch before and after, whose network or supplier is another: news for those who see one of the two."""
