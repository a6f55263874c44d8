"""Files that killed processes left: half-written lists of rejected lines and exports, lists of no load.

In: a time. Out: the names of what went. Called by ledger.operations.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath

from reconcile.models import Extract, Job

from . import kept_files
from .kept_files import Kept

logger = logging.getLogger(__name__)


def sweep(before: datetime) -> list[str]:
    """Remove what is older than `before` and nobody names."""
    left = [kept.name for kept in (*_half_written(), *_rejects_of_no_load()) if kept.came_at < before.timestamp()]
    for name in left:
        kept_files.remove(name)
        logger.warning("Removed %s, which a process that was killed left.", PurePath(name).name)
    return [PurePath(name).name for name in left]


def _half_written() -> Iterator[Kept]:
    for folder in ("rejects", "exports"):
        yield from (kept for kept in kept_files.listed(folder) if kept.name.endswith(".part"))


def _rejects_of_no_load() -> Iterator[Kept]:
    """Lists of rejected lines that neither an extract nor a job names."""
    here = [kept for kept in kept_files.listed("rejects") if kept.name.endswith(".csv")]
    if not here:
        return
    told = {
        *Extract.objects.values_list("report__rejects_file", flat=True),
        *Job.objects.filter(result__has_key="rejects_file").values_list("result__rejects_file", flat=True),
    }
    named = {kept_files.same(name) for name in told if name}
    yield from (kept for kept in here if kept_files.same(kept.name) not in named)
