"""Uploaded files on their way to a worker.

In: an upload. Out: its place, where the job that loads it removes it. Called by the upload view.
"""

import shutil
from pathlib import Path

from django.core.files.uploadedfile import TemporaryUploadedFile

from reconcile.ledger import uploads


def spare() -> Path:
    """A place for a file that is written for one answer; what is left there is swept up."""
    return uploads.new_place()


def keep(upload: TemporaryUploadedFile) -> Path:
    """Give an upload a name of its own. It is on that disk already, so this is a rename, whatever its size."""
    target = uploads.new_place()
    shutil.move(upload.temporary_file_path(), target)
    return target


def kept_content(content: bytes) -> Path:
    """The same for what a program sent as it is."""
    target = uploads.new_place()
    target.write_bytes(content)
    return target
