"""What another reading of the flag would change."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile.domain.policies import OTHERS, POLICIES, UnknownPolicy
from reconcile.ledger import operations, queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import MACHINE
from reconcile.management.console import PlainCommand, perform_here, worded
from reconcile.models import Job

NAMES = f"one of {', '.join((*POLICIES, *OTHERS))}, or mp077 with open cases read one way, as in mp077:paused=N"


def write(found: queries.WhatIf, target: Path) -> None:
    """Write the Meter Points, and a manifest beside them, as an export does. Raises CommandError."""
    if not target.parent.is_dir():
        raise CommandError(f"{target} cannot be written: {target.parent} is no folder.")
    wanted = operations.ChangesWanted(found.policy.name, found.against.name, found.run.pk)
    job = perform_here(operations.start_what_if(actor=MACHINE, wanted=wanted, target=target, now=timezone.now()))
    if job.state != Job.State.DONE:
        raise CommandError(job.message)


class Command(PlainCommand):
    help = "Say which expected flags another policy would change, of all Meter Points of a run. Nothing is published."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--policy", required=True, help=NAMES)
        parser.add_argument("--against", default="", help="the policy that it is compared with; the run's if not given")
        parser.add_argument("--run", type=int, help="the run whose Meter Points are looked at; the newest if not given")
        parser.add_argument("--out", type=Path, help="a CSV file for the Meter Points whose expected flag changes")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = queries.what_if(
                scope=EVERYTHING, policy=options["policy"], against=options["against"], run_id=options["run"]
            )
            if found is None:
                raise CommandError(f"There is no run {options['run']}." if options["run"] else "There is no run yet.")
        except (UnknownPolicy, queries.NotThere) as problem:
            raise CommandError(str(problem)) from problem
        if options["out"]:
            write(found, options["out"].resolve())
        self._say(found.as_json(), as_json=options["json"])

    def _say(self, facts: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(facts))
            return
        for name, value in facts.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {worded(value)}")
