"""The heading line of a delimited file: where it is, its delimiter, and which column means what.

In: an Intake and the aliases that a format understands. Out: a Sheet to scan. Called by plain.tables, for
registration and smi.
"""

import csv
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from reconcile.domain.blanks import trimmed

from ..contract import BadFile, Columns, Intake
from ..values.texts import value
from .bytecheck import delimiter_of
from .scans import Lines, LinesOfFile

Aliases = Mapping[str, tuple[str, ...]]
"""What a column means -> the headings it may have, the preferred one first."""


@dataclass(frozen=True)
class Sheet:
    """A delimited file with a heading line, the `heading_at`th of its lines, that has `width` headings.

    `meanings` are all that a column may have; `places` maps each that was found to the place of its column, from 0,
    `headings` to the heading as it stands.
    """

    intake: Intake
    delimiter: str
    heading_at: int
    width: int
    meanings: Collection[str]
    places: dict[str, int]
    headings: dict[str, str]
    warnings: list[str]

    @property
    def records(self) -> int:
        """The lines below the heading line that are not blank; hazardous ones are blank in what is scanned."""
        blank_above = self.intake.head[: self.heading_at - 1].count("")
        blank_below = self.intake.blank - blank_above - len(self.intake.rejects)
        return self.intake.lines - self.heading_at - blank_below

    @property
    def columns(self) -> Columns:
        """What was made of the headings."""
        used = self.headings.values()
        ignored = [heading for heading in headings_of(self.intake) if heading not in used]
        return Columns(self.headings, [one for one in self.meanings if one not in self.headings], ignored)

    @property
    def lines(self) -> LinesOfFile:
        """The lines below the heading line."""
        return LinesOfFile(self.intake.path, self.heading_at)

    def given(self, meanings: Iterable[str], lines: Lines, *, keep_rejects: bool) -> str:
        """The values of lines below the heading, as given_MEANING; NULL where no column has the meaning."""
        scan = lines.scan(self.width, delimiter=self.delimiter, keep_rejects=keep_rejects)
        values = {name: value(f"c{self.places[name]}") if name in self.places else "NULL::VARCHAR" for name in meanings}
        return f"SELECT {', '.join(f'{found} AS given_{name}' for name, found in values.items())} FROM {scan}"


def simplified(heading: str) -> str:
    """A heading without case, blanks and punctuation: DeviceID, device_id and Device ID are the same."""
    return re.sub("[^a-z0-9]", "", heading.lower())


def heading_line(intake: Intake) -> int:
    """The index in `head` of the first line that is not blank."""
    return next((at for at, line in enumerate(intake.head) if trimmed(line)), 0)


def headings_of(intake: Intake) -> list[str]:
    """The values of the heading line as they stand; none where it is no such line."""
    line = intake.head[heading_line(intake)]
    try:
        return next(csv.reader([line], delimiter=delimiter_of(line)), [])
    except csv.Error:
        return []


def meanings(intake: Intake, aliases: Aliases) -> set[str]:
    """Which of the meanings the heading line holds."""
    found = {simplified(name) for name in headings_of(intake)}
    return {meaning for meaning, names in aliases.items() if found & {simplified(name) for name in names}}


def sheet_of(intake: Intake, aliases: Aliases, needed: Collection[str], kind: str) -> Sheet:
    """Find the columns. A needed one may occur once only; of the others the preferred one is used, with a warning.

    Raises BadFile where a needed column is missing or found twice, or where there is nothing below the headings.
    """
    heading_at = heading_line(intake) + 1
    unreadable = next((reject for reject in intake.rejects if reject.line == heading_at), None)
    if unreadable:
        raise BadFile(f"The heading line cannot be read. {unreadable.reason}")
    headings = headings_of(intake)
    found = {meaning: _places_of(names, headings) for meaning, names in aliases.items()}
    missing = [meaning for meaning in needed if not found[meaning]]
    if missing:
        raise BadFile(_missing(missing, headings, aliases, kind))
    sheet = Sheet(
        intake=intake,
        delimiter=delimiter_of(intake.head[heading_at - 1]),
        heading_at=heading_at,
        width=len(headings),
        meanings=aliases.keys(),
        places={meaning: places[0] for meaning, places in found.items() if places},
        headings={meaning: headings[places[0]] for meaning, places in found.items() if places},
        warnings=[_several(headings, places, meaning, needed) for meaning, places in found.items() if len(places) > 1],
    )
    if sheet.records < 1:
        raise BadFile(f"The {kind} file holds a heading line and nothing below it. Ask the sender for it again.")
    return sheet


def _places_of(allowed: tuple[str, ...], headings: list[str]) -> list[int]:
    """Positions of the columns with one of the headings, the preferred heading first."""
    wanted = list(dict.fromkeys(simplified(name) for name in allowed))
    found = [at for at, heading in enumerate(headings) if simplified(heading) in wanted]
    return sorted(found, key=lambda at: (wanted.index(simplified(headings[at])), at))


def _several(headings: list[str], places: list[int], meaning: str, needed: Collection[str]) -> str:
    """A warning about several columns with one meaning. Raises BadFile where it cannot be told which one counts."""
    listed = " and ".join(f"'{headings[at]}'" for at in places)
    if meaning in needed or simplified(headings[places[0]]) == simplified(headings[places[1]]):
        raise BadFile(f"The columns {listed} mean the same ({meaning}). Remove all but one and load the file again.")
    return f"The columns {listed} mean the same ({meaning}): {headings[places[0]]} is used."


def _missing(missing: list[str], headings: list[str], aliases: Aliases, kind: str) -> str:
    understood = "; ".join(f"{meaning}: {', '.join(aliases[meaning])}" for meaning in missing)
    found = ", ".join(trimmed(heading)[:40] for heading in headings[:30])
    return (
        f"The {kind} file has no column for {' and '.join(missing)}. Found: {found}. "
        f"Rename the column to one of these headings ({understood}) and load the file again."
    )
