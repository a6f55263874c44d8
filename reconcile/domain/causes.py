"""Whether something is wrong more often in one class of Meter Points than chance explains.

In: for each class how many are wrong, of how many points. Out: Found, and which of them are clear of chance. Called by
ledger.queries.causes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from .rates import PER, Rate

ERROR_RATE = 0.05
"""Of what is called a cause, so much at most is chance, on average (the false discovery rate)."""
FEWEST = 5
"""Fewer wrong ones are no pattern, however few were expected."""
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """A class: `wrong` of `points`, where `expected` were wrong if it were like all. `chance`: how likely so many are.

    `chance` is adjusted for the number of classes that were looked at.
    """

    wrong: int
    points: int
    expected: float
    all_wrong: int
    chance: float

    @property
    def per_1000(self) -> float:
        """Wrong ones per thousand points."""
        return Rate(self.wrong, self.points).per_1000

    @property
    def excess(self) -> float:
        """How many more are wrong than expected."""
        return self.wrong - self.expected

    @property
    def lift(self) -> float:
        """How many times as many are wrong as expected."""
        return self.wrong / self.expected if self.expected else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the lift: Wilson's, of the share that the class has of all that is wrong."""
        if not self.expected:
            return 0.0, float("inf")
        low, high = Rate(self.wrong, self.all_wrong).interval
        times = self.all_wrong / self.expected / PER
        return low * times, high * times

    @property
    def is_clear(self) -> bool:
        """Whether it is no chance: the interval leaves 1 below it, and so does the adjusted test."""
        return self.wrong >= FEWEST and self.chance <= ERROR_RATE and self.interval[0] > 1


def chances(wrong: Numbers, points: Numbers) -> Numbers:
    """How likely as many as are `wrong` in each class, or more, would be if all wrong ones fell on any point alike.

    Given how many are wrong in all, the number of a class is binomial with the class's share of the points; one point
    may be wrong several times.
    """
    if not points.sum() or not wrong.sum():
        return np.ones(len(wrong))
    found: Numbers = scipy.stats.binom.sf(wrong - 1, wrong.sum(), points / points.sum())
    return found


def adjusted(found: Sequence[Numbers]) -> list[Numbers]:
    """Chances of several families of classes, adjusted for how many there are in all (Benjamini and Hochberg)."""
    if not sum(map(len, found)):
        return list(found)
    every = scipy.stats.false_discovery_control(np.concatenate(found))
    return np.split(every, np.cumsum([len(one) for one in found])[:-1])


def strength(wrong: Numbers, points: Numbers) -> Numbers:
    """The logarithm of the likelihood ratio of each class having a rate of its own, against none having one.

    Of classes within each other, that which fits best has the highest (M. Kulldorff, A spatial scan statistic, 1997).
    Classes that are better than the rest have 0.
    """
    all_wrong, expected = wrong.sum(), wrong.sum() * points / max(points.sum(), 1)
    rest, rest_expected = all_wrong - wrong, all_wrong - expected
    ratio = _times_log(wrong, expected) + _times_log(rest, rest_expected)
    return np.where(wrong > expected, ratio, 0.0)


def _times_log(found: Numbers, expected: Numbers) -> Numbers:
    """found x log(found / expected), 0 where nothing was found."""
    with np.errstate(divide="ignore", invalid="ignore"):
        product: Numbers = np.where(found > 0, found * np.log(found / expected), 0.0)
    return product
