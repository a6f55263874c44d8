"""Registered Meter Points by flag and by what the inventory shows, and the open discrepancies of each cell.

In: a scope and a run. Out: MatrixRows, summed from the run's counts. Called by the overview.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from django.db.models import Sum

from reconcile.domain.figures import OPEN_STATES
from reconcile.domain.policies import policy_named
from reconcile.domain.policy import Policy, truth_table
from reconcile.domain.rules import WATCHED
from reconcile.domain.vocabulary import FLAG_NAMES, FLAGS, Flag, Shows
from reconcile.models import Run

from ..access import Scope
from .common import counts_of, points_of

AGREES, MISMATCH, WATCH, PARTLY = "agrees", "mismatch", "watch", "partly"
UNREGISTERED = "SMI_ONLY"
"""The rule of meters at points that registration does not hold: they stand in a row of their own."""


@dataclass(frozen=True)
class Cell:
    """Meter Points with one flag at which the inventory shows one thing, and the open discrepancies there.

    `filters` lead to these. `share`: how much is wrong here, of the cell where most is, from 0 to 1.
    """

    shows: Shows
    verdict: str
    points: int
    open: int
    filters: dict[str, str | list[str]]
    share: float = 0.0


@dataclass(frozen=True)
class MatrixRow:
    """One flag against everything the inventory can show; `points` is None for what registration does not hold."""

    flag: str
    name: str
    cells: list[Cell]
    points: int | None


Key = tuple[str, str]


def matrix(*, scope: Scope, run: Run) -> list[MatrixRow]:
    """Every flag, and then what registration does not hold."""
    points: dict[Key, int] = defaultdict(int)
    for flag, column, number in points_of(scope, run).values_list("flag", "shows").annotate(sum=Sum("points")):
        points[flag, column] = number
    found: dict[Key, dict[str, int]] = defaultdict(dict)
    counted = counts_of(scope, run).filter(state__in=OPEN_STATES).values_list("flag", "shows", "rule")
    for flag, column, rule, number in counted.annotate(sum=Sum("discrepancies")):
        found[flag, column][rule] = number
    verdicts = cell_verdicts(policy_named(run.policy))
    rows = [_row(flag, verdicts, points, found) for flag in FLAGS]
    return [_tinted(row, _most_wrong(rows)) for row in rows] + [_unregistered(found)]


def _row(
    flag: Flag | None,
    verdicts: dict[tuple[Flag | None, Shows], str],
    points: dict[Key, int],
    found: dict[Key, dict[str, int]],
) -> MatrixRow:
    text = flag or ""
    cells = [_cell(text, column, verdicts[flag, column], points[text, column], found[text, column]) for column in Shows]
    return MatrixRow(text, FLAG_NAMES[flag], cells, sum(cell.points for cell in cells))


def _cell(flag: str, column: Shows, verdict: str, points: int, found: dict[str, int]) -> Cell:
    registered = {rule: number for rule, number in found.items() if rule != UNREGISTERED}
    filters: dict[str, str | list[str]] = {"flag": flag or "none", "shows": column.value}
    if len(registered) < len(found):
        filters["rule"] = sorted(registered)
    return Cell(column, verdict, points, sum(registered.values()), filters)


def _unregistered(found: dict[Key, dict[str, int]]) -> MatrixRow:
    cells = []
    for column in Shows:
        number = sum(rules.get(UNREGISTERED, 0) for (_, shown), rules in found.items() if shown == column)
        cells.append(Cell(column, AGREES, 0, number, {"rule": UNREGISTERED, "shows": column.value}))
    return MatrixRow("", "not in registration", cells, None)


def _wrong(cell: Cell) -> int:
    """How much of a cell is wrong: all of it, or what is open where other meters or history decide."""
    return {MISMATCH: cell.points, PARTLY: min(cell.points, cell.open)}.get(cell.verdict, 0)


def _most_wrong(rows: list[MatrixRow]) -> int:
    return max((_wrong(cell) for row in rows for cell in row.cells), default=0)


def _tinted(row: MatrixRow, most: int) -> MatrixRow:
    """With the share of each cell; the root of it, so that the few can be told from none."""
    cells = (
        [
            Cell(cell.shows, cell.verdict, cell.points, cell.open, cell.filters, (_wrong(cell) / most) ** 0.5)
            for cell in row.cells
        ]
        if most
        else row.cells
    )
    return MatrixRow(row.flag, row.name, cells, row.points)


@cache
def cell_verdicts(policy: Policy) -> dict[tuple[Flag | None, Shows], str]:
    """What the truth table says of each flag and column; `partly` where other meters or history decide."""
    rules: dict[tuple[Flag | None, Shows], set[str | None]] = defaultdict(set)
    for row in truth_table(policy):
        rules[row.flag, row.shows].add(row.verdict.rule)
    return {(flag, column): _cell_verdict(rules[flag, column]) for flag in FLAGS for column in Shows}


def _cell_verdict(rules: set[str | None]) -> str:
    if rules == {None}:
        return AGREES
    if None in rules:
        return PARTLY
    return WATCH if rules <= set(WATCHED) else MISMATCH
