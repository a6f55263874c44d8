"""The figures that every page, file and message counts, each stated once.

In: nothing. Out: FIGURES. Called by ledger.record, which counts a run, and by whatever shows, links or filters counts.
"""

from collections.abc import Mapping

from .lifecycle import LOOKBACK, UNFOUNDED, State
from .rules import MISMATCHED, WATCHED

Figure = Mapping[str, tuple[str | bool, ...]]
"""Which discrepancies, as a run left them, are counted: column -> the values that count. All columns must agree."""

OPEN_STATES = (State.NEW, State.ONGOING, State.REGRESSED, LOOKBACK)
PRESENT: Figure = {"state": OPEN_STATES, "absent": (False,)}

FIGURES: dict[str, Figure] = {
    "mismatches": {**PRESENT, "rule": MISMATCHED, "in_flight": (False,)},
    "in_flight": {**PRESENT, "rule": MISMATCHED, "in_flight": (True,)},
    "watch": {**PRESENT, "rule": WATCHED},
    "new": {"state": (State.NEW,), "absent": (False,)},
    "ongoing": {"state": (State.ONGOING,), "absent": (False,)},
    "regressed": {"state": (State.REGRESSED,), "absent": (False,)},
    "resolved": {"state": (State.RESOLVED,)},
    "withdrawn": {"state": (UNFOUNDED,)},
    "absent": {"state": OPEN_STATES, "absent": (True,)},
}
"""mismatches + in_flight + watch + absent are all that are open."""
