"""Compare the snapshots with their checksums."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.management.console import JobCommand
from reconcile.models import Job


class Command(JobCommand):
    help = "Read every snapshot and say which are damaged or missing, and what to do. Exit code 1 if any is."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--sample", action="store_true", help="only those not read for longest, up to VERIFY_BYTES, as every night"
        )

        parser.add_argument("--take-lake", action="store_true", help="make the lake that of this database first")

    def handle(self, *args: Any, **options: Any) -> None:
        operations.own_lake(actor=MACHINE, take=options["take_lake"])
        job = operations.start_verify(actor=MACHINE, sample=options["sample"], now=timezone.now())
        self.finish(job, queued=options["queue"], as_json=options["json"])

    def judge(self, job: Job) -> None:
        """Raises CommandError where a snapshot is not whole."""
        if damaged := job.result["damaged"]:
            raise CommandError(" ".join(damaged))
