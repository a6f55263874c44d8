"""Rates per thousand, and how far a rate may be chance.

In: counts. Out: Rate. Called by ledger.queries.
"""

from dataclasses import dataclass
from math import sqrt

PER = 1000
Z = 1.959964
"""The 97.5th percentile of the normal distribution: intervals hold 95 % of the time."""
FEW = 500
"""Below so many Meter Points a rate says little, and is greyed."""


@dataclass(frozen=True)
class Rate:
    """`count` of `points`, per thousand, with its 95 % interval (`low` to `high`)."""

    count: int
    points: int

    @property
    def per_1000(self) -> float:
        """The rate itself; 0 where there are no points."""
        return PER * self.count / self.points if self.points else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval, per thousand (E. B. Wilson, JASA 22 (1927), 209-212); without points, all."""
        n = self.points
        if not n or self.count > n:
            return 0.0, float(PER)
        p, z2 = self.count / n, Z * Z
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        reach = Z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        return PER * max(0.0, middle - reach), PER * min(1.0, middle + reach)

    @property
    def is_small(self) -> bool:
        """Too few points to say much."""
        return self.points < FEW

    def against(self, other: "Rate") -> str:
        """`worse` or `better` where the interval leaves the other's rate out; empty where it may be chance."""
        low, high = self.interval
        if low > other.per_1000:
            return "worse"
        return "better" if high < other.per_1000 else ""
