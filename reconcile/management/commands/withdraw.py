"""Withdraw an extract, or take that back."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile.ledger import operations, queries
from reconcile.ledger.actors import MACHINE, NotAllowed
from reconcile.management.console import PlainCommand


class Command(PlainCommand):
    help = (
        "Let no run read an extract any more, because it is wrong: nothing is deleted, and it can be taken back. "
        "Without --reason, only say what would change."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("extract", type=int, help="its number, as its page's address has it")
        parser.add_argument("--reason", default="", help="why, in words; it stays with the extract")
        parser.add_argument("--take-back", action="store_true", help="let runs read it again")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        facts = self._facts(options["extract"])
        if options["reason"] or options["take_back"]:
            mark = operations.take_back if options["take_back"] else operations.withdraw
            try:
                done = mark(actor=MACHINE, extract_id=options["extract"], reason=options["reason"], now=timezone.now())
            except (operations.OperationError, NotAllowed) as error:
                raise CommandError(str(error)) from error
            if done.job:
                operations.perform(actor=MACHINE, job_id=done.job.pk)
            facts["state"] = "counts" if options["take_back"] else "withdrawn"
        self.stdout.write(json.dumps(facts) if options["json"] else in_words(facts))

    def _facts(self, extract_id: int) -> dict[str, Any]:
        found = queries.withdrawing(actor=MACHINE, extract_id=extract_id, now=timezone.now())
        if found is None:
            raise CommandError(f"There is no extract {extract_id}.")
        return {
            "extract": extract_id,
            "name": found.extract.name,
            "state": "withdrawn" if found.standing else "counts",
            "runs": [run.pk for run in found.runs],
            "instead": {
                (one.network.code if one.network else "all"): one.extract.name if one.extract else None
                for one in found.instead
            },
            "resting": found.resting,
        }


def in_words(facts: dict[str, Any]) -> str:
    """What a person at a terminal reads."""
    instead = [
        f"For {'every Network Party' if network == 'all' else network} the next run reads {name or 'nothing'} instead."
        for network, name in facts["instead"].items()
    ]
    stands = "is withdrawn" if facts["state"] == "withdrawn" else "counts"
    read = f"{len(facts['runs'])} runs read it; {facts['resting']:,} open discrepancies were seen in nothing else."
    return "\n".join([f"Extract {facts['extract']} ({facts['name']}) {stands}.", read, *instead])
