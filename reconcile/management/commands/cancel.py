"""Cancel jobs."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE, NotAllowed
from reconcile.management.console import PlainCommand


class Command(PlainCommand):
    help = "End a job before it is done: at once where it waits, within seconds where it runs. Nothing of it stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("job", type=int, help="its number, as its page's address has it")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            job = operations.cancel(actor=MACHINE, job_id=options["job"], now=timezone.now())
        except (operations.OperationError, NotAllowed) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"job": job.pk, "state": job.state}))
        else:
            words = "was told to stop" if job.cancel_asked_at else "is cancelled"
            self.stdout.write(f"Job {job.pk} ({job.title}) {words}.")
