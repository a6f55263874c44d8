"""How many Meter Points a run had of each sort, counted once it is published, so that nobody waits for it.

In: a run and what it read. Out: two files beside its rows, with parties and kinds by id. Called by ledger.record,
read by ledger.cubes.
"""

import logging
from pathlib import Path

import duckdb

from reconcile.domain.policy import Policy
from reconcile.feeds.sql import literal
from reconcile.lake import engines, store
from reconcile.lake.contract import EngineError, Inputs
from reconcile.models import Party, Run

from . import beside, bulk
from .compare import sql
from .kinds import name_kinds

logger = logging.getLogger(__name__)
FILES = {"kind_counts": store.KINDS, "place_counts": store.PLACES}


def count(run: Run, inputs: Inputs, policy: Policy) -> None:
    """Leave the counts in the lake, unless they are there, or nobody asks for the causes because the run moved nothing.

    The run stands without them: where they cannot be made, pages say that there are none.
    """
    if run.lookback or run.thinned_at or store.KINDS in run.checksums:
        return
    try:
        _count(run, inputs, policy)
    except (duckdb.Error, OSError, EngineError):
        logger.exception("The Meter Points of run %s could not be counted", run.pk)


def _count(run: Run, inputs: Inputs, policy: Policy) -> None:
    with store.scratch() as folder, store.connected(folder) as con:
        kinds, places = engines.chosen().count_market(inputs, policy, workdir=folder)
        con.register("judged_kinds", kinds)
        con.register("judged_places", places)
        name_kinds(con, kinds)
        bulk.read_rows(con, Party.objects.all(), bulk.PARTIES, "parties")
        whole = folder / "counts"
        whole.mkdir()
        _write(con, whole)
        beside.leave(run, whole)


def _write(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    for name, file in FILES.items():
        con.execute(f"COPY ({sql(name)}) TO {literal(folder / file)} ({store.PARQUET})")
