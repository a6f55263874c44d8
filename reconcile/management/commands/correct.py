"""Write the files to registration that put flags right."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile.ledger import operations, queries
from reconcile.ledger.actors import MACHINE
from reconcile.management.console import JobCommand


class Command(JobCommand):
    help = (
        "Write correction files for registration: a D0350 for each distributor, a DXI for each gas network, "
        "corrections.csv and manifest.json. Without --yes, only say how many there would be."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument("--query", default="", help="which discrepancies, as in a list's address; all open ones")
        parser.add_argument("--limit", type=int, help="lines of a file, at most; CORRECTION_LINES if not given")
        parser.add_argument("--yes", metavar="COUNT", type=int, help="approve exactly so many corrections")

    def handle(self, *args: Any, **options: Any) -> None:
        query, most, now = options["query"].lstrip("?"), options["limit"], timezone.now()
        try:
            if options["yes"] is None:
                found = queries.foreseen_corrections(actor=MACHINE, query=query, most=most, now=now)
                return self._say(found.plan.as_json(), as_json=options["json"])
            job = operations.start_correction(
                actor=MACHINE, query=query, count=options["yes"], most=most, target=options["folder"].resolve(), now=now
            )
        except operations.WorkError as error:
            raise CommandError(str(error)) from error
        return self.finish(job, queued=options["queue"], as_json=options["json"])
