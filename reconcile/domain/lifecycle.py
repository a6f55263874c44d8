"""The life of a discrepancy as a table.

In: its state, whether the run has evidence about the point, whether the run found it. Out: its next state.
Called by ledger.record, which joins the table to the whole ledger at once.
"""

from enum import StrEnum


class State(StrEnum):
    """new -> ongoing -> resolved, resolved -> regressed -> ongoing."""

    NEW = "new"
    ONGOING = "ongoing"
    RESOLVED = "resolved"
    REGRESSED = "regressed"


OPEN = frozenset({State.NEW, State.ONGOING, State.REGRESSED})
LOOKBACK = "look-back"
"""What stands for the state in a run that moves none."""

NEXT: dict[tuple[State | None, bool, bool], State | None] = {
    # (previous state, covered, found) -> next state
    (None, False, False): None,
    (None, False, True): State.NEW,
    (None, True, False): None,
    (None, True, True): State.NEW,
    (State.NEW, False, False): State.NEW,
    (State.NEW, False, True): State.ONGOING,
    (State.NEW, True, False): State.RESOLVED,
    (State.NEW, True, True): State.ONGOING,
    (State.ONGOING, False, False): State.ONGOING,
    (State.ONGOING, False, True): State.ONGOING,
    (State.ONGOING, True, False): State.RESOLVED,
    (State.ONGOING, True, True): State.ONGOING,
    (State.RESOLVED, False, False): State.RESOLVED,
    (State.RESOLVED, False, True): State.REGRESSED,
    (State.RESOLVED, True, False): State.RESOLVED,
    (State.RESOLVED, True, True): State.REGRESSED,
    (State.REGRESSED, False, False): State.REGRESSED,
    (State.REGRESSED, False, True): State.ONGOING,
    (State.REGRESSED, True, False): State.RESOLVED,
    (State.REGRESSED, True, True): State.ONGOING,
}
"""Every cell. A point that is merely absent (not covered, not found) keeps its state."""


WITHDRAWN: dict[tuple[State | None, bool, bool], State] = {
    # The cells that differ where the evidence was withdrawn: of what is open, all that it was seen in; of what is
    # resolved, that was why.
    (State.NEW, False, False): State.RESOLVED,
    (State.NEW, True, False): State.RESOLVED,
    (State.ONGOING, False, False): State.RESOLVED,
    (State.ONGOING, True, False): State.RESOLVED,
    (State.REGRESSED, False, False): State.RESOLVED,
    (State.REGRESSED, True, False): State.RESOLVED,
    (State.RESOLVED, False, True): State.NEW,
    (State.RESOLVED, True, True): State.NEW,
}
"""It is resolved although nothing says that it was mended; found again, it is new: it had never been mended."""
UNFOUNDED = "withdrawn"
"""What stands for the state in the counts of a run that resolves for this reason."""


def next_state(before: State | None, covered: bool, found: bool, withdrawn: bool) -> State | None:
    """The next state of one discrepancy."""
    cell = (before, covered, found)
    return WITHDRAWN[cell] if withdrawn and cell in WITHDRAWN else NEXT[cell]


CELLS = [(*cell, withdrawn, next_state(*cell, withdrawn)) for cell in NEXT for withdrawn in (False, True)]
"""(state before, covered, found, withdrawn, state after)."""
MOVES = sorted(
    {
        (before or "", after, withdrawn and (before, covered, found) in WITHDRAWN)
        for before, covered, found, withdrawn, after in CELLS
        if after and after not in (before, State.ONGOING)
    }
)
"""(before, after, because of a withdrawal) of each move that is an event. Becoming ongoing follows from the dates."""

WHY = {
    State.NEW: "The run found it for the first time.",
    State.RESOLVED: "The run has evidence about the Meter Point, and it no longer breaks the rule.",
    State.REGRESSED: "It was resolved, and the run found it again.",
}
"""Why a run moved a discrepancy to a state."""
WHY_WITHDRAWN = {
    State.NEW: "The run found it; what had been seen of it before was withdrawn.",
    State.RESOLVED: "Its evidence was withdrawn.",
}
"""The same, of a move that is because of a withdrawal."""
