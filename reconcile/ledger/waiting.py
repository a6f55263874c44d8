"""Which meters of the newest run wait to be commissioned, and what is told of WAN coverage there, beside its rows.

In: the newest run and the coverage files that are loaded. Out: a Parquet file, and its rows. Called by ledger.work and
withdrawal, which keep it up to date, by ledger.retention, and by queries.
"""

import hashlib
import logging
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.conf import settings
from pyarrow import parquet

from reconcile.domain.policies import policy_named
from reconcile.domain.tables import Table
from reconcile.lake import covering, store
from reconcile.lake.contract import Update
from reconcile.models import Run

from . import beside
from .inputs import data_order, files_of, latest_run, of_run, readable

logger = logging.getLogger(__name__)
WAITING = "waiting-"
"""Its name begins so, and says of which coverage files it was made: a file that others would answer is not found."""


def bring_up_to_date() -> None:
    """Work the answers out where coverage is loaded, unless they are there; a run stands without them."""
    run, files = latest_run(), files_of(Table.COVERAGE)
    if run is None or run.thinned_at or not files or _name(files) in run.checksums:
        return
    try:
        _keep(run, files)
    except (duckdb.Error, OSError):
        logger.exception("What waits in run %s could not be worked out", run.pk)


def _keep(run: Run, files: Sequence[Update]) -> None:
    with store.scratch() as folder:
        whole = folder / "waiting"
        whole.mkdir()
        parquet.write_table(_worked_out(run, files, folder), whole / _name(files))
        beside.leave(run, whole, instead_of=WAITING)


def waiting(run: Run, files: Sequence[Update]) -> pa.Table:
    """The rows (covering.WAITING): those that are kept, else worked out now. Raises duckdb.Error."""
    try:
        return parquet.read_table(_path(run, files))
    except FileNotFoundError:
        with store.scratch() as folder:
            return _worked_out(run, files, folder)


def kept(run: Run, files: Sequence[Update]) -> Path | None:
    """The file of the rows, if they were worked out. It never changes."""
    path = _path(run, files)
    return path if path.exists() else None


def waiting_at(run: Run, mpxns: Collection[int], files: Sequence[Update] | None = None) -> dict[int, dict[str, Any]]:
    """The rows of those Meter Points that wait, by number; none where coverage is not loaded or was not worked out.

    `files`: those that tell of coverage, of whoever knows them.
    """
    files = files_of(Table.COVERAGE) if files is None else files
    if not files or not mpxns:
        return {}
    try:
        rows = parquet.read_table(_path(run, files), filters=[("mpxn", "in", set(mpxns))])
    except FileNotFoundError:
        return {}
    return {row["mpxn"]: row for row in rows.to_pylist()}


def needed() -> set[int]:
    """The coverage files without which an answer would be another, by id."""
    loaded = readable().filter(table=Table.COVERAGE, thinned_at=None)
    rank, files = data_order(loaded), files_of(Table.COVERAGE)
    try:
        orders = covering.speaking(files) if files else set()
    except duckdb.Error:
        return set(rank)
    return {pk for pk, order in rank.items() if order in orders}


def _worked_out(run: Run, files: Sequence[Update], folder: Path) -> pa.Table:
    return covering.waiting(of_run(run).inputs, policy_named(run.policy), files, workdir=folder)


def _path(run: Run, files: Sequence[Update]) -> Path:
    path = store.kept(run, name := _name(files))
    if store.there(run, name):
        store.here(path)
    return path


def _name(files: Sequence[Update]) -> str:
    made_of = "\n".join(str(one.rows.relative_to(settings.LAKE_DIR)) for one in files)
    return f"{WAITING}{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.parquet"
