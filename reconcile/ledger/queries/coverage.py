"""Install and leave: which meters that wait can be commissioned now, by what is told of WAN coverage (DP146).

In: a scope. Out: Waiting, and its headline for other pages. Called by pages, the API and the command `export_coverage`.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from reconcile.domain.answering import Wan
from reconcile.domain.coverage import VISITS_SAVED
from reconcile.domain.tables import Table
from reconcile.feeds.values.postcodes import printed
from reconcile.lake import covering
from reconcile.lake.contract import Update
from reconcile.models import Run

from ..access import Scope
from ..inputs import files_of
from ..integrity import Damaged
from ..safe_csv import RUNS_AS_FORMULA
from ..waiting import kept
from ..waiting import waiting as all_waiting
from .common import latest_run
from .pages import Piece
from .points import UNREADABLE

FORMULA = f"^([{re.escape(''.join(RUNS_AS_FORMULA))}])"
"""What a spreadsheet would run."""
COLUMNS = ("mpxn", "network", "supplier", "postcode", "answer", "from_date", "days_waiting")
"""Of `export_coverage` and the API."""
ORDERS = frozenset({"mpxn", "answer", "from_date", "postcode", "days_waiting", "supplier", "network"})
USUAL_ORDER = "answer"
BEST_FIRST = [Wan.NOW.value, Wan.FROM_DATE.value, Wan.NOT_CONFIRMED.value, Wan.NO_DATA.value]
OPENED = "opened"
"""May be asked for like an answer: coverage now, and not before the newest file."""
FEW = 10_000
"""Rows up to which the first are looked for one by one."""
LONGEST_FIRST = (("days_waiting", "descending"), ("mpxn", "ascending"))


@dataclass
class OfSupplier:
    """The points of a supplier that wait, by answer; the days that they have waited, together."""

    supplier: str
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    meter_days: int = 0

    @property
    def points(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def visits_saved(self) -> int:
        """Those at which a visit would be for nothing."""
        return sum(self.counts[answer] for answer in VISITS_SAVED)


class Lines(Sequence[dict[str, Any]]):
    """Rows of an Arrow table in an order that ends in a key, read when they are asked for: a page shows fifty of many.

    To find the first of a million takes a tenth of the time of sorting all."""

    def __init__(self, rows: pa.Table, keys: list[tuple[str, str]]) -> None:
        self.rows, self.keys = rows, keys
        self.sorted_by = rows.select([name for name, _ in keys])

    def __len__(self) -> int:
        return int(self.rows.num_rows)

    def __getitem__(self, wanted: Any) -> Any:
        if not isinstance(wanted, slice):
            return self[wanted : wanted + 1][0]
        start, stop, _ = wanted.indices(len(self))
        return self.rows.take(self._first(stop).slice(start, max(stop - start, 0))).to_pylist()

    def _first(self, count: int) -> pa.Array:
        """The places of the first rows, in order."""
        if count > FEW:
            return pc.sort_indices(self.sorted_by, sort_keys=self.keys)
        return pc.select_k_unstable(self.sorted_by, k=count, sort_keys=self.keys)


@dataclass(frozen=True)
class Waiting:
    """What waits within a scope. `can_now`: how many can be commissioned since the newest coverage files, which are of
    `newest`, and could not by those before, if there are any (`compared`).

    `dated`: postcodes there with coverage and a date from which to have it. `told`: what files say of a `postcode`.
    """

    run: Run | None
    rows: pa.Table
    suppliers: list[OfSupplier]
    can_now: int = 0
    newest: date | None = None
    compared: bool = False
    dated: tuple[str, ...] = ()
    postcode: str = ""
    told: tuple[dict[str, Any], ...] = ()

    @property
    def total(self) -> int:
        """How many wait."""
        return int(self.rows.num_rows)

    def page(self, after: int | None, size: int) -> Piece[dict[str, Any]]:
        """As many as `size` by number, from the first that is greater than `after`, for programs."""
        rest = self.rows if after is None else self.rows.filter(pc.greater(self.rows["mpxn"], after))
        return Piece(
            rest.slice(0, size).to_pylist(), rest.num_rows > size, self.total, self.run.pk if self.run else None
        )

    def lines(self, order: str = "") -> Lines:
        """The rows in an order, `-` before it for the other way; of equal ones the longest waiting first."""
        name = order.removeprefix("-") or USUAL_ORDER
        way = "descending" if order.startswith("-") else "ascending"
        rows = self.rows
        if name == "answer":
            rows, name = rows.append_column("rank", pc.index_in(rows["answer"], pa.array(BEST_FIRST))), "rank"
        keys = [(name, way), *(key for key in LONGEST_FIRST if key[0] != name)]
        return Lines(rows, keys)


@dataclass(frozen=True)
class CanNow:
    """How many points of a scope can be commissioned since the newest coverage files, and could not by those before;
    and how many wait."""

    points: int
    waiting: int
    newest: date


def can_now(*, scope: Scope) -> CanNow | None:
    """The headline of coverage for other pages; None where nothing changed, is loaded, or is worked out yet."""
    run, files = latest_run(), files_of(Table.COVERAGE)
    path = kept(run, files) if run and files and covering.before(files) else None
    if path is None:
        return None
    try:
        points, total = _counted(path, scope)
    except (OSError, pa.ArrowInvalid):
        return None
    return CanNow(points, total, max(one.as_of for one in files)) if points else None


@lru_cache(maxsize=256)
def _counted(path: Path, scope: Scope) -> tuple[int, int]:
    """As can_now, of a file that never changes: its name says what it is made of."""
    rows = parquet.read_table(path, columns=["network", "supplier", "answer", "answer_before", "listed"])
    mine = _within(rows.filter(rows["listed"]), scope)
    return _can_now(mine), mine.num_rows


def waiting(*, scope: Scope, supplier: str = "", postcode: str = "", answer: str = "") -> Waiting:
    """What waits: of one supplier or all, at one postcode (or outward part) or all, with one answer or any.

    Raises Damaged where files that tell it cannot be read any more.
    """
    run, files = latest_run(), files_of(Table.COVERAGE)
    if run is None:
        return Waiting(None, covering.WAITING.empty_table(), [])
    asked = printed(postcode)
    try:
        rows = all_waiting(run, files)
        told, dated = covering.of_postcode(files, asked) if asked else [], _dated(files)
    except (duckdb.Error, OSError) as error:
        raise Damaged(UNREADABLE) from error
    mine = _within(rows.filter(rows["listed"]), scope)
    narrowed = _narrowed(mine, supplier, postcode, asked)
    return Waiting(
        run,
        _answered(narrowed, answer),
        _by_supplier(narrowed),
        _can_now(_narrowed(mine, supplier, "", "")),
        max((one.as_of for one in files), default=None),
        bool(covering.before(files)),
        _here(dated, mine),
        asked,
        tuple(told),
    )


def _can_now(rows: pa.Table) -> int:
    return pc.sum(_opened(rows).cast(pa.int64())).as_py() or 0


def _opened(rows: pa.Table) -> pa.ChunkedArray:
    """Which of them have coverage now, and had none by the files before the newest."""
    now, before = (pc.equal(rows[name], Wan.NOW.value) for name in ("answer", "answer_before"))
    return pc.and_(now, pc.invert(before))


def _answered(rows: pa.Table, answer: str) -> pa.Table:
    if not answer:
        return rows
    return rows.filter(_opened(rows) if answer == OPENED else pc.equal(rows["answer"], answer))


@lru_cache(maxsize=4)
def _dated(files: tuple[Update, ...]) -> list[str]:
    """As covering.dated, of files that never change."""
    return covering.dated(files)


def _here(dated: list[str], rows: pa.Table) -> tuple[str, ...]:
    """Those postcodes, or outward parts, at which a meter of somebody's waits."""
    if not dated:
        return ()
    there = {code for code in rows["postcode"].unique().to_pylist() if code}
    there |= {code.partition(" ")[0] for code in there}
    return tuple(code for code in dated if code in there)


def _within(rows: pa.Table, scope: Scope) -> pa.Table:
    if scope.everything:
        return rows
    networks, suppliers = scope.codes()
    of_network = pc.is_in(rows["network"], pa.array(networks, pa.string()))
    return rows.filter(pc.or_(of_network, pc.is_in(rows["supplier"], pa.array(suppliers, pa.string()))))


def _narrowed(rows: pa.Table, supplier: str, given: str, postcode: str) -> pa.Table:
    """Of a text that is no postcode there is nothing."""
    if supplier:
        rows = rows.filter(pc.equal(rows["supplier"], supplier).fill_null(False))
    if given and not postcode:
        return rows.slice(0, 0)
    if postcode:
        whole = pc.equal(rows["postcode"], postcode)
        within = pc.starts_with(rows["postcode"], f"{postcode} ")
        rows = rows.filter(pc.or_(whole, within).fill_null(False))
    return rows


def _by_supplier(rows: pa.Table) -> list[OfSupplier]:
    found: dict[str, OfSupplier] = {}
    counted = rows.group_by(["supplier", "answer"]).aggregate([("mpxn", "count"), ("days_waiting", "sum")])
    for row in counted.to_pylist():
        one = found.setdefault(row["supplier"] or "", OfSupplier(row["supplier"] or ""))
        one.counts[row["answer"]] += row["mpxn_count"]
        one.meter_days += row["days_waiting_sum"] or 0
    return sorted(found.values(), key=lambda one: (-one.counts[Wan.NOW], -one.points, one.supplier))


def coverage_csv(*, scope: Scope, target: Path, supplier: str = "", postcode: str = "", answer: str = "") -> int:
    """Write what waits as CSV; gives the number of rows."""
    rows = waiting(scope=scope, supplier=supplier, postcode=postcode, answer=answer).rows.select(list(COLUMNS))
    for place, column in enumerate(rows.schema):
        if column.type == pa.string():
            cells = pc.replace_substring_regex(rows.column(place), FORMULA, r"'\1")
            rows = rows.set_column(place, column.name, cells)
    aside = target.with_name(f"{target.name}.part")
    csv.write_csv(rows, aside, csv.WriteOptions(quoting_style="needed", quoting_header="none"))
    aside.replace(target)
    return int(rows.num_rows)
