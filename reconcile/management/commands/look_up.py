"""Look up many Meter Points or devices: can they answer?"""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from reconcile.domain.pasted import Pasted, read_pasted
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.queries import MOST_LOOKED_UP, LookedUp
from reconcile.management.console import PlainCommand

MARKS_OF_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Command(PlainCommand):
    help = "Say of each MPAN, MPRN or device identifier of a text whether a smart meter there can answer, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", default="-", help="any text or CSV; - or nothing for standard input")
        parser.add_argument("--json", action="store_true", help="one JSON object a line, in the order given")

    def handle(self, *args: Any, **options: Any) -> None:
        pasted = read_pasted(_text(options["file"]))
        for start in range(0, len(pasted.items), MOST_LOOKED_UP):
            part = Pasted(pasted.items[start : start + MOST_LOOKED_UP], pasted.columns)
            found = queries.look_up(scope=EVERYTHING, pasted=part)
            if found.run is None:
                raise CommandError("Nothing has been reconciled yet. Run: manage.py reconcile")
            for row in found.rows:
                self.stdout.write(json.dumps(found.as_json(row)) if options["json"] else _line(row))


def _text(file: str) -> str:
    """What a file or standard input holds. Raises CommandError."""
    try:
        given = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    encoding = "utf-16" if given.startswith(MARKS_OF_UTF_16) else "utf-8-sig"
    try:
        return given.decode(encoding)
    except UnicodeDecodeError:
        return given.decode("cp1252", errors="replace")


def _line(row: LookedUp) -> str:
    flag = f"; flag {row.flag or 'none'}, right: {row.flag_right}" if row.shows else ""
    return f"{row.asked.text}: {row.answer.value}: {row.why}{flag}"
