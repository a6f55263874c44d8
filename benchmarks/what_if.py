"""What if: the sums of each other policy, and the CSV of one, beside plain DuckDB, which groups the same points anew.

In: VAR_DIR of a product that has a run; nothing is written there. Out: a line of JSON. Run by hand:
`VAR_DIR=... python -m benchmarks.what_if`.
"""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from .desk import DEVICES, FLAGS, beside, seconds_of
from .measure import PYTHON, ROOT, Measured, run

POLICIES = ("before", "requirements", "pia", "alternative", "mp077:paused=N")
LISTED = "requirements"
GROUPED = """
    SELECT flag, statuses, count(*)
    FROM read_parquet('{flags}') AS flags
    LEFT JOIN (
        SELECT mpxn, list_sort(list_distinct(list(status))) AS statuses FROM read_parquet('{devices}') GROUP BY mpxn
    ) AS meters ON meters.mpxn = flags.mpxn
    GROUP BY ALL
"""


def main() -> None:
    """Each policy's sums, the points of one as a file, the groups by DuckDB."""
    var = Path(os.environ["VAR_DIR"])
    sums = {policy: _asked("--policy", policy) for policy in POLICIES}
    with TemporaryDirectory(dir=var) as folder:
        listed = _asked("--policy", LISTED, "--out", Path(folder, "changing.csv"))
    plain = GROUPED.format(flags=var / FLAGS, devices=var / DEVICES)
    bare = seconds_of(lambda: duckdb.connect().execute(plain).fetchall())
    told = {
        "points": listed.output["points"],
        "sums": {policy: one.seconds for policy, one in sums.items()},
        "rows": listed.output["changed"],
        "csv": listed.seconds,
        "csv_cpu": listed.cpu_seconds,
        "csv_peak_mb": listed.peak_mb,
    }
    print(json.dumps(told | beside(max(one.seconds for one in sums.values()), bare)))


def _asked(*words: str | Path) -> Measured:
    """A command of its own, so that its seconds hold its start."""
    return run(PYTHON, ROOT / "manage.py", "what_if", *words, "--json", env={"VAR_DIR": os.environ["VAR_DIR"]})


if __name__ == "__main__":
    main()
