"""The peer that copies the CSVs into PostgreSQL and counts mismatches with SQL.

In: the folder of a day, DATABASE_URL. Out: see common. Run as a process.
"""

import os
import sys
from pathlib import Path

import psycopg

from .common import Stages, sources

BLOCK = 1 << 20
TABLES = {
    "electricity": "mpxn bigint, flag text, since date, supplier text, postcode text, smets text",
    "gas": "mpxn bigint, ldz text, network text, supplier text, postcode text, flag text, since date",
    "smi": """device_id text, device_type text, status text, status_from date, commissioned date, import_mpxn bigint,
        secondary_mpan bigint, export_mpan bigint, smets text, manufacturer text, model text, firmware text,
        csp_region text, postcode text""",
    "policy": "flag text, mask int, rule text, expected text",
    "statuses": "status text, bit int",
}
JUDGE = """
    CREATE TEMP TABLE masks AS
    SELECT mpxn, bit_or(bit) AS mask
    FROM smi CROSS JOIN LATERAL (VALUES (import_mpxn), (secondary_mpan), (export_mpan)) AS points(mpxn)
    JOIN statuses USING (status)
    WHERE mpxn IS NOT NULL AND (device_type = 'ESME') = (mpxn >= 1000000000000)
    GROUP BY mpxn;
    CREATE TEMP VIEW flags AS
    SELECT mpxn, coalesce(flag, '-') AS flag, since FROM electricity
    UNION ALL SELECT mpxn, coalesce(flag, '-'), since FROM gas;
    ANALYZE masks;
    CREATE TEMP TABLE wrong AS
    SELECT mpxn, since, flags.flag, CASE WHEN flags.flag IS NULL THEN 'SMI_ONLY' ELSE policy.rule END AS rule
    FROM flags FULL JOIN masks USING (mpxn)
    LEFT JOIN policy ON policy.flag = flags.flag AND policy.mask = coalesce(masks.mask, 0)
    WHERE CASE WHEN flags.flag IS NULL THEN mpxn >= 1000000000000 ELSE policy.rule <> '-' END;
    ANALYZE wrong;
"""
ANSWER = """
    SELECT rule, count(DISTINCT mpxn)
    FROM wrong
    LEFT JOIN (
        SELECT DISTINCT ON (mpxn) mpxn, since AS counts_since, flag AS counts
        FROM flags WHERE mpxn IN (SELECT mpxn FROM wrong)
        ORDER BY mpxn, since DESC NULLS LAST, flag
    ) AS newest USING (mpxn)
    WHERE since IS NOT DISTINCT FROM counts_since AND flag IS NOT DISTINCT FROM counts
    GROUP BY rule
"""


def main(folder: Path) -> None:
    """Count."""
    files, stages = sources(folder), Stages()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as con:
        with stages.timing("read"):
            for name, columns in TABLES.items():
                con.execute(f"DROP TABLE IF EXISTS {name}; CREATE UNLOGGED TABLE {name} ({columns})")
                con.execute(f"SET datestyle = 'ISO, {'DMY' if name == 'gas' else 'YMD'}'")
                with con.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv, HEADER true)") as copy:
                    _send(files[name], copy)
                con.execute(f"ANALYZE {name}")
        with stages.timing("judge"):
            con.execute(JUDGE)
            answers = dict(con.execute(ANSWER).fetchall())
        version = con.info.server_version
        con.execute("DROP TABLE " + ", ".join(TABLES) + " CASCADE")
    stages.report(answers, f"PostgreSQL {version // 10000}.{version % 10000}")


def _send(path: Path, copy: psycopg.Copy) -> None:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            copy.write(block)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
