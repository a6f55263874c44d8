"""Several files that are loaded together: how each goes, what it turned out to be, and whether all are done.

In: an actor and the numbers of jobs. Out: Loads. Called by the page of an upload of several files.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reconcile.models import Job

from .. import jobs as machine
from ..actors import Actor

ENOUGH = 5
"""From so many per cent on, the time that has passed tells how much is left."""
MOVING = frozenset({Job.State.QUEUED, Job.State.RUNNING})


@dataclass(frozen=True)
class LoadLine:
    """One file. `left`: the seconds that it still takes, about; None where nobody can tell."""

    job: Job
    left: int | None

    @property
    def found(self) -> dict[str, Any]:
        """What was said of it, and what it turned out to be once it is read: kind, as_of (ISO), coverage, extract."""
        said: dict[str, Any] = {name: self.job.options.get(name) for name in ("kind", "as_of", "coverage")}
        return {**said, **self.job.result}

    @property
    def is_bad(self) -> bool:
        """It can only be replaced by another file."""
        return self.job.state in {Job.State.FAILED, Job.State.CANCELLED}


@dataclass(frozen=True)
class Loads:
    """Files in the order in which they were handed in."""

    lines: list[LoadLine]

    @property
    def are_moving(self) -> bool:
        """Whether one of them waits or runs."""
        return any(line.job.state in MOVING for line in self.lines)

    @property
    def are_done(self) -> bool:
        """Whether every one of them is loaded."""
        return bool(self.lines) and self.done == len(self.lines)

    @property
    def done(self) -> int:
        """How many are loaded."""
        return sum(line.job.state == Job.State.DONE for line in self.lines)


def loads(*, actor: Actor, job_ids: Iterable[int], now: datetime) -> Loads:
    """Those of some loads that the actor may see, in the order asked for."""
    order = list(dict.fromkeys(job_ids))
    found = machine.visible_to(actor).filter(kind=machine.Kind.LOAD).in_bulk(order)
    return Loads([LoadLine(found[pk], _left(found[pk], now)) for pk in order if pk in found])


def _left(job: Job, now: datetime) -> int | None:
    if job.state != Job.State.RUNNING or job.started_at is None or job.percent < ENOUGH:
        return None
    passed = max(now - job.started_at, timedelta())
    return int(passed.total_seconds() * (100 - job.percent) / job.percent)
