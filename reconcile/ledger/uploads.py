"""Files that were handed in, until the job that loads them is done with them.

In: a path, a job. Out: the file under VAR_DIR/incoming, kept or gone. Called by ledger.operations, ledger.work and web.
"""

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from reconcile.models import Job

from .jobs import Kind

OF_FILES = (Kind.LOAD, Kind.WORK)
"""The kinds of jobs that may be about a file that was handed in."""


def folder() -> Path:
    """Where uploads wait, as Django writes them there already."""
    incoming: Path = settings.VAR_DIR / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    return incoming


def new_place() -> Path:
    """A name of its own for one upload."""
    return folder() / uuid.uuid4().hex


def forget(job: Job) -> None:
    """Remove an uploaded file that is no longer needed; a file loaded from elsewhere on the machine is its owner's."""
    for path in map(Path, _places(job.options, job.result)):
        if path.parent == folder():
            path.unlink(missing_ok=True)


def forget_beginning(job: Job) -> None:
    """Remove the beginning of a held file, once a person has looked at it."""
    for place in _places({}, job.result):
        Path(place).unlink(missing_ok=True)


def _places(options: dict[str, Any], result: dict[str, Any]) -> list[str]:
    """The file that a job loads, and the beginning of it that a person looks at while it is held."""
    return [*filter(None, (options.get("path"), result.get("beginning", {}).get("path")))]


def sweep(before: datetime) -> list[str]:
    """Remove what no job waits for, untouched since `before`: a web worker was killed during the upload, say.

    What a cancelled job had goes at once.
    """
    over = Job.objects.filter(state=Job.State.DONE) | Job.objects.filter(final=True)
    waiting = Job.objects.filter(kind__in=OF_FILES).exclude(pk__in=over.values("pk"))
    named = {place for told in waiting.values_list("options", "result") for place in _places(*told)}
    cancelled = Job.objects.filter(kind__in=OF_FILES, state=Job.State.CANCELLED)
    unwanted = {options.get("path") for options in cancelled.values_list("options", flat=True)}
    left = [
        path
        for path in folder().iterdir()
        # The time of the last change of whatever kind: a link to an old file is as new as its name.
        if str(path) not in named
        and not path.is_dir()
        and (str(path) in unwanted or path.lstat().st_ctime < before.timestamp())
    ]
    for path in left:
        path.unlink(missing_ok=True)
    return [path.name for path in left]
