"""Classes of Meter Points as the page of causes shows them: in words, as a place on a scale, with a link to their rows.

In: queries.Causes. Out: what the template writes, and the rows of the CSV. Called by the view of causes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import log
from typing import Any

from django.http import QueryDict

from reconcile.domain.facets import FACT_FILTERS
from reconcile.ledger.filters import given
from reconcile.ledger.queries import Causes, Chart, Class

from . import links

MOST_SHOWN = 8
"""So many classes can be taken in; the CSV has all."""
LEAST_LIFT, WIDEST = 0.5, 4.0
"""Where the scale begins, and where it ends at least."""
FEW_PLACED = 0.5
"""Where less than this share of what is wrong falls in any class, a chart says little, and says so."""
COLUMNS = (
    *("part", "facet", "class", "network", "supplier", *FACT_FILTERS),
    *("wrong", "points", "expected", "per_1000", "lift", "lift_low", "lift_high", "chance"),
)


@dataclass(frozen=True)
class Line:
    """A class on a scale of lifts, in per cent of its width."""

    one: Class
    words: str
    title: str
    address: str
    work_address: str
    at: str
    low: str
    high: str


@dataclass(frozen=True)
class Multiple:
    """A chart as it is drawn: `even` is where a lift of 1 stands; `left_out` classes are in the CSV alone."""

    chart: Chart
    lines: list[Line]
    even: str
    left_out: int
    placed: str
    is_few: bool


class Shown:
    """What the page says of causes, worked out when it is asked for."""

    def __init__(self, causes: Causes) -> None:
        self.causes = causes

    @property
    def strongest(self) -> list[Line]:
        """The causes one after the other."""
        return self._lines(self.causes.found.strongest)

    @property
    def clear(self) -> list[Multiple]:
        """The charts of facets with a class that is clear of chance."""
        return [multiple for multiple in self._multiples if multiple.lines]

    @property
    def even(self) -> list[Multiple]:
        """The facets that have classes to compare, none of which stands out."""
        return [multiple for multiple in self._multiples if not multiple.lines and multiple.chart.looked_at > 1]

    @property
    def not_known(self) -> list[str]:
        """The facets whose points another filter leaves unknown."""
        return [chart.facet.title for chart in self.causes.found.charts if chart.not_known]

    @cached_property
    def _multiples(self) -> list[Multiple]:
        return [self._multiple(chart) for chart in self.causes.found.charts]

    @property
    def list_address(self) -> str:
        """The rows of the whole set."""
        return _rows(self.causes.filters.data)

    @property
    def work_address(self) -> str:
        """The same set in the queue."""
        return _rows(self.causes.filters.data, "work")

    @property
    def mismatches_address(self) -> str:
        """The causes of mismatches alone: all that is open has those in flight, absent or only watched in it."""
        return links.causes(**links.KINDS["mismatches"])

    @property
    def comparable_address(self) -> str:
        """Those of them that could be compared."""
        return _rows(self.causes.filters.data, comparable="yes")

    def _multiple(self, chart: Chart) -> Multiple:
        found = self.causes.found
        lines = self._lines(chart.clear[:MOST_SHOWN])
        share = chart.wrong / found.comparable if found.comparable else 1.0
        scale = _end(chart.clear[:MOST_SHOWN])
        left_out = len(chart.clear) - len(lines)
        return Multiple(chart, lines, _place(1, scale), left_out, f"{share:.0%}", share < FEW_PLACED)

    def _lines(self, classes: Sequence[Class]) -> list[Line]:
        scale = _end(classes)
        return [self._line(one, scale) for one in classes]

    def _line(self, one: Class, scale: float) -> Line:
        low, high = one.found.interval
        return Line(
            one,
            in_words(one),
            one.party.name if one.party else "",
            _rows(self.causes.filters.data, comparable="yes", **one.filters),
            _rows(self.causes.filters.data, "work", comparable="yes", **one.filters),
            _place(one.found.lift, scale),
            _place(low, scale),
            _place(high, scale),
        )


def _end(classes: Sequence[Class]) -> float:
    return max([WIDEST, *(one.found.interval[1] for one in classes)])


def _place(lift: float, end: float) -> str:
    """Where a lift stands, in per cent: twice as much is as far from once as half is."""
    return f"{100 * log(min(max(lift, LEAST_LIFT), end) / LEAST_LIFT) / log(end / LEAST_LIFT):.2f}"


def _rows(asked: Mapping[str, str], page: str = "discrepancies", **more: str) -> str:
    """The list, or the queue, of a filter, narrowed further."""
    query = asked.copy() if isinstance(asked, QueryDict) else QueryDict(mutable=True)
    for name, value in more.items():
        query[name] = value
    address = links.to(page)
    return f"{address}?{query.urlencode()}" if query else address


def in_words(one: Class) -> str:
    """A class as people say it: HC140 03.01 in North."""
    said = dict(one.filters)
    if len(said) > 2 or "csp_region" in said:
        # The model says who made it.
        said.pop("manufacturer", None)
    region = said.pop("csp_region", "")
    month = said.pop("commissioned", "")
    parts = [one.party.label if one.party else " ".join(said.values())]
    if region:
        parts.append(f"in {region}" if parts[0] else region)
    text = " ".join(part for part in parts if part)
    if not month:
        return text
    words = f"{date.fromisoformat(f'{month}-01'):%b %Y}"
    return f"{text}, commissioned {words}" if text else words


def hangs_on(causes: Causes) -> tuple[Any, ...]:
    """All that the figures hang on, for those who keep them (web.kept); empty where there is nothing to keep."""
    if causes.run is None or causes.problem:
        return ()
    return (causes.stamp, sorted(given(causes.filters.data).lists()))


def rows(causes: Causes) -> Iterator[list[str | float]]:
    """The rows of the CSV: the strongest causes, then the classes of each chart."""
    for one in causes.found.strongest:
        yield _row("strongest", one)
    for chart in causes.found.charts:
        for one in chart.clear:
            yield _row("chart", one)


def _row(part: str, one: Class) -> list[str | float]:
    found = one.found
    low, high = found.interval
    facts = [one.filters.get(name, "") for name in ("network", "supplier", *FACT_FILTERS)]
    figures = (found.expected, found.per_1000, found.lift, low, high)
    names = [part, one.facet.code, in_words(one), *facts]
    return [*names, found.wrong, found.points, *(round(figure, 3) for figure in figures), float(f"{found.chance:.2g}")]
