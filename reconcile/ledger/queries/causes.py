"""Causes: what the wrong ones of a filter have in common, more than chance explains.

In: a scope and filters. Out: Causes. Called by the page, the CSV and the API, which so give the same figures.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import numpy as np

from reconcile.domain.causes import ERROR_RATE, Found, Numbers, adjusted, chances, strength
from reconcile.domain.facets import FACETS, Facet
from reconcile.models import Discrepancy, Party, Run

from ..access import Scope
from ..cubes import Codes, Counts, counts
from ..filters import DiscrepancyFilter
from ..integrity import Damaged
from .common import latest_run, stamp

logger = logging.getLogger(__name__)
MOST_CAUSES = 10
"""So many causes are taken apart; what is left after them is little."""
NOT_COUNTED = (
    "What the newest run counted is not there, or the run was made before causes were counted. Make a run anew: then "
    "they can be looked for."
)


@dataclass(frozen=True)
class Class:
    """A class of Meter Points: the filters of the list that it is, and what was found of it."""

    facet: Facet
    filters: Mapping[str, str]
    party: Party | None
    found: Found


@dataclass(frozen=True)
class Chart:
    """The classes of a facet that are clear of chance, the most excess first; `looked_at`: how many there were.

    `wrong` of the set, and `points`, fall in one of the classes. `not_known`: another filter leaves the points unknown.
    """

    facet: Facet
    clear: list[Class]
    looked_at: int
    wrong: int
    points: int
    not_known: bool = False


@dataclass(frozen=True)
class Commons:
    """What was found: `strongest` are the causes one after the other, `charts` what every facet shows by itself.

    `total` discrepancies are in the list, `comparable` of them at points that a run counts.
    """

    total: int
    comparable: int
    strongest: Sequence[Class]
    charts: Sequence[Chart]


@dataclass(frozen=True)
class Causes:
    """The causes of a filter's discrepancies, worked out when they are asked for."""

    scope: Scope
    run: Run | None
    filters: DiscrepancyFilter
    problem: str = ""

    @cached_property
    def stamp(self) -> str:
        """What the page hangs on: see common.stamp."""
        return stamp(self.scope, self.run)

    @cached_property
    def found(self) -> Commons:
        """Raises Damaged where the counts of the run cannot be read."""
        if self.run is None or self.problem:
            return Commons(0, 0, (), ())
        rows = self.filters.narrowed(self.scope.narrow(Discrepancy.objects.all()))
        try:
            counted = counts(run=self.run, scope=self.scope, filters=self.filters, rows=rows)
        except duckdb.Error as error:
            logger.exception("What run %s counted cannot be read", self.run.pk)
            raise Damaged(NOT_COUNTED) from error
        parties = {party.pk: party for party in Party.objects.all()}
        charts = _charts(counted, parties)
        comparable = int(counted.wrong.count.sum())
        return Commons(rows.count(), comparable, _strongest(counted, parties), charts)


def causes(*, scope: Scope, filters: Mapping[str, Any]) -> Causes:
    """What a filter's discrepancies have in common. A filter that cannot be read finds nothing; `problem` says why."""
    run = latest_run()
    asked = DiscrepancyFilter(filters, scope=scope, run=run)
    return Causes(scope, run, asked, asked.problems_in_words())


@dataclass(frozen=True)
class Looked:
    """A facet's classes by number, with what was found of each."""

    facet: Facet
    classes: Codes
    wrong: Numbers
    points: Numbers
    chance: Numbers

    def found(self, place: int) -> Found:
        """One of the classes."""
        share = self.points[place] / self.points.sum()
        all_wrong = self.wrong.sum()
        return Found(
            int(self.wrong[place]),
            round(self.points[place]),
            float(all_wrong * share),
            int(all_wrong),
            float(self.chance[place]),
        )

    @cached_property
    def strength(self) -> Numbers:
        """See domain.causes.strength."""
        return strength(self.wrong, self.points)

    @property
    def clear(self) -> list[int]:
        """The places of those that are clear of chance."""
        likely = np.flatnonzero(self.chance <= ERROR_RATE)
        return [place for place in likely.tolist() if self.found(place).is_clear]


def _look(counted: Counts, facets: Sequence[Facet]) -> list[Looked]:
    found = [counted.of(facet) for facet in facets]
    chance = adjusted([chances(wrong, points) for _, wrong, points in found])
    return [Looked(facet, *one, chance=likely) for facet, one, likely in zip(facets, found, chance, strict=True)]


def _known(counted: Counts, *, alone: bool) -> list[Facet]:
    return [facet for facet in FACETS.values() if facet.cube in counted.points and (facet.alone or not alone)]


def clear_classes(counted: Counts) -> dict[str, Looked]:
    """What every facet that has a chart shows by itself."""
    return {one.facet.code: one for one in _look(counted, _known(counted, alone=True))}


def strongest_classes(counted: Counts) -> Iterator[tuple[Looked, int, Mapping[str, int]]]:
    """The causes one after the other, each as a place among what was looked at and by its codes: the strongest of all
    classes, then the strongest of what is left without it. Takes them out of `counted`.

    So what only looks wrong because of a stronger cause is not named.
    """
    for _ in range(MOST_CAUSES):
        looked = _look(counted, _known(counted, alone=False))
        likely = [
            # Of two that are the same points, the one that takes fewer words.
            (round(float(one.strength[place]), 6), -len(one.facet.columns), number, place)
            for number, one in enumerate(looked)
            for place in one.clear
        ]
        if not likely:
            return
        *_, number, place = max(likely)
        one = looked[number]
        codes = counted.codes_of(one.facet, int(one.classes[place]))
        yield one, place, codes
        counted.take_out(one.facet, codes)


def _charts(counted: Counts, parties: Mapping[int, Party]) -> list[Chart]:
    """A chart for each facet, in their order."""
    looked = clear_classes(counted)
    return [
        _chart(looked[facet.code], counted, parties)
        if facet.code in looked
        else Chart(facet, [], 0, 0, 0, not_known=True)
        for facet in FACETS.values()
        if facet.alone
    ]


def _chart(one: Looked, counted: Counts, parties: Mapping[int, Party]) -> Chart:
    clear = [_class(one, place, counted, parties) for place in one.clear]
    clear.sort(key=lambda found: -found.found.excess)
    return Chart(one.facet, clear, len(one.classes), int(one.wrong.sum()), round(one.points.sum()))


def _strongest(counted: Counts, parties: Mapping[int, Party]) -> list[Class]:
    found = [_class(one, place, counted, parties) for one, place, _ in strongest_classes(counted)]
    return sorted(found, key=lambda one: -one.found.excess)


def _class(one: Looked, place: int, counted: Counts, parties: Mapping[int, Party]) -> Class:
    codes = counted.codes_of(one.facet, int(one.classes[place]))
    values = {name: counted.values[name][code] for name, code in codes.items()}
    party = next((parties[values[kind]] for kind in ("network", "supplier") if kind in values), None)
    return Class(
        one.facet, {name: _text(name, value, parties) for name, value in values.items()}, party, one.found(place)
    )


def _text(name: str, value: Any, parties: Mapping[int, Party]) -> str:
    """A value as the filter of the list takes it."""
    if name in ("network", "supplier"):
        return parties[value].code
    if name == "commissioned":
        return f"{value // 12}-{value % 12 + 1:02}"
    if name == "postcode_area":
        return "".join(chr(one) for one in divmod(value, 256) if one)
    return str(value)
