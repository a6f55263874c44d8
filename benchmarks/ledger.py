"""What the last run wrote into the relational database, and what its stages and the loads before it took.

In: remember, written, forget, seconds or loads; VAR_DIR and DATABASE_URL. Out: JSON. Run as a process by product.
"""

import json
import os
import sys

import django
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")
django.setup()

from reconcile.ledger.inputs import latest_run  # noqa: E402 - Django comes first
from reconcile.ledger.jobs import Kind  # noqa: E402
from reconcile.models import Discrepancy, DiscrepancyCount, Event, Job, PointCount, RunInput  # noqa: E402

ROWS = Discrepancy._meta.db_table
BEFORE = "benchmark_before"


def remember() -> dict[str, int]:
    """Keep a copy of the discrepancies to compare with after the next run."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {BEFORE} AS SELECT * FROM {ROWS}")
    return {}


def forget() -> dict[str, int]:
    """Drop the copy."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {BEFORE}")
    return {}


def written() -> dict[str, int]:
    """Rows that the last run inserted or changed: discrepancies, events, and both (ledger); summaries apart."""
    run = latest_run()
    discrepancies = Discrepancy.objects.count()
    if BEFORE in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM (SELECT * FROM {ROWS} EXCEPT SELECT * FROM {BEFORE}) AS changed")
            discrepancies = cursor.fetchone()[0]
    events = Event.objects.filter(run=run).count()
    summaries = sum(model.objects.filter(run=run).count() for model in (PointCount, DiscrepancyCount, RunInput))
    both = discrepancies + events
    return {"discrepancies": discrepancies, "events": events, "ledger": both, "summaries": summaries}


def seconds() -> dict[str, float]:
    """The seconds of the last run's own stages."""
    run = latest_run()
    return dict(run.report["seconds"]) if run else {}


def loads() -> dict[str, float]:
    """The seconds that each file took to load."""
    jobs = Job.objects.filter(kind=Kind.LOAD, state=Job.State.DONE).order_by("pk")
    return {
        job.options["name"]: round((job.finished_at - job.started_at).total_seconds(), 3)
        for job in jobs
        if job.finished_at and job.started_at
    }


ASKED = {"remember": remember, "written": written, "forget": forget, "seconds": seconds, "loads": loads}

if __name__ == "__main__":
    print(json.dumps(ASKED[sys.argv[1]]()))
