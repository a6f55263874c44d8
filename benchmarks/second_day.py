"""The registration extracts of a second day, on which 1 % of the Meter Points changed.

In: the folder of the first day and a new one. Out: both extracts, and counts as JSON. Run as a process by market.
"""

import json
import sys
from pathlib import Path

import duckdb

from .peers.in_duckdb import judge, read_csv_files, sources

CHANGES = """
    CREATE TEMP TABLE changes AS
    WITH sample AS (SELECT mpxn, any_value(flag) AS flag FROM flags WHERE hash(mpxn) % 100 = 0 GROUP BY mpxn),
    -- Of the discrepancies one in two hundred is mended, and as many points go wrong: their number stays.
    mended AS (SELECT mpxn, expected AS flag FROM wrong WHERE hash(mpxn) % 200 = 0 AND expected <> flag),
    broken AS (
        SELECT mpxn, 'N' AS flag
        FROM sample JOIN masks USING (mpxn)
        WHERE sample.flag = 'A' AND mask = 8
        ORDER BY hash(mpxn) LIMIT (SELECT count(*) FROM mended)
    )
    SELECT mpxn, 'mended' AS change, flag FROM mended
    UNION ALL SELECT mpxn, 'broken', flag FROM broken
    -- All others of the one per cent change their supplier.
    UNION ALL SELECT mpxn, 'moved', NULL FROM sample ANTI JOIN mended USING (mpxn) ANTI JOIN broken USING (mpxn)
"""
MOVED = "CASE WHEN change = 'moved' THEN CASE {0} WHEN 'KITE' THEN 'TERN' ELSE 'KITE' END ELSE {0} END AS {0}"
FILES = {
    "electricity": ("mpan_core", "dcc_service_flag", "dcc_service_flag_efd", "supplier_mpid", "%Y-%m-%d"),
    "gas": ("MPRN", "DCC Service Flag", "DCC Service Flag EFD", "Supplier", "%d/%m/%Y"),
}


def main(first: Path, second: Path) -> None:
    """Write the extracts of `second` and print how many points changed in which way."""
    con = duckdb.connect()
    read_csv_files(con, first)
    judge(con)
    con.execute(CHANGES)
    aside = second.with_name(f".{second.name}")
    aside.mkdir(exist_ok=True)
    for fuel, columns in FILES.items():
        _rewrite(con, sources(first)[fuel], aside / f"registration_{fuel}_{second.name}.csv", *columns)
    aside.rename(second)
    counts = dict(con.execute("SELECT change, count(*) FROM changes GROUP BY 1").fetchall())
    with sources(first)["smi"].open("rb") as file:
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    print(json.dumps(counts | {"devices": lines - 1}))


def _rewrite(
    con: duckdb.DuckDBPyConnection,
    source: Path,
    target: Path,
    *columns: str,
) -> None:
    point, flag, since, supplier = (f'"{name}"' for name in columns[:4])
    con.execute(f"""
        COPY (
            SELECT file.* REPLACE (
                coalesce(changes.flag, file.{flag}) AS {flag},
                CASE WHEN changes.flag IS NULL THEN file.{since}
                     ELSE strftime(DATE '{target.stem[-10:]}', '{columns[4]}') END AS {since},
                {MOVED.format(supplier)}
            )
            FROM read_csv('{source}', all_varchar = true) AS file
            LEFT JOIN changes ON changes.mpxn = file.{point}::BIGINT
        ) TO '{target}' (FORMAT csv, HEADER true)
    """)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
