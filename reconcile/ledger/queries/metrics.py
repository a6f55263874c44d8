"""Figures about the product's own state, as Prometheus reads them.

In: an actor, the time. Out: text. Called by the address `/metrics/`.
"""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Count

from reconcile.models import Extract, Job

from ..actors import Actor, Right
from ..heartbeat import signs
from ..inputs import latest_run
from ..integrity import known_damaged
from .health import health

Sample = tuple[str, dict[str, str], float]
HELP = {
    "dccflags_up": "Whether a part is well (1) or not (0).",
    "dccflags_sign_age_seconds": "Since a part last gave a sign of life.",
    "dccflags_jobs": "Jobs by state.",
    "dccflags_oldest_queued_seconds": "How long the oldest queued job has waited.",
    "dccflags_disk_free_bytes": "Free bytes of a disk.",
    "dccflags_disk_bytes": "Bytes of a disk.",
    "dccflags_damaged_snapshots": "Snapshots that were not whole when last checked.",
    "dccflags_newest_run_age_days": "Days since the day that the newest run shows.",
    "dccflags_newest_load_age_seconds": "Since a file was last loaded.",
}
"""Every figure; all of them are gauges."""


def metrics(*, actor: Actor, now: datetime) -> str:
    """Every figure in the text format. Raises NotAllowed."""
    actor.must(Right.SEE_STORAGE)
    samples = list(_samples(now))
    lines = []
    for name, words in HELP.items():
        lines += [f"# HELP {name} {words}", f"# TYPE {name} gauge"]
        lines += [f"{name}{_labels(labels)} {value:g}" for of, labels, value in samples if of == name]
    return "\n".join(lines) + "\n"


def _samples(now: datetime) -> Iterator[Sample]:
    found = health(now=now).parts
    yield from (("dccflags_up", {"part": part}, float(words == "")) for part, words in found.items())
    if found["database"]:
        return
    yield from _of_database(now)
    for name, folder in {"var": settings.VAR_DIR, "lake": settings.LAKE_DIR}.items():
        yield from _of_disk(name, folder)


def _of_database(now: datetime) -> Iterator[Sample]:
    yield from (("dccflags_sign_age_seconds", {"part": part}, _age(at, now)) for part, at in signs().items())
    counted = Job.objects.values_list("state").annotate(jobs=Count("pk"))
    states = dict.fromkeys(Job.State.values, 0) | dict(counted)
    yield from (("dccflags_jobs", {"state": state}, jobs) for state, jobs in states.items())
    oldest = Job.objects.filter(state=Job.State.QUEUED).order_by("created_at").first()
    yield "dccflags_oldest_queued_seconds", {}, _age(oldest.created_at, now) if oldest else 0
    yield "dccflags_damaged_snapshots", {}, len(known_damaged())
    if run := latest_run():
        yield "dccflags_newest_run_age_days", {}, (now.date() - run.as_of).days
    if newest := Extract.objects.order_by("-loaded_at").first():
        yield "dccflags_newest_load_age_seconds", {}, _age(newest.loaded_at, now)


def _of_disk(name: str, folder: Path) -> Iterator[Sample]:
    if folder.exists():
        disk = shutil.disk_usage(folder)
        yield "dccflags_disk_free_bytes", {"disk": name}, disk.free
        yield "dccflags_disk_bytes", {"disk": name}, disk.total


def _age(at: datetime, now: datetime) -> float:
    return round((now - at).total_seconds(), 1)


def _labels(labels: dict[str, str]) -> str:
    def safe(text: str) -> str:
        return text.replace("\\", "").replace('"', "").replace("\n", "")

    return "{" + ",".join(f'{name}="{safe(value)}"' for name, value in labels.items()) + "}" if labels else ""
