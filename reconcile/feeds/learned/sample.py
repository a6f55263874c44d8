"""The beginning of a table whose headings are not known: its heading line, and what stands below it.

In: an Intake. Out: a Sample, of a bounded number of bytes and lines. Called by guess, and by the door of feeds.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reconcile.domain.blanks import trimmed

from ..contract import ColumnMap, Intake
from ..files.bytecheck import DOCUMENTS, SEPARATOR
from ..files.headings import Aliases, heading_line, places_of
from ..files.json_table import table_of_json
from .evidence import looks_like_data

LINES, BYTES = 1_000, 2 * 1024 * 1024
"""So much of a file is looked at before a person has said what it is."""
FRAMES = ("ZHV", "A00")
"""What a file begins with that is framed, and has no headings."""
LEAST_FILLED = 0.5
"""The share of the values of a heading line that are filled."""


@dataclass(frozen=True)
class Sample:
    """`headings` stand in the `heading_at`th line, `rows` below it; `text` is all of that as it stands.

    `whole`: there is no more of the file than that.
    """

    headings: list[str]
    heading_at: int
    rows: list[list[str]]
    text: str
    whole: bool

    def values(self, place: int) -> list[str]:
        """What stands in a column, blanks aside."""
        return list(filter(None, (trimmed(row[place]) for row in self.rows if place < len(row))))


def as_table(intake: Intake, workdir: Path, most: int | None = None) -> Intake | None:
    """A file of delimited lines, or the table that the records of JSON make, `most` of them; None for anything else."""
    begins = next(filter(None, map(trimmed, intake.head)), "")
    if begins.startswith(("{", "[")):
        return table_of_json(intake, workdir, most=most)
    is_framed = begins.strip('"').startswith(FRAMES)
    return None if begins.startswith(DOCUMENTS) or is_framed or not intake.delimiter else intake


def sample_of(table: Intake, every: list[Aliases], said: ColumnMap | None = None) -> Sample | None:
    """The beginning of a table; None where it has no heading line. `every`: the headings of all kinds of tables."""
    text, whole = _beginning(table.path)
    lines = list(_taken_apart(text, table.delimiter or ","))
    at = heading_line(table, every[0], said) if said else _heading_at(lines[: len(table.head)], every)
    if at is None:
        return None
    return Sample(lines[at], at + 1, [row for row in lines[at + 1 :] if any(map(trimmed, row))], text, whole)


def _beginning(path: Path) -> tuple[str, bool]:
    """The first whole lines of a text, and whether there are no others."""
    with path.open("rb") as stream:
        data = stream.read(BYTES)
        more = bool(stream.read(1))
    lines = data.decode("utf-8-sig", "replace").splitlines(keepends=True)
    if more and len(lines) > 1:
        lines.pop()
    return "".join(lines[:LINES]), not more and len(lines) <= LINES


def _taken_apart(text: str, delimiter: str) -> Iterator[list[str]]:
    for line in text.split("\n"):
        try:
            yield next(csv.reader([line.rstrip("\r")], delimiter=delimiter), [])
        except csv.Error:
            yield []


def _heading_at(lines: list[list[str]], every: list[Aliases]) -> int | None:
    """The line with the most headings that we know; else the first that is filled and holds no data."""
    width = max(map(len, lines), default=0)
    candidates = [at for at, line in enumerate(lines) if _may_be_headings(line, width)]
    if not candidates:
        return None
    return max(candidates, key=lambda at: (max(len(places_of(lines[at], aliases)) for aliases in every), -at))


def _may_be_headings(line: list[str], width: int) -> bool:
    filled = list(filter(None, map(trimmed, line)))
    if len(filled) < max(2, width * LEAST_FILLED) or SEPARATOR.fullmatch(line[0]):
        return False
    return not any(looks_like_data(one) for one in filled)
