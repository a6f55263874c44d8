"""Files that are left beside the rows of a published run, for whoever reads it; the run stands without them.

In: a run and a folder of finished files. Out: they are part of its snapshot. Called by frame, population, evidence and
waiting.
"""

from pathlib import Path

from django.db import transaction

from reconcile.lake import checksums, store
from reconcile.models import Run


def leave(run: Run, folder: Path, *, instead_of: str = "") -> None:
    """Put every file of a folder aside into the snapshot of a run, and name them on the run; others whose names begin
    with `instead_of` go. Raises StoreError."""
    written = checksums.checksums(folder)
    for file in written:
        store.add(run.snapshot, folder, file)
    with transaction.atomic():
        # Another job may have left something meanwhile.
        there = Run.objects.select_for_update().get(pk=run.pk).checksums
        old = {name for name in there if instead_of and name.startswith(instead_of)} - written.keys()
        run.checksums = {name: sha256 for name, sha256 in there.items() if name not in old} | written
        Run.objects.filter(pk=run.pk).update(checksums=run.checksums)
    for name in old:
        store.drop(run.snapshot, name)
