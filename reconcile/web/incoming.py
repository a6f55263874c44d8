"""Uploaded files on their way to a worker.

In: an upload. Out: its place, where the job that loads it removes it. Called by the upload view and the API.
"""

import shutil
from pathlib import Path, PurePath
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils import timezone

from reconcile.ledger import kept_files, operations, uploads
from reconcile.ledger.actors import Actor
from reconcile.models import Job


def spare() -> Path:
    """A place for a file that is written for one answer; what is left there is swept up."""
    return uploads.new_place()


def taken(upload: TemporaryUploadedFile) -> Path:
    """Give an upload a place of its own. It is on that disk already, so this is a rename, whatever its size."""
    target = uploads.new_place()
    shutil.move(upload.temporary_file_path(), target)
    return target


def taken_content(content: bytes) -> Path:
    """The same for what a program sent as it is."""
    target = uploads.new_place()
    target.write_bytes(content)
    return target


def begin_load(actor: Actor, file: TemporaryUploadedFile, given: dict[str, Any]) -> Job:
    """Ask for an upload to be loaded; `given`: what an UploadForm says of it. Raises NotAllowed, OperationError."""
    uploads.clear_up_here(timezone.now() - operations.SWEPT_AFTER)
    kept = uploads.keep(taken(file))
    try:
        return operations.start_load(
            actor=actor,
            path=kept,
            name=PurePath(file.name or "").name,
            kind=given["kind"] or None,
            as_of=given["as_of"],
            coverage=given["coverage"] or None,
            now=timezone.now(),
        )
    except Exception:
        kept_files.remove(kept)
        raise
