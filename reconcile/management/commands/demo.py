"""`manage.py demo`: the product on this machine with a sample market in it, loaded by the real worker."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from dccflags.machine import running, watch
from dccflags.services import ServiceError
from dccflags.supervisor import GaveUp, Supervisor
from reconcile.ledger import operations
from reconcile.ledger.jobs import Kind
from reconcile.management import demo, demo_sent, demo_views, demo_work
from reconcile.management.console import own_lake
from reconcile.models import Job, Run

POINTS = 200_000
DAYS = 6
MONTH = 5
"""So many weekly days span four weeks."""


class Command(BaseCommand):
    """Starts everything, fills it once, and says where to look and as whom."""

    help = "Run the product on this machine with a sample market in it, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The port and the size of the sample."""
        parser.add_argument("--port", type=int, help="the web's port on 127.0.0.1 (default: 8000 or the next free one)")
        parser.add_argument("--meter-points", type=int, default=POINTS, help=f"the sample's size (default {POINTS:,})")
        parser.add_argument("--days", type=int, default=DAYS, help=f"how many weekly days (default {DAYS})")

    def handle(self, *, port: int | None, meter_points: int, days: int, **options: Any) -> None:
        """Run until SIGINT or SIGTERM."""
        console = Console(soft_wrap=True)
        try:
            console.print("Starting web, worker and Redis")
            with running(port=port, logs=settings.VAR_DIR / "logs", prepare=own_lake) as (supervisor, address):
                demo.make_log_ins()
                console.print(f"The web answers at {address} while the sample market comes in")
                fill(console, supervisor, points=meter_points, days=days)
                demo.make_memberships()
                welcome(console, address)
                watch(supervisor)
        except KeyboardInterrupt:
            console.print("Stopped. The data stays; `make demo` goes on from here.")
        except (ServiceError, GaveUp, demo.DemoError, operations.ForeignLake) as error:
            raise CommandError(str(error)) from error


def fill(console: Console, supervisor: Supervisor, *, points: int, days: int) -> None:
    """Make the sample and bring every day of it in, with a bar for the whole and one for the job at work."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        making = bars.add_task("Making the sample market", total=1.0)
        folders = demo.sample(
            points=points,
            days=days,
            now=timezone.now(),
            progress=lambda share, words: bars.update(making, completed=share, description=words),
        )
        bars.remove_task(making)
        missing = demo.unfinished(folders)
        whole = bars.add_task("The sample market", total=sum(len(demo.files_of(folder)) + 1 for folder in missing))
        at_work = bars.add_task("", total=100)
        for folder in missing:
            bars.update(whole, description=f"Day {missing.index(folder) + 1} of {len(missing)}")
            for job in demo.through_the_worker(folder, follow=Follower(bars, at_work, supervisor)):
                bars.advance(whole)
                told(console, job)
            demo.make_memberships()
            if folder == folders[-MONTH:][0]:
                demo_views.freeze_cohorts(timezone.now())
            if folder == folders[-2:][0]:
                demo_work.make_work(timezone.now())
                demo_views.share_views(timezone.now())
                for job in demo_sent.send_and_answer(follow=Follower(bars, at_work, supervisor)):
                    told(console, job)


class Follower:
    """Shows a job's stage and keeps the programs running while it is waited for."""

    def __init__(self, bars: Progress, line: TaskID, supervisor: Supervisor) -> None:
        """`line` is the bar that shows the job."""
        self.bars, self.line, self.supervisor = bars, line, supervisor

    def __call__(self, job: Job) -> None:
        """Called while a job is waited for."""
        self.supervisor.check()
        self.bars.update(self.line, completed=job.percent, description=f"{job.title}: {job.stage or job.state}")


def told(console: Console, job: Job) -> None:
    """A line for what a person would want to know of an ended job."""
    if job.state == Job.State.HELD:
        console.print(f"{job.title} is held for a person's word: {job.message}")
    elif job.state in (Job.State.FAILED, Job.State.LOST):
        console.print(f"{job.title}: {job.message}")
    elif job.kind == Kind.RECONCILE:
        found = job.result
        day = date.fromisoformat(found["as_of"])
        # The first run has nothing to compare with: all that it found is neither new nor resolved.
        moved = f" ({found['new']:,} new, {found['resolved']:,} resolved)" if Run.objects.count() > 1 else ""
        console.print(f"{day:%-d %b %Y}: {found['points']:,} Meter Points, {found['mismatches']:,} mismatches{moved}")


def welcome(console: Console, address: str) -> None:
    """Where to look and as whom."""
    console.print(f"\nReady: {address}\nPassword of everyone: {demo.password()}", highlight=False)
    for username, works_for in demo.log_ins():
        console.print(f"  {username:<9} {works_for}", highlight=False)
    console.print("Ctrl-C ends it; the data stays in " + str(settings.VAR_DIR), highlight=False)
