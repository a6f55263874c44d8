"""manage.py make_sample DIR --meter-points N [--days D] [--seed S]: a sample market as files.

In: a folder and sizes. Out: files; with --json the summary on stdout. Load a folder's files in this order:
registration_*, smi_*, then the overnight ones.
"""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from reconcile.sample.make import LAST_DAY, SampleError, make_sample


class Command(BaseCommand):
    """Make a believable market of any size, with planted discrepancies and the truth about them."""

    help = "Make a sample market as files of the industry, a folder a day, with truth.csv of what was planted."
    requires_system_checks: list[str] = []  # it touches neither database nor pages

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The sizes of the market."""
        parser.add_argument("folder", type=Path, metavar="DIR", help="where to write; made if it is not there")
        parser.add_argument("--meter-points", type=int, required=True, metavar="N", help="how many Meter Points")
        parser.add_argument("--days", type=int, default=6, metavar="D", help="how many weekly days (default 6)")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed makes the same files")
        parser.add_argument(
            "--last-day", type=date.fromisoformat, default=LAST_DAY, metavar="DATE", help=f"default {LAST_DAY}"
        )
        parser.add_argument(
            "--meters-only", action="store_true", help="only the full extracts, and in them no device but smart meters"
        )
        parser.add_argument(
            "--supplier",
            metavar="MPID",
            help="the market of one supplier: its points, with a D0204 of each distributor",
        )
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the sample, with a progress bar on a terminal."""
        console = Console(stderr=True)
        with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
            task = bar.add_task("Making the sample", total=1.0)
            try:
                summary = make_sample(
                    options["folder"],
                    points=options["meter_points"],
                    days=options["days"],
                    seed=options["seed"],
                    last_day=options["last_day"],
                    meters_only=options["meters_only"],
                    supplier=options["supplier"],
                    progress=lambda fraction, words: bar.update(task, completed=fraction, description=words),
                )
            except SampleError as error:
                raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(summary) if options["json"] else self._words(summary, options["folder"]))

    def _words(self, summary: dict[str, Any], folder: Path) -> str:
        lines = [
            f"{day['as_of']}: {day['points']:,} Meter Points in registration"
            + (f", {day['discrepancies']:,} discrepancies" if "discrepancies" in day else "")
            for day in summary["days"]
        ]
        return "\n".join([*lines, f"Written to {folder}"])
