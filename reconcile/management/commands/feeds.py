"""Say which files are late."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.management.console import PlainCommand


class Command(PlainCommand):
    help = "Say how often each network's extract and the inventory come, and which are late. Exit code 1 if any is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        found = queries.feeds(scope=EVERYTHING, now=timezone.now())
        if options["json"]:
            facts = [{**asdict(one), "newest": one.newest.isoformat()} for one in found]
            self.stdout.write(json.dumps({"feeds": facts}))
        else:
            self.stdout.write("\n".join(one.words for one in found) or "Nothing is loaded yet.")
        if late := [one.name for one in found if one.state != queries.ON_TIME]:
            raise CommandError(f"{len(late)} of {len(found)} feeds are late: {', '.join(late)}.")
