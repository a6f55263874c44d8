"""Registration extracts as JSON: records in a list or a line each, whatever they are wrapped in.

In: an Intake. Out: the Reading of the table that the records make, see registration. Called through FEEDS.
"""

import csv
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from reconcile.domain.blanks import trimmed
from reconcile.domain.tables import Table

from ..contract import BadFile, Feed, Intake, Reading
from ..files.headings import simplified
from ..files.intake import take_in
from ..files.json_stream import CLASH, json_values, text_of
from . import registration

BEGINNING = 64 * 1024
"""Characters in which the first record names its flag."""
DEEPEST = 20
FLAG = {simplified(name) for names in registration.ALIASES["flag"] for name in names}


class RegistrationJson(Feed):
    """A registration extract as JSON."""

    def recognises(self, intake: Intake) -> bool:
        """JSON that names the DCC Service Flag."""
        start = "\n".join(intake.head)[:BEGINNING]
        return trimmed(start).startswith(("{", "[")) and any(name in simplified(start) for name in FLAG)

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """As of the table with a record a line, below a line of their names. Raises BadFile."""
        names = list(dict.fromkeys(name for record in _records(intake.path) for name in record))
        if not names:
            raise BadFile("The JSON holds no record with a DCC Service Flag. Load a list of records, or one a line.")
        table = workdir / f"{uuid.uuid4().hex}.csv"
        with table.open("w", encoding="utf-8", errors="replace", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([record.get(name, "") for name in names] for record in _records(intake.path))
        taken = take_in(table, workdir, intake.name)
        return replace(registration.FEED.begin(con, taken, workdir), feed=self)


def _records(path: Path) -> Iterator[dict[str, str]]:
    for line, value in json_values(path):
        yield from _within(value, line)


def _within(value: Any, line: int, depth: int = 0) -> Iterator[dict[str, str]]:
    """The records of a value: objects that name a flag, in whatever they are wrapped."""
    if depth > DEEPEST:
        raise BadFile(f"The JSON is nested too deep (line {line:,}). Load a list of records.")
    if isinstance(value, dict) and not FLAG.isdisjoint(map(simplified, value)):
        yield dict(_flat(value))
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _within(inner, line, depth + 1)


def _flat(record: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """The values of a record by their names; those of an object in it by names with a dot. Lists are passed over."""
    for name, value in record.items():
        if isinstance(value, dict) and not before:
            yield from _flat(value, f"{name}.")
        elif value is CLASH:
            yield before + name, "stands twice, with different values"
        elif not isinstance(value, dict | list):
            yield before + name, " ".join(text_of(value).replace("\0", " ").split())


FEED = RegistrationJson("registration_json", Table.FLAGS, "full")
