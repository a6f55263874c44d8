"""The kinds of meters that a run met, each with the number by which the ledger knows it.

In: a table with a column `description`. Out: the table `kinds` of a DuckDB. Called by ledger.compare and population.
"""

import duckdb
import pyarrow as pa

from reconcile.feeds.values.devices import DESCRIPTION, described
from reconcile.models import MeterKind

from . import bulk

KINDS = {"id": "BIGINT", "description": "VARCHAR"}
LONGEST = 200


def name_kinds(con: duckdb.DuckDBPyConnection, met: pa.Table) -> None:
    """Make `kinds`, with those of `met`; the ledger is told of the new ones, which harm nobody if a run is held."""
    known = set(MeterKind.objects.values_list("description", flat=True))
    new = sorted(one for one in met["description"].unique().to_pylist() if one is not None and one not in known)
    MeterKind.objects.bulk_create(map(_kind, new), ignore_conflicts=True)
    bulk.read_rows(con, MeterKind.objects.all(), KINDS, "kinds")


def _kind(description: str) -> MeterKind:
    said = described(description)
    return MeterKind(description=description, **{name: (said[name] or "")[:LONGEST] for name in DESCRIPTION})
