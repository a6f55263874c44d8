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


MOVES = sorted(
    {(before or "", after) for (before, _, _), after in NEXT.items() if after and after not in (before, State.ONGOING)}
)
"""(state before, after) of each move that is an event. Becoming ongoing is none: it follows from the dates."""

WHY = {
    State.NEW: "The run found it for the first time.",
    State.RESOLVED: "The run has evidence about the Meter Point, and it no longer breaks the rule.",
    State.REGRESSED: "It was resolved, and the run found it again.",
}
"""Why a run moved a discrepancy to a state."""
