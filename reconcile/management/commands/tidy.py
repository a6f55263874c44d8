"""Thin old snapshots by the rule of retention."""

from typing import Any

from django.utils import timezone

from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.management.console import JobCommand


class Command(JobCommand):
    help = "Thin old snapshots by the rule of KEEP_DAYS and KEEP_MONTHS. The Storage page shows what it will do."

    def handle(self, *args: Any, **options: Any) -> None:
        job = operations.start_tidy(actor=MACHINE, now=timezone.now())
        self.finish(job, queued=options["queue"], as_json=options["json"])
