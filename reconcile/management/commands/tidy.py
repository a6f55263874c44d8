"""Thin old snapshots by the rule of retention."""

from typing import Any

from django.utils import timezone

from reconcile import tasks
from reconcile.ledger import operations
from reconcile.management.console import JobCommand


class Command(JobCommand):
    help = "Thin old snapshots by the rule of KEEP_DAYS and KEEP_MONTHS. The Storage page shows what it will do."

    def handle(self, *args: Any, **options: Any) -> None:
        start = tasks.queue_tidy if options["queue"] else operations.start_tidy
        self.finish(start(by=None, now=timezone.now()), queued=options["queue"], as_json=options["json"])
