"""A market that is loaded, judged by DuckDB and by Spark: both must find the same, and each is told what it took.

In: VAR_DIR of a product, CLUSTER_HOME of Spark's distribution. Out: a line of JSON. Called by benchmarks.spark, or by
hand: `VAR_DIR=... .venv-spark/bin/python -m benchmarks.engines`.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import django
import duckdb
import pyarrow as pa

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django comes first

from reconcile.domain.mp077 import MP077  # noqa: E402
from reconcile.lake import engine, engines  # noqa: E402
from reconcile.lake.contract import SCHEMAS, Inputs, Judgement  # noqa: E402
from reconcile.ledger.inputs import select  # noqa: E402
from reconcile.models import Discrepancy, Extract  # noqa: E402
from tests.spark.standalone import Standalone, standalone  # noqa: E402

MEMORY = int(os.environ.get("CLUSTER_MEMORY", "3072"))
"""Megabytes of each executor and of the server."""
COUNTED = {"findings": "rule, network, severity, in_flight, shows", "covered": "id"}
"""By what rows are counted, before they are compared one by one. Those of the other tables are counts, which add up."""


@dataclass(frozen=True)
class Took:
    """Seconds of the wall, of this process's processor time and of the cluster's."""

    seconds: float
    cpu: float
    cluster_cpu: float


def main() -> None:
    """Judge with both, compare, print."""
    inputs = select(max(Extract.objects.values_list("as_of", flat=True))).inputs
    known = pa.table({"id": pa.array(sorted(Discrepancy.objects.values_list("pk", flat=True)), pa.int64())})
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder, standalone(Path(folder), MEMORY) as cluster:
        settings.ENGINE_URL = cluster.url
        duck, its = timed(lambda: judged(engine, inputs, known), cluster)
        spark, theirs = timed(lambda: judged(engines.chosen(), inputs, known), cluster)
        differ(duck, spark)
    points = sum(duck.point_counts["points"].to_pylist())
    rows = {name: len(getattr(duck, name)) for name in SCHEMAS}
    took = {"duckdb": vars(its), "spark": vars(theirs)}
    print(json.dumps({"points": points, "meters": duck.meters, "known": len(known), "rows": rows, **took}))


def judged(one: engines.Engine, inputs: Inputs, known: pa.Table) -> Judgement:
    """What an engine finds."""
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        return one.judge_market(inputs, MP077, open_before=known, workdir=Path(folder))


def timed(work: Callable[[], Judgement], cluster: Standalone) -> tuple[Judgement, Took]:
    """What the work gives, and what it took."""
    began, cpu, theirs = time.perf_counter(), time.process_time(), cluster.processor_seconds()
    found = work()
    spent = time.perf_counter() - began, time.process_time() - cpu, cluster.processor_seconds() - theirs
    return found, Took(*(round(seconds, 1) for seconds in spent))


def _asked(table: str) -> list[str]:
    """What is asked of a table of both."""
    if table in COUNTED:
        return [f"SELECT {columns}, count(*) FROM {{}} GROUP BY ALL" for columns in (COUNTED[table], "*")]
    sums = [name for name in SCHEMAS[table].names if name in {"points", "unread"}]
    kinds = ", ".join(name for name in SCHEMAS[table].names if name not in sums)
    return [f"SELECT {kinds}, {', '.join(f'sum({name})' for name in sums)} FROM {{}} GROUP BY {kinds}"]


def differ(one: Judgement, other: Judgement) -> None:
    """Counts by group, then rows, as often as they are there. Raises SystemExit where they are not the same."""
    with duckdb.connect() as con:
        for name in SCHEMAS:
            con.register("one", getattr(one, name))
            con.register("other", getattr(other, name))
            for query in _asked(name):
                left, right = query.format("one"), query.format("other")
                apart = con.sql(f"(({left}) EXCEPT ({right})) UNION ALL (({right}) EXCEPT ({left}))").fetchall()
                if apart:
                    raise SystemExit(f"{name} differs in {len(apart):,} rows of {query}, such as {apart[0]}")
    if (one.meters, sorted(one.network_updates)) != (other.meters, sorted(other.network_updates)):
        raise SystemExit("meters or updates differ")


if __name__ == "__main__":
    main()
