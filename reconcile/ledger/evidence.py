"""What registration and inventory say of each Meter Point at which a run found something, left beside its rows.

In: a published run and what it read. Out: files in its snapshot, or lake.found.Found. Called by ledger.record, read by
ledger.queries.behind.
"""

import logging

import duckdb
import pyarrow as pa

from reconcile.domain.policy import Policy
from reconcile.lake import found, store
from reconcile.lake.contract import Inputs
from reconcile.lake.found import Found
from reconcile.models import Run

from . import beside

logger = logging.getLogger(__name__)
LARGE = 5_000_000
"""Of fewer Meter Points one is found as quickly in the files of the whole market."""


def keep(run: Run, inputs: Inputs, policy: Policy) -> None:
    """Leave it in the lake, of a large market, unless it is there. Without it pages take longer, and say the same."""
    if run.lookback or run.thinned_at or run.points < LARGE or found.FLAGS in run.checksums:
        return
    try:
        with store.scratch() as folder:
            whole = folder / "found"
            whole.mkdir()
            found.write(inputs, policy, store.kept(run, store.ROWS), whole, workdir=folder)
            beside.leave(run, whole)
    except (duckdb.Error, OSError):
        logger.exception("What the files say of the findings of run %s could not be kept", run.pk)


def kept(run: Run) -> Found | None:
    """What a run left; None where that is nothing, or cannot be read."""
    if found.FLAGS not in run.checksums:
        return None
    left = Found(store.kept(run, found.FLAGS), store.kept(run, found.DEVICES))
    try:
        # Of an earlier version of the product it may be another.
        return left if left.is_whole() else None
    except (OSError, pa.ArrowException):
        logger.exception("What run %s left of its findings cannot be read", run.pk)
        return None
