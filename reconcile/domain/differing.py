"""Where two policies differ: the cells of their truth tables beside each other.

In: two Policies. Out: Differing, a cell each. Called by the page that compares them, its CSV and the API.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from .policy import Policy, Verdict, truth_table
from .vocabulary import Flag, Shows


@dataclass(frozen=True)
class Differing:
    """A cell that two policies do not judge alike: `now` by the one, `then` by the other."""

    flag: Flag | None
    mask: int
    ever: bool
    shows: Shows
    now: Verdict
    then: Verdict

    @property
    def moves(self) -> tuple[Flag | None, Flag | None]:
        """The expected flag by the one and by the other; the same where only what is accepted differs."""
        return self.now.expected, self.then.expected


@cache
def differing(against: Policy, policy: Policy) -> tuple[Differing, ...]:
    """The cells at which the accepted flags or the expected one differ, in the order of the truth table."""
    pairs = zip(truth_table(against), truth_table(policy), strict=True)
    return tuple(
        Differing(now.flag, now.mask, now.ever, now.shows, now.verdict, then.verdict)
        for now, then in pairs
        if set(now.verdict.accepted) != set(then.verdict.accepted) or now.verdict.expected != then.verdict.expected
    )


def moved(cells: Iterable[Differing]) -> dict[tuple[Flag | None, Flag | None], int]:
    """How many cells there are of each move of the expected flag, the most first."""
    return dict(Counter(cell.moves for cell in cells).most_common())
