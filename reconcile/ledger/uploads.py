"""Files that were handed in, until the job that loads them is done with them.

In: a file, a job. Out: the file's name, kept or gone. Called by ledger.operations, ledger.work, commands and web.
"""

import logging
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from reconcile.lake import store
from reconcile.lake.objects import StoreError
from reconcile.models import Job

from . import kept_files
from .jobs import Kind

logger = logging.getLogger(__name__)
INCOMING = "incoming"
OF_FILES = (Kind.LOAD, Kind.WORK)
"""The kinds of jobs that may be about a file that was handed in."""


def folder() -> Path:
    """Where uploads wait, as Django writes them there already."""
    incoming: Path = settings.VAR_DIR / INCOMING
    incoming.mkdir(parents=True, exist_ok=True)
    return incoming


def new_place() -> Path:
    """A name of its own for one upload."""
    return folder() / uuid.uuid4().hex


def keep(path: Path) -> str:
    """Keep what lies whole in a new place, until its job is done; gives the name by which any worker knows it."""
    return kept_files.keep(path, name_of(path.name))


def name_of(place: str) -> str:
    """The name of what lay in a new place, by the last part of that."""
    return kept_files.in_full(f"{INCOMING}/{place}")


def passed_on(path: Path) -> str:
    """A file of this machine under a name by which any worker knows it: its path, where all machines have one disk."""
    if kept_files.on_one_disk():
        return str(path)
    link = new_place()
    link.symlink_to(path)
    return keep(link)


def forget(job: Job) -> None:
    """Remove an uploaded file that is no longer needed; a file loaded from elsewhere on the machine is its owner's."""
    for name in _names(job.options, job.result):
        if name in (name_of(place := Path(name).name), str(folder() / place)):
            _remove(name)


def forget_beginning(job: Job) -> None:
    """Remove the beginning of a held file, once a person has looked at it."""
    for name in _names({}, job.result):
        _remove(name)


def _remove(name: str) -> None:
    """What cannot be removed now is swept up later."""
    try:
        kept_files.remove(name)
    except StoreError as problem:
        logger.warning("The upload %s stays for a while: %s", name, problem)


def _names(options: dict[str, Any], result: dict[str, Any]) -> list[str]:
    """The file that a job loads, and the beginning of it that a person looks at while it is held."""
    return [*filter(None, (options.get("path"), result.get("beginning", {}).get("path")))]


def sweep(before: datetime) -> list[str]:
    """Remove what no job waits for, untouched since `before`: a web worker was killed during the upload, say.

    What a cancelled job had goes at once.
    """
    named = _named()
    cancelled = Job.objects.filter(kind__in=OF_FILES, state=Job.State.CANCELLED)
    unwanted = {options.get("path") for options in cancelled.values_list("options", flat=True)}
    left = [
        kept.name
        for kept in kept_files.listed(INCOMING)
        if kept.name not in named and (kept.name in unwanted or kept.came_at < before.timestamp())
    ]
    for name in left:
        kept_files.remove(name)
    return [Path(name).name for name in left]


def clear_up_here(before: datetime) -> None:
    """Remove what a killed process of this machine left on its way to or from the store: no worker sees this disk."""
    if kept_files.on_one_disk():
        return
    store.sweep_here(before)
    named = _named()
    for kept in kept_files.listed_here(INCOMING):
        if kept.name not in named and kept.came_at < before.timestamp():
            kept_files.remove(kept.name)


def _named() -> set[str]:
    """What a job waits for."""
    over = Job.objects.filter(state=Job.State.DONE) | Job.objects.filter(final=True)
    waiting = Job.objects.filter(kind__in=OF_FILES).exclude(pk__in=over.values("pk"))
    return {name for told in waiting.values_list("options", "result") for name in _names(*told)}
