"""5,000 numbers from all over a market looked up by the product, beside plain DuckDB, which gives flag and statuses.

In: VAR_DIR of a product that has a run; nothing is written. Out: a line of JSON. Run by hand:
`VAR_DIR=... python -m benchmarks.look_up`.
"""

import json
import os

import django
import duckdb

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django comes first

from benchmarks.desk import DEVICES, FLAGS, beside, seconds_of  # noqa: E402
from reconcile.domain.pasted import read_pasted  # noqa: E402
from reconcile.ledger import queries  # noqa: E402
from reconcile.ledger.access import EVERYTHING  # noqa: E402

NUMBERS = 5_000
ANSWERED = """
    SELECT wanted.mpxn, flag, list(status)
    FROM wanted
    LEFT JOIN (FROM read_parquet('{flags}') SEMI JOIN wanted USING (mpxn)) AS flags ON flags.mpxn = wanted.mpxn
    LEFT JOIN (FROM read_parquet('{devices}') SEMI JOIN wanted USING (mpxn)) AS devices ON devices.mpxn = wanted.mpxn
    GROUP BY ALL
"""


def main() -> None:
    """The first time in the process, and again; the same question to DuckDB, twice."""
    flags, devices = settings.VAR_DIR / FLAGS, settings.VAR_DIR / DEVICES
    sampled = f"SELECT mpxn FROM read_parquet('{flags}') USING SAMPLE reservoir({NUMBERS} ROWS) REPEATABLE (1)"
    con = duckdb.connect()
    con.execute(f"CREATE TABLE wanted AS {sampled}")
    wanted = [mpxn for (mpxn,) in con.execute("FROM wanted").fetchall()]
    found = {
        "first number": seconds_of(lambda: look_up(wanted[:1])),
        "a number": seconds_of(lambda: look_up(wanted[1:2])),
        "first 5,000": seconds_of(lambda: look_up(wanted)),
        "5,000": seconds_of(lambda: look_up(wanted)),
    }
    plain = ANSWERED.format(flags=flags, devices=devices)
    bare = min(seconds_of(lambda: con.execute(plain).fetchall()) for _ in range(2))
    print(json.dumps({name: round(seconds, 2) for name, seconds in found.items()} | beside(found["5,000"], bare)))


def look_up(numbers: list[int]) -> None:
    """As the page asks."""
    queries.look_up(scope=EVERYTHING, pasted=read_pasted("\n".join(map(str, numbers))))


if __name__ == "__main__":
    main()
