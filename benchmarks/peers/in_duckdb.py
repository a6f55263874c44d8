"""The peer that counts mismatches with DuckDB: straight from the CSVs, or by way of Parquet sorted by Meter Point.

In: memory or parquet, and the folder of a day. Out: see common. Run as a process; its SQL also serves second_day.
"""

import sys
import tempfile
from pathlib import Path

import duckdb

from .common import Stages, sources

COLUMNS = {
    "electricity": {
        "mpan_core": "BIGINT",
        "dcc_service_flag": "VARCHAR",
        "dcc_service_flag_efd": "DATE",
        "supplier_mpid": "VARCHAR",
        "postcode": "VARCHAR",
        "smets_version": "VARCHAR",
    },
    "gas": {
        "MPRN": "BIGINT",
        "LDZ ID": "VARCHAR",
        "Network Name": "VARCHAR",
        "Supplier": "VARCHAR",
        "Postcode": "VARCHAR",
        "DCC Service Flag": "VARCHAR",
        "DCC Service Flag EFD": "DATE",
    },
    "smi": {
        "DeviceID": "VARCHAR",
        "DeviceType": "VARCHAR",
        "DeviceStatus": "VARCHAR",
        "StatusDate": "DATE",
        "DateCommissioned": "DATE",
        "ImportMPxN": "BIGINT",
        "SecondaryImportMPAN": "BIGINT",
        "ExportMPAN": "BIGINT",
        "SMETSCHTSVersion": "VARCHAR",
        "DeviceManufacturer": "VARCHAR",
        "DeviceModel": "VARCHAR",
        "DeviceFirmwareVersion": "VARCHAR",
        "CSPRegion": "VARCHAR",
        "PostCode": "VARCHAR",
    },
}
DATES = {"gas": ", dateformat = '%d/%m/%Y'"}
FLAGS = """
    SELECT mpan_core AS mpxn, coalesce(dcc_service_flag, '-') AS flag, dcc_service_flag_efd AS since,
        supplier_mpid AS supplier, left(mpan_core::VARCHAR, 2) AS network, postcode, smets_version AS smets
    FROM electricity
    UNION ALL
    SELECT "MPRN", coalesce("DCC Service Flag", '-'), "DCC Service Flag EFD", "Supplier", "Network Name", "Postcode",
        NULL
    FROM gas
"""
DEVICES = """
    SELECT * EXCLUDE (points), unnest(points) AS mpxn
    FROM (
        SELECT "DeviceID" AS device_id, "DeviceType" AS device_type, "DeviceStatus" AS status,
            coalesce("StatusDate", "DateCommissioned") AS status_from,
            list_filter(["ImportMPxN", "SecondaryImportMPAN", "ExportMPAN"], lambda point: point IS NOT NULL) AS points,
            "SMETSCHTSVersion" AS smets, "DeviceManufacturer" AS manufacturer, "DeviceModel" AS model,
            "DeviceFirmwareVersion" AS firmware, "CSPRegion" AS csp_region, "PostCode" AS postcode
        FROM smi
    )
"""
MASKS = """
    SELECT mpxn, bit_or(bit) AS mask
    FROM devices JOIN statuses USING (status)
    WHERE device_type = CASE WHEN mpxn >= 1000000000000 THEN 'ESME' ELSE 'GSME' END
    GROUP BY mpxn
"""
WRONG = """
    SELECT coalesce(flags.mpxn, masks.mpxn) AS mpxn, flags.since, flags.flag, policy.expected,
        CASE WHEN flags.mpxn IS NULL THEN 'SMI_ONLY' ELSE policy.rule END AS rule
    FROM flags
    FULL JOIN masks ON masks.mpxn = flags.mpxn
    LEFT JOIN policy ON policy.flag = flags.flag AND policy.mask = coalesce(masks.mask, 0)
    WHERE CASE WHEN flags.mpxn IS NULL THEN masks.mpxn >= 1000000000000 ELSE policy.rule <> '-' END
"""
# Where an extract has two lines of a point the later date counts, on one date A before I before N; only the few wrong
# points need that looked up.
ANSWER = """
    SELECT rule, count(DISTINCT mpxn)
    FROM wrong
    LEFT JOIN (
        FROM flags SEMI JOIN wrong USING (mpxn)
        SELECT mpxn, since AS counts_since, flag AS counts
        QUALIFY row_number() OVER (PARTITION BY mpxn ORDER BY since DESC NULLS LAST, flag) = 1
    ) AS newest USING (mpxn)
    WHERE since IS NOT DISTINCT FROM counts_since AND flag IS NOT DISTINCT FROM counts
    GROUP BY rule
"""


def read_csv_files(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Name the files of a day: electricity, gas, smi, policy, statuses; and the views flags and devices."""
    files = sources(folder)
    for name, columns in COLUMNS.items():
        con.execute(f"""
            CREATE VIEW {name} AS
            FROM read_csv('{files[name]}', columns = {columns}, auto_detect = false, header = true,
                delim = ',', quote = '"'{DATES.get(name, "")})
        """)
    for name in ("policy", "statuses"):
        con.execute(f"CREATE TABLE {name} AS FROM read_csv('{files[name]}')")
    con.execute(f"CREATE VIEW flags AS {FLAGS}; CREATE VIEW devices AS {DEVICES}")


def keep(con: duckdb.DuckDBPyConnection, folder: str) -> None:
    """Write flags and devices as Parquet sorted by Meter Point, and read those from here on."""
    for name in ("flags", "devices"):
        path = f"{folder}/{name}.parquet"
        con.execute(f"COPY (FROM {name} ORDER BY mpxn) TO '{path}' (FORMAT parquet)")
        con.execute(f"CREATE OR REPLACE VIEW {name} AS FROM read_parquet('{path}')")


def judge(con: duckdb.DuckDBPyConnection) -> None:
    """Table `wrong`: each line of registration that breaks a rule of the truth table, and points of SMI alone."""
    con.execute(f"CREATE TEMP TABLE masks AS {MASKS}")
    con.execute(f"CREATE TEMP TABLE wrong AS {WRONG}")


def main(way: str, folder: Path) -> None:
    """Count, one way or the other."""
    stages = Stages()
    # A file, so that what does not fit into memory has a place to go; the same disk as the product's.
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        con = duckdb.connect(config={"temp_directory": f"{scratch}/spill"})
        read_csv_files(con, folder)
        with stages.timing("read"):
            if way == "parquet":
                keep(con, scratch)
            else:
                con.execute("CREATE TEMP TABLE kept AS SELECT mpxn, flag, since FROM flags")
                con.execute("CREATE OR REPLACE VIEW flags AS FROM kept")
        with stages.timing("judge"):
            judge(con)
            answers = dict(con.execute(ANSWER).fetchall())
        con.close()
    stages.report(answers, f"DuckDB {duckdb.__version__}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
