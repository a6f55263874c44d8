"""Explain one meter point through every step."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from reconcile.domain.vocabulary import parse_mpxn
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.management.console import PlainCommand


class Command(PlainCommand):
    help = "Say in words how one Meter Point is judged, with its flag, its meters and the rule."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("mpxn")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            mpxn = parse_mpxn(options["mpxn"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        told = self._json(mpxn) if options["json"] else self._words(mpxn)
        if not told:
            raise CommandError(f"Neither registration nor the inventory of the last run knows {mpxn}.")
        self.stdout.write(told)

    def _json(self, mpxn: int) -> str:
        found = queries.explained(scope=EVERYTHING, mpxn=mpxn)
        return json.dumps(found) if found else ""

    def _words(self, mpxn: int) -> str:
        found = queries.meter_point(scope=EVERYTHING, mpxn=mpxn)
        steps = found.trace.steps if found and found.trace else []
        return "\n".join(f"{title}\n    {words}" for title, words in steps)
