"""A day's work: load its files in the right order, reconcile, export."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reconcile.feeds.order import in_order
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.management.console import HELD, PlainCommand, outcome, perform_here, worded
from reconcile.models import Job

EXIT = {Job.State.DONE: 0, Job.State.HELD: HELD}
"""Anything else has failed: 1."""


class Command(PlainCommand):
    help = (
        "Load a day's files in the right order, reconcile and export. Stops at a file that is held or fails. "
        "Exit code 0: done; 1: something failed; 3: something is held for a person's word."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, nargs="+", metavar="FILE|FOLDER", help="files, or a folder of them")
        parser.add_argument("--go-on", action="store_true", help="go on after a file that is held or fails")
        parser.add_argument("--yes", action="store_true", help="answer yes to a guard")
        parser.add_argument("--out", type=Path, help="where the CSV goes (default: VAR_DIR/exports)")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        files, passed_over = _files(options["path"])
        told: dict[str, Any] = {"files": [], "passed_over": [path.name for path in passed_over], "not_loaded": []}
        for path in passed_over:
            self.stderr.write(f"{path.name} is no industry file that can be loaded; it is passed over.")
        troubles: list[Job] = []
        for number, path in enumerate(files):
            job = self._do(self._load(path, options["yes"]), told["files"], options["json"], {"name": path.name})
            troubles += [job] if job.state != Job.State.DONE else []
            if troubles and not options["go_on"]:
                told["not_loaded"] = [path.name for path in files[number + 1 :]]
                break
        if not troubles or options["go_on"]:
            troubles += self._reconcile_and_export(told, options)
        self._end(told, troubles, as_json=options["json"])

    def _load(self, path: Path, yes: bool) -> Job:
        return operations.start_load(actor=MACHINE, path=path, name=path.name, every_guard=yes, now=timezone.now())

    def _reconcile_and_export(self, told: dict[str, Any], options: dict[str, Any]) -> Iterator[Job]:
        """Gives the job that did not end well, if there is one."""
        steps: list[dict[str, Any]] = []
        job = self._do(
            operations.start_reconcile(actor=MACHINE, every_guard=options["yes"], now=timezone.now()),
            steps,
            options["json"],
        )
        told["run"] = steps[-1]
        if job.state == Job.State.DONE:
            target = options["out"].resolve() if options["out"] else None
            job = self._do(
                operations.start_export(actor=MACHINE, query="", target=target, now=timezone.now()),
                steps,
                options["json"],
            )
            told["export"] = steps[-1]
        if job.state != Job.State.DONE:
            yield job

    def _do(self, job: Job, told: list[dict[str, Any]], quiet: bool, more: dict[str, Any] | None = None) -> Job:
        """Do a job here and remember what it gave."""
        job = perform_here(job)
        done = {"job": job.pk, **job.result} if job.state == Job.State.DONE else outcome(job)
        told.append({**(more or {}), **done})
        if not quiet:
            facts = {name: value for name, value in done.items() if name in SAID and value not in (None, "", [], {})}
            self.stdout.write(f"{job.title}: {job.get_state_display().lower()}. {_in_line(facts)}".rstrip())
        return job

    def _end(self, told: dict[str, Any], troubles: list[Job], *, as_json: bool) -> None:
        codes = [EXIT.get(Job.State(job.state), 1) for job in troubles]
        worst = 1 if 1 in codes else max(codes, default=0)
        if as_json:
            self.stdout.write(json.dumps({"state": {0: "done", 1: "failed", HELD: "held"}[worst], **told}))
        if not troubles:
            return
        words = " ".join(f"{job.title} is {job.state}: {job.message}" for job in troubles)
        if told["not_loaded"]:
            words += f" Not loaded after that: {', '.join(told['not_loaded'])}."
        if "run" not in told:
            words += " Nothing was reconciled."
        raise CommandError(words, returncode=worst)


SAID = ("rows", "rejects", "duplicate", "as_of", "points", "mismatches", "new", "resolved", "file")
"""What a person is told of each step."""


def _in_line(facts: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {worded(value)}" for name, value in facts.items())


def _files(given: list[Path]) -> tuple[list[Path], list[Path]]:
    """The files of a day in the order of loading, and those in folders that are none; one that was named is one.

    Raises CommandError where one is not there, or there is none.
    """
    if missing := [path for path in given if not path.exists()]:
        raise CommandError(f"There is no file or folder {missing[0]}.")
    within = [path for folder in given if folder.is_dir() for path in folder.iterdir()]
    seen = [path.resolve() for path in within if path.is_file() and not path.name.startswith(".")]
    named = [path.resolve() for path in given if path.is_file()]
    files, others = in_order(dict.fromkeys([*seen, *named]))
    files += [path for path in others if path in named]
    if not files:
        raise CommandError("There is no industry file in what was given. Nothing was loaded or reconciled.")
    return files, [path for path in others if path not in named]
