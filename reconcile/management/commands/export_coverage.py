"""Export the Meter Points whose meter waits to be commissioned, with WAN coverage."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.management.console import PlainCommand


class Command(PlainCommand):
    help = "Write the work list of install and leave: which meters that wait can be commissioned now, or from when."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", type=Path)
        parser.add_argument("--supplier", default="", help="the supplier's MPID; all of them if not given")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        supplier = options["supplier"]
        if supplier and not queries.is_party(kind="supplier", code=supplier, scope=EVERYTHING):
            raise CommandError(f"There is no supplier {supplier} in anything that was loaded.")
        try:
            rows = queries.coverage_csv(scope=EVERYTHING, target=options["out"], supplier=supplier)
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written: {error.strerror or error}.") from error
        facts = {"rows": rows, "file": str(options["out"])}
        self.stdout.write(
            json.dumps(facts) if options["json"] else f"{rows:,} Meter Points written to {options['out']}"
        )
