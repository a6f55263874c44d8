"""Days of a market, each loaded and reconciled in its turn: what `benchmarks.replays` judges again.

In: a new folder, a number of Meter Points and of days. Out: `var` in it, the VAR_DIR of a product with their history.
Run by hand: `python -m benchmarks.history FOLDER POINTS DAYS`.
"""

import os
import sys
from datetime import date, timedelta
from pathlib import Path

import django
import duckdb
from django.core.management import call_command

from .market import SEED
from .peers.common import sources
from .product import megabytes

LAST_DAY = date(2026, 11, 15)
CHANGES = """
    CREATE TABLE changes AS
    WITH meters AS (
        SELECT ImportMPxN::BIGINT AS mpxn, any_value(DeviceStatus) AS status
        FROM smi WHERE ImportMPxN IS NOT NULL GROUP BY 1 HAVING count(*) = 1
    ),
    -- Of the commissioned meters one in 5,000 is taken off on each day, of those that wait one in 100 is commissioned.
    changed AS (
        SELECT mpxn, CASE status WHEN 'Commissioned' THEN 'Decommissioned' ELSE 'Commissioned' END AS status,
            CASE status WHEN 'Commissioned' THEN 'N' ELSE 'A' END AS flag,
            (hash(mpxn) % CASE status WHEN 'Commissioned' THEN 5000 ELSE 100 END)::INT AS meter_day
        FROM meters WHERE status IN ('Commissioned', 'InstalledNotCommissioned')
    ),
    points AS (
        SELECT mpan_core::BIGINT AS mpxn FROM electricity UNION SELECT MPRN::BIGINT FROM gas
    )
    -- The flag follows within nine days, or for one in ten never. On each day one supplier in 2,000 becomes another.
    SELECT mpxn, status, flag, meter_day,
        CASE WHEN hash(mpxn, 1) % 10 < 9 THEN meter_day + (hash(mpxn, 1) % 10)::INT END AS flag_day,
        (hash(mpxn, 2) % 2000)::INT AS supplier_day
    FROM points LEFT JOIN changed USING (mpxn)
"""
FILES = {
    "electricity": ("mpan_core", {
        "dcc_service_flag": ("flag_day", "flag"),
        "dcc_service_flag_efd": ("flag_day", "strftime(DATE '{first}' + flag_day, '%Y-%m-%d')"),
        "supplier_mpid": ("supplier_day", "CASE file.supplier_mpid WHEN 'KITE' THEN 'TERN' ELSE 'KITE' END"),
    }),
    "gas": ("MPRN", {
        "DCC Service Flag": ("flag_day", "flag"),
        "DCC Service Flag EFD": ("flag_day", "strftime(DATE '{first}' + flag_day, '%d/%m/%Y')"),
        "Supplier": ("supplier_day", "CASE file.Supplier WHEN 'KITE' THEN 'TERN' ELSE 'KITE' END"),
    }),
    "smi": ("ImportMPxN", {
        "DeviceStatus": ("meter_day", "status"),
        "StatusDate": ("meter_day", "strftime(DATE '{first}' + meter_day, '%Y-%m-%d')"),
    }),
}  # fmt: skip
"""Of each file its Meter Point, and of each column that changes the day from which on it does, and to what."""


def main(folder: Path, points: int, days: int) -> None:
    """Make it, in one process: 120 starts of Python would take longer than the work."""
    first = LAST_DAY - timedelta(days=days - 1)
    os.environ["VAR_DIR"] = str(folder / "var")
    os.environ["DJANGO_SETTINGS_MODULE"] = "dccflags.settings"
    (folder / "var").mkdir(parents=True)
    django.setup()
    call_command("migrate", verbosity=0)
    asked = {"meter_points": points, "days": 1, "seed": SEED, "last_day": first, "meters_only": True}
    call_command("make_sample", folder, **asked)
    with duckdb.connect() as con:
        for name, path in sources(folder / first.isoformat()).items():
            con.execute(f"CREATE TABLE {name} AS FROM read_csv('{path}', all_varchar = true)")
        con.execute(CHANGES)
        for number in range(days):
            files = write_day(con, folder, first, number)
            call_command("load", *map(str, files))
            call_command("reconcile", as_of=first + timedelta(days=number))
            for path in files:
                path.unlink()
    print(f"{megabytes(folder / 'var' / 'lake'):,} MB of lake")


def write_day(con: duckdb.DuckDBPyConnection, folder: Path, first: date, number: int) -> list[Path]:
    """The full extracts of a day: the first day's with all that has changed since."""
    day = first + timedelta(days=number)
    files = []
    for name, (point, columns) in FILES.items():
        kind = name if name == "smi" else f"registration_{name}"
        files.append(folder / f"{kind}_{day}.csv")
        changed = ", ".join(
            f'CASE WHEN {since} <= {number} THEN {value.format(first=first)} ELSE file."{column}" END AS "{column}"'
            for column, (since, value) in columns.items()
        )
        con.execute(f"""
            COPY (
                SELECT file.* REPLACE ({changed})
                FROM {name} AS file LEFT JOIN changes ON changes.mpxn = file."{point}"::BIGINT
            ) TO '{files[-1]}' (FORMAT csv, HEADER true)
        """)
    return files


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
