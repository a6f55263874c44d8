"""What a network's people do with a line of the queue of alerts, as a table.

In: a state and an act. Out: the state after, or that it cannot be. Called by ledger.alerting.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType


class LineState(StrEnum):
    """How far a network's people are with a line."""

    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


class LineAct(StrEnum):
    """What a person does."""

    TAKE = "take"
    HAND_OVER = "hand_over"
    CLOSE = "close"
    NOTE = "note"
    REOPEN = "reopen"


OPEN, TAKEN, CLOSED = LineState
AFTER: Mapping[LineAct, Mapping[LineState, LineState | None]] = MappingProxyType(
    {
        # act -> state before -> state after; None: it is refused
        LineAct.TAKE: {OPEN: TAKEN, TAKEN: TAKEN, CLOSED: None},
        LineAct.HAND_OVER: {OPEN: TAKEN, TAKEN: TAKEN, CLOSED: None},
        LineAct.CLOSE: {OPEN: CLOSED, TAKEN: CLOSED, CLOSED: None},
        LineAct.NOTE: {OPEN: OPEN, TAKEN: TAKEN, CLOSED: CLOSED},
        LineAct.REOPEN: {OPEN: None, TAKEN: None, CLOSED: OPEN},
    }
)
"""Every cell."""


def possible(states: Collection[LineState]) -> list[LineAct]:
    """What can be done with a line of at least one of the states."""
    return [act for act, after in AFTER.items() if any(after[state] is not None for state in states)]


OUTCOMES = (
    "Supply restored",
    "Crew sent",
    "Customer's own supply",
    "False alert",
    "Planned work",
    "Flag or inventory is wrong",
    "Nothing to do",
)
"""What a line is closed with."""
FILE_WITHDRAWN = "File withdrawn"
"""What the machine closes a line with whose alerts are all of files that were withdrawn."""
STATE_WORDS = {OPEN: "Open", TAKEN: "Taken", CLOSED: "Closed"}
ACT_WORDS = {
    LineAct.TAKE: "Taken",
    LineAct.HAND_OVER: "Handed over",
    LineAct.CLOSE: "Closed with an outcome",
    LineAct.NOTE: "Noted",
    LineAct.REOPEN: "Opened again",
}
