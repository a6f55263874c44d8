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
        found = queries.meter_point(scope=EVERYTHING, mpxn=mpxn)
        if found is None or found.trace is None:
            raise CommandError(f"Neither registration nor the inventory of the last run knows {mpxn}.")
        if options["json"]:
            self.stdout.write(json.dumps(queries.explained(found)))
            return
        for title, words in found.trace.steps:
            self.stdout.write(f"{title}\n    {words}")
