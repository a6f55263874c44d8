"""Export the alerts of the queue as CSV."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import MACHINE
from reconcile.management.console import PlainCommand


class Command(PlainCommand):
    help = "Write the alerts of the queue to a CSV file: what each says, what is behind it now and was then, its storm."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", type=Path)
        parser.add_argument("--network", default="", help="distributor id or gas network's short name")
        parser.add_argument("--state", default="open", choices=("open", "all"), help="of the lines of the queue")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["network"] and not queries.is_party(kind="network", code=options["network"], scope=EVERYTHING):
            raise CommandError(f"There is no Network Party {options['network']} in anything that was loaded.")
        asked = queries.AlertsAsked(state=options["state"], network=options["network"])
        target: Path = options["out"].resolve()
        aside = target.with_name(f".{target.name}.part")
        target.parent.mkdir(parents=True, exist_ok=True)
        # Built aside, whole: what has the name that was asked for is complete.
        with aside.open("w", encoding="utf-8", newline="") as stream:
            lines = csv.writer(stream, lineterminator="\n")
            written = sum(lines.writerow(row) > 0 for row in queries.alert_rows(actor=MACHINE, asked=asked))
        digest = hashlib.sha256(aside.read_bytes()).hexdigest()
        aside.replace(target)
        facts = {"file": str(target), "rows": written - 1, "sha256": digest}
        text = json.dumps(facts) if options["json"] else "\n".join(f"{name}: {value}" for name, value in facts.items())
        self.stdout.write(text)
