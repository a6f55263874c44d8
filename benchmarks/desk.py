"""100,000 alerts from `load` until each has its class, line and storm, beside plain DuckDB, which gives classes.

In: a market that it makes in BENCH_DIR. Out: a line of JSON; it fails where the classes differ. Run by hand:
`python -m benchmarks.desk`.
"""

import csv
import json
import os
import random
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from .market import market
from .measure import BenchmarkError
from .peers.common import sources
from .product import Product

ALERTS, POINTS = 100_000, 100_000
CODES = ("AD1", "8F35", "8F36", "8002", "8F57", "N24")
FLAGS, DEVICES = "lake/flags/*/rows.parquet", "lake/devices/*/rows.parquet"
LOADED = "SELECT triaged, count(*) FROM reconcile_alert GROUP BY triaged"
TRIAGED = """
    COPY (
        SELECT alerts.*, CASE
            WHEN list_contains(statuses, 'Commissioned') THEN 'act'
            WHEN list_contains(statuses, 'InstalledNotCommissioned') THEN 'not_commissioned'
            WHEN list_has_any(statuses, ['Suspended', 'Recovery', 'Recovered']) THEN 'impaired'
            ELSE 'ghost' END AS triaged
        FROM read_csv('{alerts}') AS alerts
        LEFT JOIN (
            SELECT mpxn, list(status) AS statuses FROM read_parquet('{devices}')
            WHERE (device_type = 'ESME' AND mpxn >= 1000000000000) OR (device_type = 'GSME' AND mpxn < 1000000000000)
            GROUP BY mpxn
        ) AS meters ON meters.mpxn = alerts.mpxn
    ) TO '{out}' (FORMAT csv)
"""


def main() -> None:
    """Load, triage, compare, print."""
    folder = Path(os.environ.get("BENCH_DIR", "/var/tmp/dccflags-bench"))  # noqa: S108 - large, and safe to lose
    made = market(folder / "0.1m", POINTS)
    subject = Product.fresh(made.folder / "work" / "var-desk", None)
    files = sources(made.first)
    subject.manage("load", files["electricity"], files["gas"], files["smi"], "--json")
    told, out = subject.var / "alerts.csv", subject.var / "triaged.csv"
    _write(told, subject.var)
    loaded = subject.manage("load", told, "--json")
    bare = seconds_of(lambda: _run(TRIAGED.format(alerts=told, devices=subject.var / DEVICES, out=out)))
    with closing(sqlite3.connect(subject.var / "dccflags.sqlite3")) as app:
        ours = dict(app.execute(LOADED).fetchall())
    theirs = dict(duckdb.execute(f"SELECT triaged, count(*) FROM '{out}' GROUP BY ALL").fetchall())
    if ours != theirs:
        raise BenchmarkError(f"The product says {ours}, DuckDB {theirs}")
    shutil.rmtree(subject.var)
    told_in = {"alerts": ALERTS, "classes": ours, "cpu_seconds": loaded.cpu_seconds}
    print(json.dumps(told_in | beside(loaded.seconds, bare)))


def _write(path: Path, var: Path) -> None:
    """Alerts of a day from Meter Points of electricity, each of which has one code."""
    points = duckdb.execute(f"SELECT mpxn FROM '{var / FLAGS}' WHERE mpxn >= 1000000000000 ORDER BY mpxn").fetchall()
    chosen, day = random.Random(1), datetime(2026, 11, 20, tzinfo=UTC)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("alert_code", "device_id", "mpxn", "time"))
        for number in range(ALERTS):
            at = day + timedelta(seconds=number * 0.8)
            rows.writerow((CODES[number % len(CODES)], "", chosen.choice(points)[0], f"{at:%Y-%m-%dT%H:%M:%SZ}"))


def _run(query: str) -> None:
    duckdb.connect().execute(query)


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def beside(seconds: float, bare: float) -> dict[str, float]:
    return {"seconds": round(seconds, 2), "duckdb": round(bare, 2), "times": round(seconds / bare, 1)}


if __name__ == "__main__":
    try:
        main()
    except BenchmarkError as error:
        sys.exit(f"benchmarks: {error}")
