"""Load industry files."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile import tasks
from reconcile.feeds import FEEDS
from reconcile.ledger import operations
from reconcile.management.console import JobCommand, day


class Command(JobCommand):
    help = "Load industry files: registration flags, flag updates, responses, or inventory exports."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, nargs="+")
        parser.add_argument("--kind", choices=list(FEEDS), help="what the file is; worked out from it if not given")
        parser.add_argument("--as-of", type=day, help="the day that the file shows (YYYY-MM-DD)")
        coverage = parser.add_mutually_exclusive_group()
        coverage.add_argument("--full", dest="coverage", action="store_const", const="full", help="replaces")
        coverage.add_argument("--delta", dest="coverage", action="store_const", const="delta", help="updates")
        parser.add_argument("--yes", action="store_true", help="answer yes to a guard")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = [path.resolve() for path in options["file"]]
        missing = next((path for path in paths if not path.is_file()), None)
        if missing:
            raise CommandError(f"There is no file {missing}.")
        if len(paths) == 1:
            self._load(paths[0], options)
            return
        troubled = [code for code in [self._try(path, options) for path in paths] if code]
        if troubled:
            raise CommandError(f"{len(troubled)} of {len(paths)} files were not loaded.", returncode=max(troubled))

    def _try(self, path: Path, options: dict[str, Any]) -> int:
        """Load one of several files, of which a bad one does not stop the rest; gives its exit code."""
        if not options["json"]:
            self.stdout.write(self.style.MIGRATE_HEADING(path.name))
        try:
            self._load(path, options)
        except CommandError as error:
            self.stderr.write(f"{path.name}: {error}")
            return error.returncode
        return 0

    def _load(self, path: Path, options: dict[str, Any]) -> None:
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
