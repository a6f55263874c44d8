"""What the commands share: do a job here with a progress bar, or hand it to a worker, and say how it went.

In: a Job. Out: one JSON object or plain lines on stdout, one line on stderr for an error, an exit code.
"""

import json
import sys
from dataclasses import asdict
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from rich.console import Console
from rich.progress import Progress

from dccflags.memory import limit
from reconcile import tasks
from reconcile.lake.objects import StoreError
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.troubles import trouble_in_words
from reconcile.models import Job

HELD = 3
"""Exit code of work that waits for a person's word."""


class PlainCommand(BaseCommand):
    """A command whose errors are one line."""

    requires_system_checks: list[str] = []
    """None: they would first import every page. `make test` runs them."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command; trouble with the database is said in a sentence."""
        try:
            return super().execute(*args, **options)
        except (operations.ForeignLake, StoreError) as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            trouble = str(error).splitlines()[0]
            advice = trouble_in_words(error) or "Has it been set up? Run: manage.py migrate"
            raise CommandError(f"The database cannot be used ({trouble}). {advice}") from error
        except Exception as error:
            if words := trouble_in_words(error):
                raise CommandError(f"{words} ({str(error).splitlines()[0]})") from error
            raise


class JobCommand(PlainCommand):
    """A command that is one job."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Options that every job has."""
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
        parser.add_argument("--queue", action="store_true", help="hand the work to a Celery worker and return")

    def finish(self, job: Job, *, queued: bool, as_json: bool) -> None:
        """Do the job, or hand it to a worker; print its outcome, and exit non-zero unless it is done."""
        if queued:
            return self._say({"job": job.pk, "state": tasks.send(job).state}, as_json=as_json)
        job = perform_here(job)
        if job.state == Job.State.DONE:
            self._say({"job": job.pk, **self.told(job, as_json=as_json)}, as_json=as_json)
            return self.judge(job)
        if as_json:
            self.stdout.write(json.dumps(outcome(job)))
        held = job.state == Job.State.HELD
        raise CommandError(f"{job.message}{advice(job) if held else ''}", returncode=HELD if held else 1)

    def told(self, job: Job, *, as_json: bool) -> dict[str, Any]:
        """What is said of a job that is done: its result; a command that knows more of it overrides it."""
        return dict(job.result)

    def judge(self, job: Job) -> None:
        """Say what is wrong with what a job that is done has found; a command that can find something overrides it."""

    def _say(self, facts: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(facts))
            return
        for name, value in facts.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {worded(value)}")


def advice(job: Job) -> str:
    """What can be done about a job that is held."""
    let_pass = " Nothing was written. Add --yes to let it pass." if job.guards else ""
    if "proposal_file" not in job.result:
        return let_pass
    path = settings.VAR_DIR / job.result["proposal_file"]
    if not path.exists():
        # The worker that wrote it has another disk.
        path.parent.mkdir(exist_ok=True)
        path.write_text(job.result["proposal"], encoding="utf-8")
    return f"{let_pass} What they may mean is proposed in {path}: correct it, and load the file with --columns {path}"


def outcome(job: Job) -> dict[str, Any]:
    """What there is to know of a job that is not done; of a held load also the lines that it would leave out."""
    facts: dict[str, Any] = {"job": job.pk, "state": job.state, "error": job.message, "guards": job.guards}
    page = queries.job(actor=MACHINE, job_id=job.pk)
    bad_lines = [asdict(line) for line in page.bad_lines] if page else []
    return {**facts, **job.result, **({"bad_lines": bad_lines} if bad_lines else {})}


def perform_here(job: Job) -> Job:
    """Do a job in this process, which gets no more memory than one of a worker, with a progress bar for who watches."""
    limit(settings.WORKER_MEMORY)
    console = Console(stderr=True)
    with Progress(console=console, disable=not sys.stderr.isatty(), transient=True) as bar:
        line = bar.add_task(job.title, total=1.0)
        return operations.perform(
            actor=MACHINE,
            job_id=job.pk,
            progress=lambda stage, share: bar.update(line, description=stage, completed=share),
        )


def worded(value: Any) -> str:
    """A value as people read it: thousands separated, lists in one line, nothing as a dash."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(worded(item) for item in value) or "-"
    if isinstance(value, dict):
        return "; ".join(f"{key} {worded(item)}" for key, item in value.items()) or "-"
    return str(value) if value not in (None, "") else "-"


def day(text: str) -> date:
    """A date given on the command line, YYYY-MM-DD. Raises ValueError, which argparse words."""
    return date.fromisoformat(text)


def own_lake() -> None:
    """Raises ForeignLake where what is about to be started would work on the lake of another database."""
    operations.own_lake(actor=MACHINE)
