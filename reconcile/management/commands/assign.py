"""Load a file of assignments back, as somebody of the party whose work it is."""

from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile.ledger import operations, queries, uploads
from reconcile.ledger.actors import Actor, NotAllowed, actor_for
from reconcile.management.console import JobCommand
from reconcile.models import AuditEntry


class Command(JobCommand):
    help = (
        "Do what a file of assignments says: mpxn, rule, assignee, work_state, raised_to, reference, note, as the "
        "discrepancy CSV has them. Without --yes, only say what it would change."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="who", required=True, help="the user name of whoever's party works on it")
        parser.add_argument("--yes", action="store_true", help="do it; without, nothing is changed")

    def handle(self, *args: Any, **options: Any) -> None:
        actor, path = _actor(options["who"]), options["file"].resolve()
        try:
            plan = queries.work_file_plan(actor=actor, path=path)
            if not options["yes"] or not plan.wishes:
                return self._say({"state": "looked at", **plan.as_json()}, as_json=options["json"])
            made = operations.load_assignments(
                actor=actor,
                path=uploads.passed_on(path) if options["queue"] else path,
                name=path.name,
                count=len(plan.wishes),
                now=timezone.now(),
            )
        except (operations.WorkError, operations.TooManyJobs, NotAllowed) as error:
            raise CommandError(str(error)) from error
        if isinstance(made, AuditEntry):
            return self._say({"entry": made.pk, "changed": made.rows}, as_json=options["json"])
        return self.finish(made, queued=options["queue"], as_json=options["json"])


def _actor(name: str) -> Actor:
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise CommandError(f"Nobody is called {name} here.")
    return actor_for(user)
