"""Reconcile registration with the inventory."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile.domain.policies import DEFAULT_POLICY, POLICIES
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.management.console import JobCommand, day


class Command(JobCommand):
    help = "Compare the registered flags with the inventory and publish a run."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--as-of", type=day, help="the day to reconcile (YYYY-MM-DD); the newest extract's if not given"
        )
        parser.add_argument("--policy", default=DEFAULT_POLICY.name, help=f"one of {', '.join(POLICIES)}")
        parser.add_argument("--yes", action="store_true", help="answer yes to a guard")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            job = operations.start_reconcile(
                actor=MACHINE,
                as_of=options["as_of"],
                policy=options["policy"],
                every_guard=options["yes"],
                now=timezone.now(),
            )
        except operations.OperationError as error:
            raise CommandError(str(error)) from error
        self.finish(job, queued=options["queue"], as_json=options["json"])
