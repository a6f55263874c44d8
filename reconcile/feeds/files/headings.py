"""The heading line of a delimited file: where it is, its delimiter, and which column means what.

In: an Intake and the aliases that a format understands. Out: a Table to scan. Called by registration and smi.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..contract import BadFile, Intake
from .bytecheck import delimiter_of
from .scans import scan

Aliases = Mapping[str, tuple[str, ...]]
"""What a column means -> the headings it may have, the preferred one first."""


@dataclass(frozen=True)
class Table:
    """A delimited file: `columns` maps a meaning to c0, c1, ...; `names` to the heading as it stands in the file."""

    intake: Intake
    delimiter: str
    line: int
    width: int
    columns: dict[str, str]
    names: dict[str, str]
    warnings: list[str] = field(default_factory=list)

    @property
    def records(self) -> int:
        """Lines after the heading line that are not blank."""
        return self.intake.lines - self.intake.blank - 1

    def scan(self, aside: Path | None = None, *, keep_rejects: bool = False) -> str:
        """Every line after the heading, or every line of a file of lines set aside, as `read_csv`."""
        return scan(
            aside or self.intake.path,
            self.width,
            delimiter=self.delimiter,
            quote='"',
            skip=0 if aside else self.line,
            keep_rejects=keep_rejects,
        )


def simplified(heading: str) -> str:
    """A heading without case, blanks and punctuation: DeviceID, device_id and Device ID are the same."""
    return re.sub("[^a-z0-9]", "", heading.lower())


def heading_line(intake: Intake) -> int:
    """The index in `head` of the first line that is not blank."""
    return next((at for at, line in enumerate(intake.head) if line.strip()), 0)


def headings(intake: Intake) -> list[str]:
    """The values of the heading line as they stand; none where it is no such line."""
    line = intake.head[heading_line(intake)]
    try:
        return next(csv.reader([line], delimiter=delimiter_of(line)), [])
    except csv.Error:
        return []


def meanings(intake: Intake, aliases: Aliases) -> set[str]:
    """Which of the meanings the heading line holds."""
    found = {simplified(name) for name in headings(intake)}
    return {meaning for meaning, names in aliases.items() if found & {simplified(name) for name in names}}


def table_of(intake: Intake, aliases: Aliases, needed: tuple[str, ...], kind: str) -> Table:
    """Find the columns. A needed one may occur once only; of the others the preferred one is used, with a warning.

    Raises BadFile where a needed column is missing or found twice, or where there is nothing below the headings.
    """
    line = heading_line(intake) + 1
    unreadable = next((reject for reject in intake.rejects if reject.line == line), None)
    if unreadable:
        raise BadFile(f"The heading line cannot be read. {unreadable.reason}")
    names = headings(intake)
    columns: dict[str, str] = {}
    used: dict[str, str] = {}
    warnings = []
    for meaning, allowed in aliases.items():
        found = _columns_named(names, allowed)
        if not found:
            continue
        if len(found) > 1:
            warnings.append(_several(names, found, meaning, needed))
        columns[meaning], used[meaning] = f"c{found[0]}", names[found[0]]
    missing = [meaning for meaning in needed if meaning not in columns]
    if missing:
        raise BadFile(_missing(missing, names, aliases, kind))
    table = Table(intake, delimiter_of(intake.head[line - 1]), line, len(names), columns, used, warnings)
    if table.records + len(intake.rejects) < 1:
        raise BadFile(f"The {kind} file holds a heading line and nothing below it. Ask the sender for it again.")
    return table


def _columns_named(names: list[str], allowed: tuple[str, ...]) -> list[int]:
    """Positions of the columns with one of the headings, the preferred heading first."""
    wanted = list(dict.fromkeys(simplified(name) for name in allowed))
    found = [at for at, name in enumerate(names) if simplified(name) in wanted]
    return sorted(found, key=lambda at: (wanted.index(simplified(names[at])), at))


def _several(names: list[str], found: list[int], meaning: str, needed: tuple[str, ...]) -> str:
    """A warning about several columns with one meaning. Raises BadFile where it cannot be told which one counts."""
    listed = " and ".join(f"'{names[at]}'" for at in found)
    if meaning in needed or simplified(names[found[0]]) == simplified(names[found[1]]):
        raise BadFile(f"The columns {listed} mean the same ({meaning}). Remove all but one and load the file again.")
    return f"The columns {listed} mean the same ({meaning}): {names[found[0]]} is used."


def _missing(missing: list[str], names: list[str], aliases: Aliases, kind: str) -> str:
    understood = "; ".join(f"{meaning}: {', '.join(aliases[meaning])}" for meaning in missing)
    found = ", ".join(name.strip()[:40] for name in names[:30])
    return (
        f"The {kind} file has no column for {' and '.join(missing)}. Found: {found}. "
        f"Rename the column to one of these headings ({understood}) and load the file again."
    )
