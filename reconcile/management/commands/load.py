"""Load one industry file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile import tasks
from reconcile.feeds import FEEDS
from reconcile.ledger import operations
from reconcile.management.console import JobCommand, day


class Command(JobCommand):
    help = "Load one industry file: registration flags, flag updates, responses, or an inventory export."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", choices=list(FEEDS), help="what the file is; worked out from it if not given")
        parser.add_argument("--as-of", type=day, help="the day that the file shows (YYYY-MM-DD)")
        coverage = parser.add_mutually_exclusive_group()
        coverage.add_argument("--full", dest="coverage", action="store_const", const="full", help="replaces")
        coverage.add_argument("--delta", dest="coverage", action="store_const", const="delta", help="updates")
        parser.add_argument("--yes", action="store_true", help="answer yes to a guard")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"].resolve()
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        start = tasks.queue_load if options["queue"] else operations.start_load
        job = start(
            path=path,
            name=path.name,
            kind=options["kind"],
            as_of=options["as_of"],
            coverage=options["coverage"],
            every_guard=options["yes"],
            by=None,
            now=timezone.now(),
        )
        self.finish(job, queued=options["queue"], as_json=options["json"])
