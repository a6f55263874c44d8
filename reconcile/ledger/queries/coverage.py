"""Install and leave: which meters that wait can be commissioned now, by what is told of WAN coverage (DP146).

In: a scope. Out: Waiting. Called by the coverage page, the API and the command `export_coverage`.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from reconcile.domain.answering import Wan
from reconcile.domain.coverage import VISITS_SAVED
from reconcile.domain.policies import policy_named
from reconcile.domain.tables import Table
from reconcile.feeds.values.postcodes import printed
from reconcile.lake import covering
from reconcile.models import Run

from ..access import Scope
from ..inputs import files_of, of_run
from ..integrity import Damaged
from ..safe_csv import RUNS_AS_FORMULA
from .common import latest_run
from .points import UNREADABLE

FORMULA = f"^([{re.escape(''.join(RUNS_AS_FORMULA))}])"
"""What a spreadsheet would run."""
COLUMNS = ("mpxn", "network", "supplier", "postcode", "answer", "from_date", "days_waiting")
"""Of `export_coverage` and the API."""


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


@dataclass(frozen=True)
class Waiting:
    """What waits within a scope. `can_now`: how many can be commissioned since the newest coverage file, and could not
    before. `dated`: postcodes with coverage and a date. `files`: how many tell of coverage."""

    run: Run | None
    rows: pa.Table
    suppliers: list[OfSupplier]
    can_now: int = 0
    dated: tuple[str, ...] = ()
    files: int = 0
    postcode: str = ""
    told: tuple[dict[str, Any], ...] = ()

    def lines(self, most: int) -> list[dict[str, Any]]:
        """The first rows: those that can be commissioned now before others, the longest waiting first."""
        order = [("answer", "descending"), ("days_waiting", "descending"), ("mpxn", "ascending")]
        now = self.rows.filter(pc.equal(self.rows["answer"], Wan.NOW.value)).sort_by(order)
        rest = self.rows.filter(pc.not_equal(self.rows["answer"], Wan.NOW.value)).sort_by(order)
        return [*now.slice(0, most).to_pylist(), *rest.slice(0, max(most - now.num_rows, 0)).to_pylist()]


def waiting(*, scope: Scope, supplier: str = "", postcode: str = "") -> Waiting:
    """What waits, of one supplier or all, at one postcode (or outward part) or all. Raises Damaged."""
    run, files = latest_run(), files_of(Table.COVERAGE)
    if run is None:
        return Waiting(None, pa.table({name: pa.array([]) for name in (*COLUMNS, "answer_before")}), [])
    asked = printed(postcode)
    try:
        rows = covering.waiting(of_run(run).inputs, policy_named(run.policy), files)
        told, dated = covering.of_postcode(files, asked) if asked else [], covering.dated(files)
    except duckdb.Error as error:
        raise Damaged(UNREADABLE) from error
    rows = _narrowed(rows, scope, supplier, asked)
    now, before = pc.equal(rows["answer"], Wan.NOW.value), pc.equal(rows["answer_before"], Wan.NOW.value)
    can_now = pc.sum(pc.and_(now, pc.invert(before)).cast(pa.int64())).as_py() or 0
    return Waiting(run, rows, _by_supplier(rows), can_now, tuple(dated), len(files), asked, tuple(told))


def _narrowed(rows: pa.Table, scope: Scope, supplier: str, postcode: str) -> pa.Table:
    if not scope.everything:
        networks, suppliers = scope.codes()
        mine = pc.or_(
            pc.is_in(rows["network"], pa.array(networks, pa.string())),
            pc.is_in(rows["supplier"], pa.array(suppliers, pa.string())),
        )
        rows = rows.filter(mine)
    if supplier:
        rows = rows.filter(pc.equal(rows["supplier"], supplier).fill_null(False))
    if postcode:
        starts = f"{postcode} " if " " not in postcode else postcode
        rows = rows.filter(pc.starts_with(rows["postcode"], starts).fill_null(False))
    return rows


def _by_supplier(rows: pa.Table) -> list[OfSupplier]:
    found: dict[str, OfSupplier] = {}
    counted = rows.group_by(["supplier", "answer"]).aggregate([("mpxn", "count"), ("days_waiting", "sum")])
    for row in counted.to_pylist():
        one = found.setdefault(row["supplier"] or "", OfSupplier(row["supplier"] or ""))
        one.counts[row["answer"]] += row["mpxn_count"]
        one.meter_days += row["days_waiting_sum"] or 0
    return sorted(found.values(), key=lambda one: (-one.counts[Wan.NOW], -one.points, one.supplier))


def coverage_csv(*, scope: Scope, target: Path, supplier: str = "") -> int:
    """Write what waits as CSV; gives the number of rows."""
    rows = waiting(scope=scope, supplier=supplier).rows.select(list(COLUMNS))
    for place, column in enumerate(rows.schema):
        if column.type == pa.string():
            cells = pc.replace_substring_regex(rows.column(place), FORMULA, r"'\1")
            rows = rows.set_column(place, column.name, cells)
    aside = target.with_name(f"{target.name}.part")
    csv.write_csv(rows, aside, csv.WriteOptions(quoting_style="needed"))
    aside.replace(target)
    return int(rows.num_rows)
