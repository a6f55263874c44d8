"""The demonstration's steps: log-ins, a sample market, and its days through a real worker.

In: VAR_DIR and how many Meter Points. Out: users with memberships, loaded extracts, published runs. Called by `demo`.
Each step does only what is still missing, so an interrupted demonstration goes on where it stopped.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from time import sleep

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Sum
from django.utils import timezone

from dccflags.secret import kept_secret
from reconcile import tasks
from reconcile.domain.vocabulary import Fuel
from reconcile.feeds.order import NAMED, in_order
from reconcile.ledger import operations, uploads
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.jobs import Kind
from reconcile.models import Job, Membership, Party, PointCount, Role, Run
from reconcile.sample.make import make_sample, newest_day

SEED = 1
DATED = re.compile(r"\d{4}-\d\d-\d\d")
ENDED = (Job.State.DONE, Job.State.FAILED, Job.State.HELD, Job.State.LOST, Job.State.CANCELLED)

Progress = Callable[[float, str], None]


class DemoError(Exception):
    """A step of the demonstration did not work; one plain sentence."""


@dataclass(frozen=True)
class Person:
    """Somebody to log in as; without a kind of party, the administrator."""

    username: str
    works_for: str
    kind: Party.Kind | None = None
    role: Role = Role.VIEWER


PEOPLE = (
    Person(
        "operator", "the market operator, as manager, who sees every Meter Point", Party.Kind.OPERATOR, Role.MANAGER
    ),
    Person("supplier", "a supplier, as analyst", Party.Kind.SUPPLIER, Role.ANALYST),
    Person("network", "a distribution network, as analyst", Party.Kind.NETWORK, Role.ANALYST),
    Person("admin", "the administrator, who looks after people and parties at /admin/"),
)


def password() -> str:
    """The one password of the four, made on this machine's first demonstration."""
    return kept_secret(settings.VAR_DIR / "demo-password", strength=9)


def make_log_ins() -> None:
    """The four users; the operator's and the administrator's rights."""
    for person in PEOPLE:
        user, made = User.objects.get_or_create(username=person.username)
        if made:
            user.set_password(password())
        if person.kind is None:
            user.is_staff = user.is_superuser = True
        user.save()
    operator, _ = Party.objects.get_or_create(
        kind=Party.Kind.OPERATOR, code="OPERATOR", defaults={"name": "Market operator"}
    )
    Membership.objects.get_or_create(
        user=User.objects.get(username="operator"), party=operator, defaults={"role": Role.MANAGER}
    )


def make_memberships() -> None:
    """Put the supplier's and the network's person with the party of most electricity, once parties are known."""
    run = Run.objects.order_by("-as_of", "-pk").first()
    for person in PEOPLE:
        user = User.objects.get(username=person.username)
        if person.kind in (Party.Kind.SUPPLIER, Party.Kind.NETWORK) and not user.memberships.exists():
            rows = PointCount.objects.filter(
                run=run, network__fuel=Fuel.ELECTRICITY, **{f"{person.kind}__isnull": False}
            )
            largest = rows.values(person.kind).annotate(held=Sum("points")).order_by("-held", person.kind).first()
            if largest:
                Membership.objects.create(user=user, party_id=largest[person.kind], role=person.role)


def log_ins() -> list[tuple[str, str]]:
    """Username and, in words, for whom that person works."""
    parties = dict(Membership.objects.values_list("user__username", "party__name"))
    return [(person.username, _works_for(person, parties.get(person.username))) for person in PEOPLE]


def _works_for(person: Person, party: str | None) -> str:
    return f"{person.works_for}: {party}" if party and person.kind != Party.Kind.OPERATOR else person.works_for


def sample(*, points: int, days: int, now: datetime, progress: Progress) -> list[Path]:
    """The folders of the sample's days, oldest first; made if they are not there, whole or not at all.

    The newest is yesterday's, so that nothing is late when the demonstration opens.
    """
    folder = settings.VAR_DIR / "sample"
    if not folder.exists():
        draft = settings.VAR_DIR / "sample.draft"
        shutil.rmtree(draft, ignore_errors=True)
        make_sample(draft, points=points, days=days, seed=SEED, last_day=newest_day(now), progress=progress)
        draft.rename(folder)
    return sorted(path for path in folder.iterdir() if path.is_dir())


def unfinished(folders: list[Path]) -> list[Path]:
    """The days that no run has been published for."""
    done = {day.isoformat() for day in Run.objects.values_list("as_of", flat=True)}
    return [folder for folder in folders if folder.name not in done]


def files_of(folder: Path) -> list[Path]:
    """The industry files of one day, in the order of loading."""
    return in_order(path for path in folder.iterdir() if NAMED.match(path.name))[0]


def through_the_worker(folder: Path, *, follow: Callable[[Job], None]) -> Iterator[Job]:
    """Load every file of a day and reconcile it, each as a job of the worker; yields each job as it ends."""
    for path in files_of(folder):
        job = operations.start_load(
            actor=MACHINE, path=_handed_in(path), name=path.name, as_of=_date_in(path.name), now=timezone.now()
        )
        yield ended(tasks.send(job), follow)
    _let_other_runs_end(follow)
    job = operations.start_reconcile(actor=MACHINE, as_of=date.fromisoformat(folder.name), now=timezone.now())
    yield ended(tasks.send(job), follow)


def _handed_in(path: Path) -> str:
    """The file as an upload would leave it. A second name for the same bytes: the load removes its own."""
    incoming = uploads.new_place()
    os.link(path, incoming)
    return uploads.keep(incoming)


def _date_in(name: str) -> date | None:
    found = DATED.search(name)
    return date.fromisoformat(found[0]) if found else None


def _let_other_runs_end(follow: Callable[[Job], None]) -> None:
    """A run of a demonstration that was killed is noticed as lost and done again by the worker; two at once are not."""
    while other := Job.objects.filter(kind=Kind.RECONCILE, state=Job.State.RUNNING).first():
        follow(other)
        sleep(0.5)


def ended(job: Job, follow: Callable[[Job], None]) -> Job:
    """A job that the worker has, once it has ended. Raises DemoError."""
    while job.state not in ENDED:
        sleep(0.1)
        job.refresh_from_db()
        follow(job)
    # A file that is not loaded is told and the day goes on, as it would in life; without its run there is no day.
    if job.kind == Kind.RECONCILE and job.state in (Job.State.FAILED, Job.State.LOST):
        raise DemoError(f"{job.title}: {job.message}")
    return job
