"""A market of so many Meter Points and its files of so many days, made and loaded.

In: points, days, BENCH_DIR. Out: a product's VAR_DIR, made once and kept. Run by hand before benchmarks.replays:
`python -m benchmarks.history 200000 60`.
"""

import json
import os
import shutil
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb

from .measure import PYTHON, ROOT, run
from .peers.common import sources
from .product import Product

FIRST = date(2026, 9, 20)
EACH = 7
"""Registration comes every day, the inventory every so many."""
ENDS = """
    CREATE TABLE ends AS
    SELECT DISTINCT ON (mpxn) ImportMPxN::BIGINT AS mpxn, 1 + (hash(DeviceID) % 59)::INTEGER AS day,
        CASE DeviceStatus WHEN 'Commissioned' THEN 'Decommissioned' ELSE 'Commissioned' END AS status,
        CASE DeviceStatus WHEN 'Commissioned' THEN 'N' ELSE 'A' END AS flag,
        -- Most flags follow within days, some late, and one in nine never.
        CASE WHEN hash(DeviceID, 1) % 9 > 0 THEN day + (hash(DeviceID, 2) % (hash(DeviceID, 1) % 9 * 3))::INTEGER END
            AS follows
    FROM smi
    WHERE (DeviceStatus = 'Commissioned' AND hash(DeviceID, 3) % 25 = 0)
       OR (DeviceStatus = 'InstalledNotCommissioned' AND hash(DeviceID, 3) % 2 = 0)
    ORDER BY mpxn, DeviceID
"""
"""Meters that change once in the time, the day on which they do (from 0), and that on which registration has it."""
SLIPS = """
    CREATE TABLE slips AS
    SELECT mpxn, 1 + (hash(mpxn, 4) % 59)::INTEGER AS day, CASE flag WHEN 'A' THEN 'N' ELSE 'A' END AS flag
    FROM (SELECT mpan_core::BIGINT AS mpxn, dcc_service_flag AS flag FROM electricity UNION ALL
          SELECT MPRN::BIGINT, "DCC Service Flag" FROM gas)
    WHERE hash(mpxn, 5) % 200 = 0
"""
"""Flags that go wrong on a day by themselves."""
CHANGED = """
    CREATE OR REPLACE TABLE changed AS
    SELECT mpxn, max_by(flag, day) AS flag, max(day) AS day
    FROM (SELECT mpxn, flag, follows AS day FROM ends UNION ALL SELECT mpxn, flag, day FROM slips)
    WHERE day <= ? GROUP BY mpxn
"""
COLUMNS = {
    "electricity": ("mpan_core", "dcc_service_flag", "dcc_service_flag_efd", "%Y-%m-%d"),
    "gas": ("MPRN", "DCC Service Flag", "DCC Service Flag EFD", "%d/%m/%Y"),
}


def main(points: int, days: int) -> None:
    """Make what is not there, and say where it is."""
    folder = Path(os.environ.get("BENCH_DIR", "/var/tmp/dccflags-bench")) / f"history-{points}-{days}"  # noqa: S108 - large, and safe to lose
    if not (folder / "whole").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _files(folder / "files", points, days)
        _product(folder)
        (folder / "whole").touch()
    print(json.dumps({"VAR_DIR": str(folder / "var"), "points": points, "days": days}))


def _files(folder: Path, points: int, days: int) -> None:
    """The first day is the sample's; on those after it flags and meters change, some of each every day."""
    options = ["--meter-points", str(points), "--days", "1", "--last-day", str(FIRST), "--meters-only"]
    run(PYTHON, ROOT / "manage.py", "make_sample", folder, *options, "--json")
    with duckdb.connect() as con:
        for name, path in sources(folder / f"{FIRST}").items():
            con.execute(f"CREATE TABLE {name} AS FROM read_csv('{path}', all_varchar = true)")
        con.execute(ENDS)
        con.execute(SLIPS)
        for number in range(days):
            day = folder / f"day-{number:02}"
            day.mkdir()
            con.execute(CHANGED, [number])
            for name, columns in COLUMNS.items():
                _registration(con, name, day / f"registration_{name}_{FIRST + timedelta(days=number)}.csv", *columns)
            if number % EACH == 0:
                _inventory(con, day / f"smi_{FIRST + timedelta(days=number)}.csv", number)


def _registration(con: duckdb.DuckDBPyConnection, name: str, target: Path, *columns: str) -> None:
    point, flag, since = (f'"{column}"' for column in columns[:3])
    con.execute(f"""
        COPY (
            SELECT extract.* REPLACE (
                coalesce(changed.flag, extract.{flag}) AS {flag},
                coalesce(strftime(DATE '{FIRST}' + changed.day, '{columns[3]}'), extract.{since}) AS {since}
            )
            FROM {name} AS extract LEFT JOIN changed ON changed.mpxn = extract.{point}::BIGINT
        ) TO '{target}' (FORMAT csv, HEADER true)
    """)


def _inventory(con: duckdb.DuckDBPyConnection, target: Path, number: int) -> None:
    con.execute(f"""
        COPY (
            SELECT smi.* REPLACE (
                coalesce(ends.status, DeviceStatus) AS DeviceStatus,
                coalesce(strftime(DATE '{FIRST}' + ends.day, '%Y-%m-%d'), StatusDate) AS StatusDate
            )
            FROM smi LEFT JOIN ends ON ends.mpxn = ImportMPxN::BIGINT AND ends.day <= {number}
        ) TO '{target}' (FORMAT csv, HEADER true)
    """)


def _product(folder: Path) -> None:
    """Load all of it, in the order of the days."""
    files = sorted((folder / "files").glob("day-*/*.csv"), key=lambda path: (path.parent.name, path.name))
    Product.fresh(folder / "var", None).manage("load", *files, "--yes", "--json")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
