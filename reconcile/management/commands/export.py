"""Export discrepancies as CSV."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.http import QueryDict
from django.utils import timezone

from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.management.console import JobCommand


class Command(JobCommand):
    help = "Write discrepancies to a CSV file, with a manifest beside it that proves it complete."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("out", type=Path)
        parser.add_argument("--run", type=int, help="what this run found; the ledger as it stands if not given")
        parser.add_argument("--rule", action="append", default=[])
        parser.add_argument("--network", action="append", default=[], help="distributor id or gas network's short name")
        parser.add_argument("--supplier", action="append", default=[], help="the supplier's MPID")
        parser.add_argument("--state", default="open", help="open, all, new, ongoing, regressed or resolved")

    def handle(self, *args: Any, **options: Any) -> None:
        query = QueryDict(mutable=True)
        for name in ("rule", "network", "supplier"):
            query.setlist(name, options[name])
        query["state"] = options["state"]
        job = operations.start_export(
            actor=MACHINE,
            query=query.urlencode(),
            run=options["run"],
            target=options["out"].resolve(),
            now=timezone.now(),
        )
        self.finish(job, queued=options["queue"], as_json=options["json"])
