"""Makes the sample market: a folder a day of industry files, and what a run must find in it (truth.csv, summary.json).

In: a folder, a number of Meter Points, days, a seed. Out: files and the summary as a dict. Called by the make_sample
command. Load a folder in the order of management.demo: registration_*, d0204_*, smi_*, then the overnight files.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from reconcile.domain.days import today

from .files import File, Refresh, full_extracts, overnight, refresh_file
from .market import make_market, run_sql
from .parties import SUPPLIERS
from .stories import WEEK

LAST_DAY = date(2026, 11, 15)
MOST_POINTS = 99_000_000
"""There are no more eight-digit stems of MPRNs."""
SAID_AGAIN = 40
"""About so many points a day are in the overnight files although nothing changed."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Market:
    """What was asked for; see make_sample."""

    points: int
    seed: int
    dates: list[date]
    meters_only: bool
    supplier: str | None


class SampleError(Exception):
    """The sample cannot be made; one plain sentence says why."""


def newest_day(asked_at: datetime) -> date:
    """Of a market that is made to be looked at: the day before, so that nothing in it is late when it opens."""
    return today(asked_at) - timedelta(days=1)


def make_sample(
    folder: Path,
    *,
    points: int,
    days: int = 6,
    seed: int = 1,
    last_day: date = LAST_DAY,
    meters_only: bool = False,
    supplier: str | None = None,
    progress: Progress = lambda fraction, words: None,
) -> dict[str, Any]:
    """Write `days` weekly folders and return the summary. The same arguments give the same lines, of under
    100,000 points in the same order; of more, threads write them in an order of their own.

    `meters_only` writes the full extracts alone, and of the devices only the smart meters: what a run at least needs.
    There is no truth.csv then, because the truth counts on the overnight files. With a `supplier` (MPID) it is that
    supplier's own market: its Meter Points only, of electricity as a D0204 of each distributor.
    Raises SampleError if the numbers make no sense or a folder of a day is there already.
    """
    dates = [last_day - WEEK * n for n in reversed(range(days))]
    market = Market(points, seed, dates, meters_only, supplier)
    _check(folder, market)
    scratch = folder / ".making"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        return _make(folder, scratch, market, progress)
    finally:
        shutil.rmtree(scratch)


def _check(folder: Path, market: Market) -> None:
    dates = market.dates
    if not 1 <= market.points <= MOST_POINTS:
        raise SampleError(f"The number of Meter Points must be between 1 and {MOST_POINTS:,}.")
    if not 1 <= len(dates) <= 520:
        raise SampleError("The number of days must be between 1 and 520.")
    if market.supplier not in {None, *SUPPLIERS}:
        raise SampleError(
            f"There is no supplier {market.supplier} in the sample. Choose one of {', '.join(SUPPLIERS)}."
        )
    there = [day.isoformat() for day in dates if (folder / day.isoformat()).exists()]
    if there:
        raise SampleError(f"{folder} already holds {there[0]}: choose an empty folder, or remove it first.")


def _make(folder: Path, scratch: Path, market: Market, progress: Progress) -> dict[str, Any]:
    dates = market.dates
    with duckdb.connect(str(scratch / "market.duckdb")) as con:
        con.execute("SET memory_limit = '2GB'")
        con.execute("SET temp_directory = $folder", {"folder": str(scratch)})
        # The order of joins as written: else sizes decide it, and with it the order of lines.
        con.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        con.execute("SET VARIABLE seed = $seed", {"seed": market.seed % 1_000_000_007})
        progress(0.0, "Placing the Meter Points")
        make_market(con, points=market.points, dates=dates, supplier=market.supplier)
        summary: dict[str, Any] = {"meter_points": market.points, "seed": market.seed, "days": []}
        for number, day in enumerate(dates, start=1):
            progress(number / (len(dates) + 1), f"Writing {day:%-d %b %Y}")
            summary["days"].append(_write_day(con, scratch / day.isoformat(), number, day, market))
    # Nothing half-made is ever seen: the folders appear once every file is whole.
    for day in dates:
        (scratch / day.isoformat()).rename(folder / day.isoformat())
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    progress(1.0, "Done")
    return summary


def _write_day(con: duckdb.DuckDBPyConnection, folder: Path, number: int, day: date, market: Market) -> dict[str, Any]:
    """Every file of one day, and its summary."""
    extracts = full_extracts(day, meters_only=market.meters_only, refreshes=_refreshes(con, market))
    if market.meters_only:
        return _write(con, folder, number, day, files=extracts, counts=_points(con, number))
    selective = [] if market.supplier else [refresh_file(day, refresh) for refresh in _one_refresh(con)]
    night = overnight(day, _luck_of_some(market.points), market.supplier)
    planted = [File(f"{name}.csv", name, {"date": day}) for name in ("truth_alerts", "truth_coverage")]
    truths = [File("truth.csv", "truth"), *planted]
    files = [*extracts, *selective, *night, *truths]
    return _write(con, folder, number, day, files=files, counts=_points(con, number) | _truths(con, number))


def _refreshes(con: duckdb.DuckDBPyConnection, market: Market) -> list[Refresh]:
    """A supplier's registration: a refresh by each distributor."""
    if not market.supplier:
        return []
    areas = con.execute("SELECT DISTINCT area FROM point WHERE NOT gas ORDER BY area").fetchall()
    return [Refresh(area, market.supplier, everything=True) for (area,) in areas]


def _one_refresh(con: duckdb.DuckDBPyConnection) -> list[Refresh]:
    """One supplier's refresh by one distributor, of some Meter Points, beside the registration of the whole market."""
    largest = con.execute("""
        SELECT area, supplier FROM point WHERE NOT gas GROUP BY ALL ORDER BY count(*) DESC, area, supplier LIMIT 1
    """).fetchall()
    return [Refresh(area, supplier, everything=False) for area, supplier in largest]


def _write(
    con: duckdb.DuckDBPyConnection, folder: Path, number: int, day: date, *, files: list[File], counts: dict[str, Any]
) -> dict[str, Any]:
    folder.mkdir(parents=True)
    written = [file for file in files if not file.told or _count(con, file.told, number)]
    for file in written:
        run_sql(con, file.sql, day=number, path=str(folder / file.name), **file.parameters)
    summary = {"as_of": day.isoformat(), "folder": folder.name, **counts}
    summary["files"] = {file.name: (folder / file.name).stat().st_size for file in written}
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    return summary


def _count(con: duckdb.DuckDBPyConnection, query: str, day: int) -> int:
    found = con.execute(query, {"day": day}).fetchone()
    return int(found[0]) if found else 0


def _luck_of_some(points: int) -> int:
    """The bound on `luck` (0 to 99,999) under which about SAID_AGAIN points fall."""
    return max(1, SAID_AGAIN * 100_000 // points)


def _points(con: duckdb.DuckDBPyConnection, day: int) -> dict[str, Any]:
    """How many points the registration of the day holds."""
    registered = "SELECT count(*) FROM point WHERE story IN (SELECT story FROM told_flag WHERE day = $day)"
    return {"points": _count(con, registered, day)}


def _truths(con: duckdb.DuckDBPyConnection, day: int) -> dict[str, Any]:
    """How much of each is in the truth of the day: discrepancies by rule, state, in flight."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE held AS SELECT mpxn, rule, state, in_flight FROM truths($day)", {"day": day}
    )
    totals = con.execute("SELECT count(*), count(DISTINCT mpxn) FROM held").fetchone() or (0, 0)
    counts: dict[str, Any] = dict(zip(("discrepancies", "points_with_discrepancies"), totals, strict=True))
    for column in ("rule", "state", "in_flight"):
        rows = con.execute(f"SELECT {column}, count(*) FROM held GROUP BY 1 ORDER BY 1").fetchall()
        counts[f"by_{column}"] = dict(rows)
    return counts
