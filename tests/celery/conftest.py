"""A real Redis and real workers on the session's VAR_DIR and database, new for each test."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from reconcile import tasks
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import Job
from reconcile.sample.make import make_sample
from tests import machine

POINTS = 300_000
"""So many that a load or a run takes seconds: long enough to be caught half-way."""


@pytest.fixture(scope="session")
def market(tmp_path_factory) -> Path:
    """The first day of a sample market."""
    folder = tmp_path_factory.mktemp("market")
    make_sample(folder, points=POINTS, days=1, seed=7)
    return next(path for path in folder.iterdir() if path.is_dir())


@pytest.fixture(autouse=True)
def nothing_left(empty_machine):
    """Each test begins with an empty machine."""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach, as PostgreSQL needs where root runs the tests."""
    with tempfile.TemporaryDirectory(prefix="dccflags-pg-") as folder:
        yield Path(folder)


@pytest.fixture
def load(market) -> Callable[..., Job]:
    """Hands in a file of the market as an upload does, and queues its load."""

    def queue(prefix: str) -> Job:
        source = next(market.glob(f"{prefix}_*"))
        number = len(list((settings.VAR_DIR / "incoming").iterdir()))
        path = settings.VAR_DIR / "incoming" / f"{number}-{source.name}"
        shutil.copy(source, path)
        job = operations.start_load(actor=MACHINE, path=path, name=source.name, now=timezone.now())
        return tasks.send(job)

    return queue


@pytest.fixture
def loaded(market, load, start_worker):
    """A worker, and the market's registration and inventory in the lake."""
    running = start_worker()
    jobs = [load(prefix) for prefix in ("registration_electricity", "registration_gas", "smi")]
    machine.until(
        lambda: Job.objects.filter(pk__in=[job.pk for job in jobs], state=Job.State.DONE).count() == len(jobs)
    )
    return running
