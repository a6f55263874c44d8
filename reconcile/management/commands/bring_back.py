"""Bring thinned snapshots back out of the trash."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile.ledger import operations, queries
from reconcile.ledger.actors import MACHINE
from reconcile.management.console import PlainCommand


class Command(PlainCommand):
    help = (
        "Bring thinned snapshots back out of the trash, until the next tidying; without a name, list what lies there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="*", help="a name in the lake, as the list has it")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["name"]:
            self._list(as_json=options["json"])
            return
        try:
            back = operations.bring_back(actor=MACHINE, names=options["name"], now=timezone.now())
        except operations.OperationError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps({"back": back}) if options["json"] else f"Back in the lake: {', '.join(back)}")

    def _list(self, *, as_json: bool) -> None:
        lying = queries.storage(actor=MACHINE, now=timezone.now()).trash
        if as_json:
            facts = [{"name": one.name, "of": of, "removed_at": one.at.isoformat()} for of, one in lying]
            self.stdout.write(json.dumps({"trash": facts}))
            return
        for of, one in lying:
            self.stdout.write(f"{one.name}  {of}  removed {one.at:%-d %b %Y %H:%M} UTC")
        if not lying:
            self.stdout.write("The trash is empty.")
