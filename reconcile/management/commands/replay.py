"""Judge the kept history again, day by day, under any policy."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile.domain.policies import DEFAULT_POLICY
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import MACHINE
from reconcile.management.commands.what_if import NAMES
from reconcile.management.console import JobCommand, day
from reconcile.models import Job


class Command(JobCommand):
    help = "Judge every day of the kept history under a policy: lateness, wrong-days, flag changes. Publishes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--from", type=day, required=True, dest="first", help="the first day (YYYY-MM-DD)")
        parser.add_argument("--to", type=day, required=True, dest="last", help="the last day (YYYY-MM-DD)")
        parser.add_argument("--policy", default=DEFAULT_POLICY.name, help=NAMES)
        parser.add_argument("--out", type=Path, help="a CSV file: a row for each day, Network Party and supplier")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            job = operations.start_replay(
                actor=MACHINE,
                first=options["first"],
                last=options["last"],
                policy=options["policy"],
                now=timezone.now(),
            )
        except operations.OperationError as error:
            raise CommandError(str(error)) from error
        self.out = options["out"]
        self.finish(job, queued=options["queue"], as_json=options["json"])

    def told(self, job: Job, *, as_json: bool) -> dict[str, Any]:
        """The sums, and with --json every day and party."""
        facts = {name: value for name, value in job.result.items() if name != "replayed"}
        try:
            found = queries.replayed(actor=MACHINE, job_id=job.pk)
            if self.out:
                facts["rows"] = queries.replayed_csv(actor=MACHINE, job_id=job.pk, target=self.out)
        except queries.NotThere as problem:
            raise CommandError(str(problem)) from problem
        except OSError as error:
            raise CommandError(f"{self.out} cannot be written: {error.strerror}.") from error
        return {**facts, **(found.as_json() if found and as_json else {})}
