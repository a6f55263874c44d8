"""Restore a backup."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.management.console import PlainCommand, worded


class Command(PlainCommand):
    help = "Put a backup into an empty database and an empty lake, and bring it up to this version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            told = operations.restore(actor=MACHINE, folder=options["folder"].resolve())
        except operations.BackupError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write("\n".join(f"{name.replace('_', ' ')}: {worded(value)}" for name, value in told.items()))
        if told.get("damaged"):
            raise CommandError("It is whole but for what was damaged already: " + " ".join(told["damaged"]))
