"""Uploaded files on their way to a worker.

In: an upload. Out: its place under VAR_DIR/incoming, where the job that loads it removes it. Called by the upload view.
"""

import shutil
import uuid
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile


def keep(upload: UploadedFile) -> Path:
    """Give an upload a name of its own. It is on that disk already, so this is a rename, whatever its size."""
    folder = settings.VAR_DIR / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    target: Path = folder / uuid.uuid4().hex
    shutil.move(upload.temporary_file_path(), target)  # type: ignore[attr-defined]  # the only upload handler gives it
    return target
