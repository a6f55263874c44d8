"""Counts the discrepancies of an exported CSV by rule.

In: the file. Out: {"answers": rule -> count} as JSON. Run as a process by product.
"""

import json
import sys

import duckdb

if __name__ == "__main__":
    rows = duckdb.execute("SELECT rule, count(*) FROM read_csv(?, all_varchar = true) GROUP BY 1", [sys.argv[1]])
    print(json.dumps({"answers": dict(rows.fetchall())}))
