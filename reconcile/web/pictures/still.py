"""Pictures that stand still: bars and dots in the rows of their own tables, the line of a trend, a map of tiles.

In: dataclasses of ledger.queries. Out: what templates write, every place worked out as text in per cent or pixels.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from reconcile.domain.rates import Rate
from reconcile.ledger.queries import Bridge, GenerationTotals, PartyTotals, Standing, TrendPoint

from .. import links, words

MOST_DOTS = 15
"""So many parties can be taken in; the page of all parties has the others."""


@dataclass(frozen=True)
class Bar:
    """A row with a bar from `start`, `size` long, in per cent of its column. `tone`: wrong, right or none."""

    words: str
    figure: str
    address: str
    start: str
    size: str
    tone: str = ""


def _per_cent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f}" if whole else "0"


def bridge_bars(bridge: Bridge, *, linked: bool = True, **party: str) -> list[Bar]:
    """From the mismatches of the run before to those of now. The axis does not begin at nothing: changes are small.

    `linked`: of the newest run alone the rows are as it left them.
    """
    levels = [bridge.before]
    for step in bridge.steps:
        levels.append(levels[-1] + step.by)
    least, most = min(levels), max(levels)
    base = max(0, least - max(1, (most - least) // 4))
    width = most - base
    steps = [
        Bar(
            step.words,
            words.change(step.by),
            links.discrepancies(state="all", move=step.move, **party) if step.move and linked else "",
            _per_cent(min(level, level + step.by) - base, width),
            _per_cent(abs(step.by), width),
            "wrong" if step.by > 0 else "right",
        )
        for level, step in zip(levels, bridge.steps, strict=False)
    ]
    before = links.to("run", args=(bridge.earlier.pk,))
    ends = [
        Bar(title, words.amount(count), address, "0", _per_cent(count - base, width))
        for title, count, address in (
            (words.day(bridge.earlier.as_of), bridge.before, before),
            ("now" if linked else "this run", bridge.now, links.discrepancies("mismatches", **party) if linked else ""),
        )
    ]
    return [ends[0], *steps, ends[1]]


def length_bars(rows: Sequence[tuple[str, int, str]]) -> list[Bar]:
    """A bar for each of (words, count, address), as long as its count."""
    most = max((count for _, count, _ in rows), default=0)
    return [Bar(said, words.amount(count), address, "0", _per_cent(count, most)) for said, count, address in rows]


def age_bars(standing: Standing, **party: str) -> list[Bar]:
    """For how long the mismatches have been wrong."""
    most = max((count for _, count in standing.ages), default=0)
    return [
        Bar(
            age.words,
            words.amount(count),
            links.discrepancies("mismatches", wrong_for=age.code, **party) if count else "",
            "0",
            _per_cent(count, most),
        )
        for age, count in standing.ages
    ]


@dataclass(frozen=True)
class Dot:
    """A rate on a line from `low` to `high`, in per cent of its column. `verdict`: worse, better or none."""

    one: PartyTotals | GenerationTotals
    address: str
    rows: str
    at: str
    low: str
    reach: str
    verdict: str


@dataclass(frozen=True)
class Dots:
    """Parties by rate, the worst first; those with few Meter Points come last. `market`: where its line stands."""

    kind: str
    market: str
    rate: Rate
    dots: list[Dot]
    left_out: int


def by_rate(parties: Sequence[PartyTotals]) -> list[PartyTotals]:
    """The worst rate first; those with too few points to say after all others."""
    return sorted(parties, key=lambda one: (one.rate.is_small, -one.rate.per_1000, one.party.code))


def worst_dots(kind: str, parties: Sequence[PartyTotals], market: Rate) -> Dots:
    """The parties whose rates are worst."""
    ranked = by_rate([one for one in parties if one.points])
    return dots(kind, ranked[:MOST_DOTS], market, left_out=max(len(ranked) - MOST_DOTS, 0))


def dots(kind: str, drawn: Sequence[PartyTotals], market: Rate, left_out: int = 0) -> Dots:
    """Each party's rate with its interval, against the rate of all, in the order given."""
    scale = _scale(drawn, market)
    found = [
        _dot(
            one,
            one.totals.mismatches,
            market,
            scale,
            rows={one.party.kind: one.party.code},
            address=links.party(one.party.kind, one.party.code),
        )
        for one in drawn
    ]
    return Dots(kind, _per_cent(market.per_1000, scale), market, found, left_out)


def generation_dots(rows: Sequence[GenerationTotals], market: Rate, **party: str) -> Dots:
    """SMETS1 and SMETS2 apart, of all or of one party; a kind of which there is none has no row."""
    rows = [one for one in rows if one.points or one.mismatches]
    scale = _scale(rows, market)
    found = [
        _dot(one, one.mismatches, market, scale, rows={**party, "generation": one.generation.value}) for one in rows
    ]
    return Dots("", _per_cent(market.per_1000, scale), market, found, 0)


def _scale(drawn: Sequence[PartyTotals | GenerationTotals], market: Rate) -> float:
    """Where the line of rates ends."""
    # Small ones reach anywhere: they end with the line, unless there are no others.
    ends = [one.rate.interval[1] for one in drawn if not one.rate.is_small]
    ends = ends or [one.rate.per_1000 for one in drawn]
    return max([*ends, market.per_1000 * 1.5]) or 1.0


def _dot(
    one: PartyTotals | GenerationTotals,
    mismatches: int,
    market: Rate,
    scale: float,
    *,
    rows: dict[str, Any],
    address: str = "",
) -> Dot:
    low, high = (min(end, scale) for end in one.rate.interval)
    return Dot(
        one,
        address,
        links.discrepancies("mismatches", **rows) if mismatches else "",
        _per_cent(min(one.rate.per_1000, scale), scale),
        _per_cent(low, scale),
        _per_cent(high - low, scale),
        "" if one.rate.is_small else one.rate.against(market),
    )


WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 440, 162, 8, 44, 32, 24
LETTER = 6
"""Pixels that a letter of a label takes."""
FIRST_LABEL = len("15.3 per 1,000") * LETTER


@dataclass(frozen=True)
class Mark:
    """A day on the line, with what it leads to; `x` and `y` in pixels. `label`: its event, where there is room for it
    beside those before it, about `label_x`.
    """

    on: date
    rate: float
    address: str
    words: str
    event: str
    x: str = ""
    y: str = ""
    label: str = ""
    label_x: str = ""


@dataclass(frozen=True)
class Line:
    """A rate per thousand over days, not forced to begin at zero; the first and the last day are labelled. `paths`: the
    line in pieces, with a gap where a day is missing.
    """

    marks: list[Mark]
    paths: list[str]
    width: int = WIDTH
    height: int = HEIGHT
    bottom: int = HEIGHT - BOTTOM

    @property
    def first(self) -> Mark:
        """The oldest day."""
        return self.marks[0]

    @property
    def last(self) -> Mark:
        """The newest day."""
        return self.marks[-1]

    @property
    def first_label(self) -> str:
        """How high the words of the oldest day stand: above the line, as far as they reach."""
        beside = sum(float(mark.x) < LEFT + FIRST_LABEL for mark in self.marks)
        return f"{min(float(mark.y) for mark in self.marks[: beside + 1]) - 10:.1f}"


def line(runs: Sequence[TrendPoint]) -> Line | None:
    """Mismatches per thousand over the days of the runs; one run alone is no line."""
    return drawn_line([
        Mark(
            one.run.as_of,
            one.rate.per_1000,
            links.to("run", args=(one.run.pk,)),
            f"{words.day(one.run.as_of)}: {one.rate.per_1000:.2f} per 1,000, {one.mismatches:,} mismatches"
            + (f"; {one.event}" if one.event else ""),
            one.event,
        )
        for one in runs
    ])  # fmt: skip


def drawn_line(marks: Sequence[Mark]) -> Line | None:
    """Marks in the order of their days, each put in its place; one alone is no line."""
    if len(marks) < 2:
        return None
    days, rates = [one.on.toordinal() for one in marks], [one.rate for one in marks]
    span, low, high = max(days[-1] - days[0], 1), min(rates), max(rates)
    placed = [
        replace(
            one,
            x=f"{LEFT + (WIDTH - LEFT - RIGHT) * (day - days[0]) / span:.1f}",
            y=f"{TOP + (HEIGHT - TOP - BOTTOM) * ((high - one.rate) / (high - low) if high > low else 0.5):.1f}",
        )
        for one, day in zip(marks, days, strict=True)
    ]
    pieces = [placed[start:end] for start, end in pairwise([0, *_gaps(days), len(placed)])]
    return Line(list(_labelled(placed)), [" ".join(f"{mark.x},{mark.y}" for mark in piece) for piece in pieces])


def _gaps(days: Sequence[int]) -> Iterator[int]:
    """Before which day one or more are missing: where most are as far from each other, and it is twice as far."""
    steps = [after - before for before, after in pairwise(days)]
    usual, times = Counter(steps).most_common(1)[0]
    if 2 * times > len(steps):
        yield from (place for place, step in enumerate(steps, start=1) if step >= 2 * usual)


def _labelled(marks: Sequence[Mark]) -> Iterator[Mark]:
    """With the words of events side by side: what has no room is told by its mark and by the table."""
    taken = 0.0
    for mark in marks:
        half = len(mark.event) * LETTER / 2
        middle = min(max(float(mark.x), half), WIDTH - half)
        fits = bool(mark.event) and middle - half >= taken
        taken = middle + half + LETTER if fits else taken
        yield replace(mark, label=mark.event, label_x=f"{middle:.1f}") if fits else mark


TILES = {
    # Distributor id -> column and row on a map of fourteen equal areas.
    "17": (2, 1), "18": (2, 2), "16": (2, 3), "15": (3, 3), "13": (1, 4), "23": (3, 4), "14": (2, 5), "11": (3, 5),
    "21": (1, 6), "10": (4, 6), "22": (1, 7), "20": (2, 7), "12": (3, 7), "19": (4, 7),
}  # fmt: skip
GAS_ROW = 9
"""Gas networks overlap those of electricity, and stand apart below them."""
MOST_GAS = 8
"""The largest of them; small ones within their areas are many."""


@dataclass(frozen=True)
class Tile:
    """A network on the map; `share` of the deepest tint, from 0 to 1."""

    one: PartyTotals
    address: str
    column: int
    row: int
    share: str


def tiles(networks: Sequence[PartyTotals]) -> list[Tile]:
    """The fourteen licence areas and the gas networks; empty where none of them is among the networks."""
    placed = [(one, *TILES[one.party.code]) for one in networks if one.party.code in TILES and one.points]
    gas = [one for one in networks if one.party.fuel == "gas" and one.points]
    largest = sorted(gas, key=lambda one: -one.points)[:MOST_GAS]
    gas = [one for one in gas if one in largest]
    placed += [(one, 1 + place % 4, GAS_ROW + place // 4) for place, one in enumerate(gas)]
    told = [one.rate.per_1000 for one, _, _ in placed if not one.rate.is_small]
    # One alone would be tinted however good it is.
    worst = max(told) if len(told) > 1 else 0.0
    return [
        Tile(
            one,
            links.party(one.party.kind, one.party.code),
            column,
            row,
            f"{min(one.rate.per_1000 / worst, 1):.2f}" if worst and not one.rate.is_small else "0",
        )
        for one, column, row in placed
    ]
