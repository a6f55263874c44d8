"""Files under VAR_DIR that killed processes left: half-written lists of rejected lines and exports, lists of no load.

In: a time. Out: the names of what went. Called by ledger.operations.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from reconcile.models import Extract, Job

logger = logging.getLogger(__name__)


def sweep(before: datetime) -> list[str]:
    """Remove what is older than `before` and nobody names."""
    left = [path for path in (*_half_written(), *_rejects_of_no_load()) if _older(path, before)]
    for path in left:
        path.unlink(missing_ok=True)
        logger.warning("Removed %s, which a process that was killed left.", path.name)
    return [path.name for path in left]


def _half_written() -> Iterator[Path]:
    yield from (settings.VAR_DIR / "rejects").glob("*.part")
    yield from (settings.VAR_DIR / "exports").glob(".*.part")


def _rejects_of_no_load() -> Iterator[Path]:
    """Lists of rejected lines that neither an extract nor a job names."""
    here = list((settings.VAR_DIR / "rejects").glob("*.csv"))
    if not here:
        return
    named = {
        *Extract.objects.values_list("report__rejects_file", flat=True),
        *Job.objects.filter(result__has_key="rejects_file").values_list("result__rejects_file", flat=True),
    }
    yield from (path for path in here if f"rejects/{path.name}" not in named)


def _older(path: Path, before: datetime) -> bool:
    try:
        return path.lstat().st_ctime < before.timestamp()
    except FileNotFoundError:
        return False
