"""Files that are left beside the rows of a published run, for whoever reads it; the run stands without them.

In: a run and a folder of finished files. Out: they are part of its snapshot. Called by frame, population and evidence.
"""

from pathlib import Path

from reconcile.lake import checksums, store
from reconcile.models import Run


def leave(run: Run, folder: Path) -> None:
    """Put every file of a folder aside into the snapshot of a run, and name them on the run. Raises StoreError."""
    written = checksums.checksums(folder)
    for file in written:
        store.add(run.snapshot, folder, file)
    Run.objects.filter(pk=run.pk).update(checksums=run.checksums | written)
    run.checksums |= written
