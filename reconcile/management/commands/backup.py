"""Back everything up."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.management.console import PlainCommand, worded


class Command(PlainCommand):
    help = (
        "Copy the database, the lake, rejected lines and the secret key into a new folder. "
        "Exit code 1 if a snapshot was damaged already."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            told = operations.back_up(actor=MACHINE, folder=options["folder"].resolve(), now=timezone.now())
        except operations.BackupError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write("\n".join(f"{name.replace('_', ' ')}: {worded(value)}" for name, value in told.items()))
        if told.get("damaged"):
            raise CommandError("It is whole but for what was damaged already: " + " ".join(told["damaged"]))
