"""A replay that real workers share, one of which is killed half-way: what tests/celery asks of it.

In: a market in the lake, workers to start. Out: the answer, after it was asserted that no day was judged twice.
"""

import signal
import time
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.queries.replayed import Replayed
from reconcile.models import Job, ReplayedDay
from reconcile.sample.make import make_sample
from tests import machine
from tests.machine import until


def loaded(folder: Path, points: int) -> date:
    """A small market is in the lake; its day."""
    make_sample(folder, points=points, days=1, seed=7)
    day = next(path for path in folder.iterdir() if path.is_dir())
    for kind in ("registration_electricity", "registration_gas", "smi"):
        path = next(day.glob(f"{kind}_*"))
        job = operations.start_load(actor=MACHINE, path=path, name=path.name, now=timezone.now())
        assert operations.perform(actor=MACHINE, job_id=job.pk).state == Job.State.DONE
    return date.fromisoformat(day.name)


def ask(first: date, days: int, policy: str = "mp077") -> Job:
    """A replay of so many days from the first."""
    last, now = first + timedelta(days=days - 1), timezone.now() + timedelta(days=days)
    return operations.start_replay(actor=MACHINE, first=first, last=last, policy=policy, now=now)


def done() -> dict[date, datetime]:
    """The days that are judged, with when each was."""
    return dict(ReplayedDay.objects.exclude(snapshot="").values_list("as_of", "made_at"))


def job_is(job: Job, state: str) -> bool:
    """Whether it is by now."""
    job.refresh_from_db()
    return job.state == state


def answer(job: Job) -> tuple[Replayed, dict[str, dict]]:
    """What a replay found: its sums, and of each day the checksums of its files, whose rows are in an order."""
    files = ReplayedDay.objects.exclude(snapshot="").values_list("as_of", "checksums")
    return queries.replayed(actor=MACHINE, job_id=job.pk), {f"{day}": checksums for day, checksums in files}


def alone(first: date, days: int) -> tuple[Replayed, dict[str, dict]]:
    """The answer of this process, to be forgotten: the next replay works out every day."""
    job = operations.perform(actor=MACHINE, job_id=ask(first, days).pk)
    found = answer(job)
    ReplayedDay.objects.all().delete()
    return found


def killed_half_way(
    first: date, days: int, start: Callable, *, workers: int, after: int, patience: float = 240
) -> tuple[Replayed, dict[str, dict]]:
    """The answer of workers, of which the one that has the job is killed once `after` days are done."""
    running = {name: start(processes=2 if workers == 1 else 1, name=name) for name in names(workers)}
    until(lambda: all(" ready." in log(name).read_text() for name in running), patience)
    job = tasks.send(ask(first, days))
    until(lambda: len(done()) >= after, patience, every=0.02)
    has_it = who_has_it(running)
    running[has_it].signal_group(signal.SIGKILL)
    running[has_it].end()
    before = done()
    assert len(before) < days, "it was done before it could be killed"
    assert not queries.replayed(actor=MACHINE, job_id=job.pk)

    time.sleep(machine.LOST_AFTER_SECONDS)
    start()
    until(lambda: job_is(job, Job.State.DONE), patience)

    assert (job.attempt, job.result["days"]) == (2, days)
    assert {day: made for day, made in done().items() if day in before} == before, "no day is worked out twice"
    return answer(job)


def who_has_it(workers: Iterable[str]) -> str:
    """Which of the workers has the job, and not only days of it."""
    return next(name for name in workers if "begins, attempt 1" in log(name).read_text())


def names(workers: int) -> list[str]:
    """Of so many workers."""
    return [f"w{number}" for number in range(workers)]


def log(name: str) -> Path:
    """Of a worker."""
    return settings.VAR_DIR / f"worker-{name}.log"


def cancelled_half_way(first: date, days: int, after: int, patience: float = 240) -> None:
    """Of a replay that is cancelled once `after` days are done, those are kept, and nothing that was begun."""
    ReplayedDay.objects.all().delete()
    job = tasks.send(ask(first, days))
    until(lambda: len(done()) >= after, patience, every=0.02)
    operations.cancel(actor=MACHINE, job_id=job.pk, now=timezone.now())
    until(lambda: job_is(job, Job.State.CANCELLED), patience)
    until(lambda: not ReplayedDay.objects.filter(snapshot="").exists(), patience)
    assert after <= len(done()) < days
    ReplayedDay.objects.all().delete()
