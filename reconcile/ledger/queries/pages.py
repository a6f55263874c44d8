"""Pages by key: each begins behind the last row of the one before, so that none is repeated and none is skipped.

In: a scope, a size and the place where the page before ended. Out: Piece. Called by the API.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from reconcile.models import Extract, Run

from ..access import Scope
from ..filters import BadFilter
from .common import RunTotals, latest_run
from .discrepancies import Stated, discrepancy_list
from .extracts import extracts
from .order import Place, behind
from .runs import RunList, runs

Row = TypeVar("Row")
NEWEST_FIRST = ("-as_of", "-id")


class OtherRun(Exception):
    """The run whose list a page belongs to is not the newest any more; one plain sentence."""

    def __init__(self, asked: int | None, newest: Run | None) -> None:
        now = f"The newest run is {newest.pk}, as of {newest.as_of:%-d %b %Y}" if newest else "There is no run"
        begun = f"; this list was begun as run {asked} left it" if asked is not None else ""
        super().__init__(f"{now}{begun}. Begin again with the first page.")


@dataclass(frozen=True)
class Piece(Generic[Row]):
    """A page: its rows, how many there are on all pages, and the run whose list it is, where the list hangs on one."""

    rows: list[Row]
    more: bool
    total: int
    run: int | None = None


def discrepancy_page(
    *, scope: Scope, filters: Mapping[str, Any], size: int, after: int | None = None, run: int | None = None
) -> Piece[Stated]:
    """A page of a filtered list, the worst first; `after`: the id of the row that the page before ended with.

    Raises BadFilter, NoPlace, and OtherRun where `run` is not the newest one.

    A run changes which rows a filter finds and what they say, so a list cannot go on where another run has begun.
    """
    found = discrepancy_list(scope=scope, filters=filters)
    if found.problem:
        raise BadFilter(found.filters)
    current = found.run.pk if found.run else None
    if run not in (None, current):
        raise OtherRun(run, found.run)
    cut = found.sorted.page(Place(after=after), size, found.total)
    piece = Piece(cut.rows, cut.later, found.total, current)
    newest = latest_run()
    if newest != found.run:
        # It was published while these rows were read, which may be of either.
        raise OtherRun(current, newest)
    return piece


def run_page(*, scope: Scope, size: int, after: tuple[date, int] | None = None) -> Piece[RunTotals]:
    """A page of runs, newest data date first. What is published meanwhile moves no other."""
    every = runs(scope=scope)
    later = every if after is None else RunList(scope, behind(every.runs, NEWEST_FIRST, after))
    return _cut(later, size, len(every))


def extract_page(*, scope: Scope, size: int, after: tuple[date, int] | None = None) -> Piece[Extract]:
    """A page of extracts, newest data date first. What is loaded meanwhile moves no other."""
    every = extracts(scope=scope)
    later = every if after is None else behind(every, NEWEST_FIRST, after)
    return _cut(later, size, every.count())


def _cut(rows: Sequence[Row] | Any, size: int, total: int, run: int | None = None) -> Piece[Row]:
    found = list(rows[: size + 1])
    return Piece(found[:size], len(found) > size, total, run)
