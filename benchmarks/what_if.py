"""What if over a market that is loaded: the sums of every policy, a page of its Meter Points, and all of them as CSV.

In: VAR_DIR of a product that has a run; nothing stays there. Out: a line of JSON. Run by hand:
`VAR_DIR=... python -m benchmarks.what_if`.
"""

import json
import os
import resource
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django comes first

from benchmarks.desk import seconds_of  # noqa: E402
from reconcile.domain.policies import OTHERS  # noqa: E402
from reconcile.ledger import queries  # noqa: E402
from reconcile.ledger.access import EVERYTHING  # noqa: E402

CSV_OF = "requirements"
"""Whose Meter Points are listed and written."""


def main() -> None:
    """The sums of each policy, then a page and the file of one."""
    sums = {name: round(seconds_of(lambda name=name: asked(name)), 2) for name in OTHERS}
    found = asked(CSV_OF)
    page = seconds_of(lambda: queries.changing_page(scope=EVERYTHING, of=found, size=50))
    again = seconds_of(lambda: queries.changing_page(scope=EVERYTHING, of=found, after=10**12, size=50))
    told = {"points": found.points, "sums": sums, "changed": found.changed}
    pages = {"first page": round(page, 2), "another": round(again, 2)}
    print(json.dumps({**told, **pages, "csv": written(found), "peak_mb": peak()}))


def asked(policy: str) -> queries.WhatIf:
    """As the page and the command ask, with every figure worked out."""
    found = queries.what_if(scope=EVERYTHING, policy=policy)
    if found is None:
        raise SystemExit(f"{settings.VAR_DIR} has no run")
    found.as_json()
    return found


def written(found: queries.WhatIf) -> dict[str, float]:
    """The CSV of all that change: seconds of the wall and of the processor, rows, megabytes."""
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        target = Path(folder) / "changes.csv"
        began, cpu = time.perf_counter(), time.process_time()
        rows = queries.changing_csv(scope=EVERYTHING, of=found, target=target)
        took = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - cpu}
        size = target.stat().st_size / 1_000_000
    if rows != found.changed:
        raise SystemExit(f"The file has {rows:,} rows, the sums say {found.changed:,}")
    return {name: round(value, 1) for name, value in took.items()} | {"rows": rows, "mb": round(size, 1)}


def peak() -> int:
    """The most memory that this process had resident, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
