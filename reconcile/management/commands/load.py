"""Load industry files."""

import json
import logging
import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from dccflags.logs import file_name
from reconcile.feeds import FEEDS, BadColumns, ColumnMap, checked, of_toml
from reconcile.ledger import operations, queries, uploads
from reconcile.ledger.actors import MACHINE
from reconcile.management.console import JobCommand, day

logger = logging.getLogger(__name__)


class Command(JobCommand):
    help = "Load industry files, one after the other. A bad one does not stop the rest."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, nargs="+")
        parser.add_argument("--kind", choices=list(FEEDS), help="what the file is; worked out from it if not given")
        parser.add_argument("--as-of", type=day, help="the day that the file shows (YYYY-MM-DD)")
        coverage = parser.add_mutually_exclusive_group()
        coverage.add_argument(
            "--full", dest="coverage", action="store_const", const="full", help="it replaces what was loaded before"
        )
        coverage.add_argument(
            "--delta", dest="coverage", action="store_const", const="delta", help="it updates what was loaded before"
        )
        parser.add_argument(
            "--columns", metavar="NAME|FILE", help="what the headings mean: a columns file (TOML), or a kept name"
        )
        parser.add_argument("--yes", action="store_true", help="answer yes to a guard")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = [path.resolve() for path in options["file"]]
        missing = next((path for path in paths if not path.is_file()), None)
        if missing:
            raise CommandError(f"There is no file {missing}.")
        options["said"] = said(options["columns"]) if options["columns"] else None
        if len(paths) == 1:
            self._load(paths[0], options)
            return
        troubled = [code for code in [self._try(path, options) for path in paths] if code]
        if troubled:
            raise CommandError(f"{len(troubled)} of {len(paths)} files were not loaded.", returncode=max(troubled))

    def _try(self, path: Path, options: dict[str, Any]) -> int:
        """Load one of several files, of which none stops the rest, whatever is wrong with it; gives its exit code."""
        name = shown(path)
        if not options["json"]:
            self.stdout.write(self.style.MIGRATE_HEADING(name))
        try:
            self._load(path, options)
        except CommandError as error:
            self.stderr.write(f"{name}: {error}")
            return error.returncode
        except Exception as error:
            logger.exception("Loading %s", file_name(name))
            words = f"{type(error).__name__}: {error}".splitlines()[0]
            self.stderr.write(f"{name}: {words}")
            if options["json"]:
                self.stdout.write(json.dumps({"state": "failed", "error": words}))
            return 1
        return 0

    def _load(self, path: Path, options: dict[str, Any]) -> None:
        job = operations.start_load(
            actor=MACHINE,
            path=uploads.passed_on(readable(path)) if options["queue"] else readable(path),
            name=shown(path),
            kind=options["kind"],
            as_of=options["as_of"],
            coverage=options["coverage"],
            said=options["said"],
            every_guard=options["yes"],
            now=timezone.now(),
        )
        self.finish(job, queued=options["queue"], as_json=options["json"])


def said(columns: str) -> ColumnMap:
    """What headings mean: as a file says, or as was kept under a name. Raises CommandError."""
    path = Path(columns)
    kept = queries.kept_columns(actor=MACHINE)
    named = next((one for one in kept if one.name == columns), None)
    if path.is_file():
        try:
            return checked(of_toml(path.read_bytes()))
        except (BadColumns, OSError) as problem:
            raise CommandError(f"{columns}: {problem}") from problem
    if named is None:
        names = ", ".join(one.name for one in kept) or "none"
        raise CommandError(f"{columns} is no file and no name of kept columns. Kept: {names}.")
    return named.said


def shown(path: Path) -> str:
    """The file's name as text, whatever its bytes."""
    return os.fsencode(path.name).decode(errors="replace")


def readable(path: Path) -> Path:
    """The path, or a link to it where no database and no engine could write the path down: it is not UTF-8."""
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError:
        link = uploads.new_place()
        link.symlink_to(path)
        return link
    return path
