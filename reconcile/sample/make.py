"""Makes the sample market: a folder a day with every format, and what a run must find in it (truth.csv, summary.json).

In: a folder, a number of Meter Points, days, a seed. Out: files and the summary as a dict. Called by the make_sample
command. Load a folder in this order: registration_*, smi_*, then the overnight files d0350_*, dxi_*, e46_*, duis_*.
"""

import json
import shutil
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb

from .market import make_market, run_sql
from .stories import WEEK

LAST_DAY = date(2026, 11, 15)
MOST_POINTS = 99_000_000
"""There are no more eight-digit stems of MPRNs."""
MADE = {"d0350": time(2, 0), "dxi": time(2, 30), "e46": time(5, 0), "duis": time(6, 15)}
"""When the overnight files of a day were made; the full SMI export is of midnight."""
SAID_AGAIN = 40
"""About so many points a day are in the overnight files although nothing changed."""

Progress = Callable[[float, str], None]
Files = dict[str, tuple[str, dict[str, Any]]]
"""What to write: the SQL's name -> the file's name and the SQL's parameters."""


class SampleError(Exception):
    """The sample cannot be made; one plain sentence says why."""


def make_sample(
    folder: Path,
    *,
    points: int,
    days: int = 6,
    seed: int = 1,
    last_day: date = LAST_DAY,
    meters_only: bool = False,
    progress: Progress = lambda fraction, words: None,
) -> dict[str, Any]:
    """Write `days` weekly folders and return the summary. The same arguments give the same bytes.

    `meters_only` writes the full extracts alone, and of the devices only the smart meters: what a run at least needs.
    There is no truth.csv then, because the truth counts on the overnight files.
    Raises SampleError if the numbers make no sense or a folder of a day is there already.
    """
    dates = [last_day - WEEK * n for n in reversed(range(days))]
    _check(folder, points, dates)
    scratch = folder / ".making"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        return _make(folder, scratch, points=points, seed=seed, dates=dates, meters_only=meters_only, progress=progress)
    finally:
        shutil.rmtree(scratch)


def _check(folder: Path, points: int, dates: list[date]) -> None:
    if not 1 <= points <= MOST_POINTS:
        raise SampleError(f"The number of Meter Points must be between 1 and {MOST_POINTS:,}.")
    if not 1 <= len(dates) <= 520:
        raise SampleError("The number of days must be between 1 and 520.")
    there = [day.isoformat() for day in dates if (folder / day.isoformat()).exists()]
    if there:
        raise SampleError(f"{folder} already holds {there[0]}: choose an empty folder, or remove it first.")


def _make(
    folder: Path,
    scratch: Path,
    *,
    points: int,
    seed: int,
    dates: list[date],
    meters_only: bool,
    progress: Progress,
) -> dict[str, Any]:
    with duckdb.connect(str(scratch / "market.duckdb")) as con:
        con.execute("SET memory_limit = '2GB'")
        con.execute("SET temp_directory = $folder", {"folder": str(scratch)})
        # The order of joins as written, so that the same arguments give the same order of lines.
        con.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        con.execute("SET VARIABLE seed = $seed", {"seed": seed % 1_000_000_007})
        progress(0.0, "Placing the Meter Points")
        make_market(con, points=points, dates=dates)
        run_sql(con, "inventory")
        run_sql(con, "updates")
        summary: dict[str, Any] = {"meter_points": points, "seed": seed, "days": []}
        for number, day in enumerate(dates, start=1):
            progress(number / (len(dates) + 1), f"Writing {day:%-d %b %Y}")
            write = _write_full_extracts if meters_only else _write_day
            summary["days"].append(write(con, scratch / day.isoformat(), number, day, points))
    # Nothing half-made is ever seen: the folders appear once every file is whole.
    for day in dates:
        (scratch / day.isoformat()).rename(folder / day.isoformat())
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    progress(1.0, "Done")
    return summary


def _write_day(con: duckdb.DuckDBPyConnection, folder: Path, number: int, day: date, points: int) -> dict[str, Any]:
    """Every file of one day, and its summary."""
    made = {kind: datetime.combine(day, at) for kind, at in MADE.items()}
    some = {"some": _luck_of_some(points)}
    d0350 = {"file": f"DCC{day:%y%m%d}0", "made": f"{made['d0350']:%Y%m%d%H%M%S}"}
    files: Files = _full_extracts(day, meters_only=False) | {
        "d0350": (f"d0350_{day}.usr", some | d0350),
        "dxi": (f"dxi_{day}.csv", some | _gas_header(made["dxi"])),
        "e46": (f"e46_{day}.csv", some | _gas_header(made["e46"]) | {"date": day}),
        "duis": (f"duis_{day}.xml", some | {"made": f"{made['duis']:%Y-%m-%dT%H:%M:%S}.00Z"}),
        "truth": ("truth.csv", {}),
    }
    return _write(con, folder, number, day, files=files, counts=_points(con, number) | _truths(con, number))


def _write_full_extracts(
    con: duckdb.DuckDBPyConnection, folder: Path, number: int, day: date, points: int
) -> dict[str, Any]:
    """The full extracts of one day, with smart meters only, and their summary."""
    files = _full_extracts(day, meters_only=True)
    return _write(con, folder, number, day, files=files, counts=_points(con, number))


def _full_extracts(day: date, *, meters_only: bool) -> Files:
    registered = day - timedelta(days=1)
    return {
        "registration_electricity": (f"registration_electricity_{registered}.csv", {}),
        "registration_gas": (f"registration_gas_{registered}.csv", {}),
        "smi": (f"smi_{day}.csv", {"meters_only": meters_only}),
    }


def _write(
    con: duckdb.DuckDBPyConnection, folder: Path, number: int, day: date, *, files: Files, counts: dict[str, Any]
) -> dict[str, Any]:
    folder.mkdir(parents=True)
    for kind, (name, parameters) in files.items():
        run_sql(con, kind, day=number, path=str(folder / name), **parameters)
    summary = {"as_of": day.isoformat(), "folder": folder.name, **counts}
    summary["files"] = {name: (folder / name).stat().st_size for name, _ in files.values()}
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    return summary


def _luck_of_some(points: int) -> int:
    """The bound on `luck` (0 to 99,999) under which about SAID_AGAIN points fall."""
    return max(1, SAID_AGAIN * 100_000 // points)


def _gas_header(made: datetime) -> dict[str, str]:
    return {"made_on": f"{made:%Y%m%d}", "made_at": f"{made:%H%M%S}"}


def _points(con: duckdb.DuckDBPyConnection, day: int) -> dict[str, Any]:
    """How many points the registration of the day holds."""
    registered = con.execute(
        "SELECT count(*) FROM point WHERE story IN (SELECT story FROM told_flag WHERE day = $day)", {"day": day}
    ).fetchone()
    return {"points": registered[0] if registered else 0}


def _truths(con: duckdb.DuckDBPyConnection, day: int) -> dict[str, Any]:
    """How much of each is in the truth of the day: discrepancies by rule, state, in flight."""
    held = "FROM point JOIN truth ON truth.story = point.story AND truth.day = $day"
    total = con.execute(f"SELECT count(*), count(DISTINCT i) {held}", {"day": day}).fetchone()
    counts: dict[str, Any] = {
        "discrepancies": total[0] if total else 0,
        "points_with_discrepancies": total[1] if total else 0,
    }
    for column in ("rule", "state", "in_flight"):
        rows = con.execute(
            f"SELECT {column}, count(*) {held} GROUP BY 1 ORDER BY 1",
            {"day": day},
        ).fetchall()
        counts[f"by_{column}"] = dict(rows)
    return counts
