"""The heading line of a delimited file: where it is, and which column means what.

In: an Intake and the aliases that a format understands. Out: a Sheet to scan. Called by plain.tables, for
registration and smi.
"""

import csv
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from reconcile.domain.blanks import trimmed

from ..contract import BadFile, ColumnMap, Columns, Intake, NotRecognised
from ..sql import literal
from ..values.numbers import points_named
from ..values.texts import value
from .bytecheck import SEPARATOR
from .scans import Lines, LinesOfFile


class Names(NamedTuple):
    """The headings that a column of one meaning may have, the preferred one first.

    A `loose` one may mean something else where an exact one stands beside it, and counts only where none does.
    """

    exact: tuple[str, ...]
    loose: tuple[str, ...] = ()


Aliases = Mapping[str, Names]
"""What a column means -> the headings it may have."""

TOTALS = re.compile(
    r"(?i)\W*((grand |sub)?totals?\b|(row|record|line)s?( ?count)?\W|count\b|number of (rows|records|lines|mp)"
    r"|\d[\d,]* (rows?|records?|lines?)\b|end of (report|file|extract|data)|eof$|\*+ ?end)"
)


@dataclass(frozen=True)
class Sheet:
    """A delimited file whose heading line is the `heading_at`th of its lines.

    `meanings` are all that a column may have; `places` maps each that was found to the place of its column, from 0,
    `headings` to the heading as it stands. `totals_at` is the number of a last line that is no record, or 0. `words`
    are those of the file that a person explained, see ColumnMap.
    """

    intake: Intake
    heading_at: int
    all_headings: list[str]
    meanings: Collection[str]
    places: dict[str, int]
    warnings: list[str]
    totals_at: int
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def delimiter(self) -> str:
        """What stands between two values."""
        return self.intake.delimiter

    @property
    def width(self) -> int:
        """The values of a line."""
        return len(self.all_headings)

    @property
    def headings(self) -> dict[str, str]:
        """The heading of each meaning that was found."""
        return {meaning: self.all_headings[place] for meaning, place in self.places.items()}

    @property
    def records(self) -> int:
        """The lines below the heading line that are not blank; hazardous ones are blank in what is scanned."""
        blank_above = self.intake.head[: self.heading_at - 1].count("")
        blank_below = self.intake.blank - blank_above - len(self.intake.rejects)
        return self.intake.lines - self.heading_at - blank_below - bool(self.totals_at)

    @property
    def lines(self) -> LinesOfFile:
        """The lines below the heading line."""
        return LinesOfFile(self.intake.path, self.heading_at)

    def columns(self, canonical: Mapping[str, str]) -> Columns:
        """What was made of the headings. `canonical`: other names of meanings, several of which may go by one."""
        found: dict[str, str] = {}
        for meaning in self.meanings:
            if meaning in self.places:
                found.setdefault(canonical.get(meaning, meaning), self.headings[meaning])
        names = dict.fromkeys(canonical.get(meaning, meaning) for meaning in self.meanings)
        used = self.places.values()
        ignored = [trimmed(heading) for place, heading in enumerate(self.all_headings) if place not in used]
        return Columns(found, [name for name in names if name not in found], ignored)

    def first_values(self, meaning: str) -> set[str]:
        """What stands under a heading in the first lines, in capitals."""
        place = self.places[meaning]
        lines = (headings_of(self.intake, at) for at in range(self.heading_at, len(self.intake.head)))
        return {trimmed(values[place]).upper() for values in lines if place < len(values)}

    def given(self, meanings: Iterable[str], lines: Lines) -> str:
        """The values of lines below the heading, as given_MEANING; NULL where no column has the meaning.

        Where the lines are counted, their `place` too.
        """
        at = {name: place + lines.before for name, place in self.places.items()}
        values = {f"given_{name}": self._value(name, at[name]) if name in at else "NULL::VARCHAR" for name in meanings}
        values |= {"place": "CAST(c0 AS BIGINT)"} if lines.before else {}
        columns = ", ".join(f"{found} AS {name}" for name, found in values.items())
        return f"SELECT {columns} FROM {lines.scan(self.width, delimiter=self.delimiter)}"

    def _value(self, meaning: str, at: int) -> str:
        """A value as it stands, or the word that a person said for it."""
        given = value(f"c{at}")
        said = self.words.get(meaning, {}).items()
        cases = " ".join(f"WHEN {literal(word.upper())} THEN nullif({literal(known)}, '')" for word, known in said)
        return f"CASE upper({given}) {cases} ELSE {given} END" if cases else given


def simplified(heading: str) -> str:
    """A heading without case, blanks and punctuation: DeviceID, device_id and Device ID are the same."""
    return re.sub("[^a-z0-9]", "", heading.lower())


def first_filled(intake: Intake) -> int:
    """The index in `head` of the first line that is not blank."""
    return next((at for at, line in enumerate(intake.head) if trimmed(line)), 0)


def heading_line(intake: Intake, aliases: Aliases, said: ColumnMap | None = None) -> int:
    """The index in `head` of the heading line: that which has most meanings; the first that is filled, if none has."""
    counts = [len(places_of(headings_of(intake, at), aliases, said)) for at in range(len(intake.head))]
    return counts.index(max(counts)) if any(counts) else first_filled(intake)


def headings_of(intake: Intake, at: int) -> list[str]:
    """The values of a line of `head` as they stand; none where it is no heading line."""
    try:
        return next(csv.reader([intake.head[at]], delimiter=intake.delimiter or ","), [])
    except csv.Error:
        return []


def is_known_by(intake: Intake, aliases: Aliases, known_by: Collection[str]) -> bool:
    """Whether the heading line holds an exact heading of one of the meanings, or any heading of each of them."""
    headings = headings_of(intake, heading_line(intake, aliases))
    found = {simplified(heading) for heading in headings}
    exact = {simplified(name) for meaning in known_by for name in aliases[meaning].exact}
    return not found.isdisjoint(exact) or places_of(headings, aliases).keys() >= set(known_by)


def sheet_of(
    intake: Intake,
    aliases: Aliases,
    needed: Collection[str],
    kind: str,
    *,
    once: Collection[str] = (),
    said: ColumnMap | None = None,
) -> Sheet:
    """Find the columns. Where several mean the same the preferred one counts, but of `needed` and `once` meanings.

    What a person `said` goes before aliases. Raises NotRecognised where a needed column is missing, BadFile where it
    cannot be told which of several columns counts, or where there is nothing below the headings.
    """
    at = heading_line(intake, aliases, said)
    unreadable = next((reject for reject in intake.rejects if reject.line == at + 1), None)
    if unreadable:
        raise BadFile(f"The heading line cannot be read. {unreadable.reason}")
    headings = headings_of(intake, at)
    found = places_of(headings, aliases, said)
    if said:
        _refuse_absent(said, found, headings)
    missing = [meaning for meaning in needed if meaning not in found]
    if missing:
        raise NotRecognised(no_column(missing, headings, aliases, kind))
    several = [_several(headings, places, meaning, {*needed, *once}) for meaning, places in found.items()]
    totals_at = _totals_line(intake)
    sheet = Sheet(
        intake=intake,
        heading_at=at + 1,
        all_headings=headings,
        meanings=aliases.keys(),
        places={meaning: places[0] for meaning, places in found.items()},
        warnings=[*_above(intake, at), *_below(totals_at), *filter(None, several)],
        totals_at=totals_at,
        words=said.words if said else {},
    )
    if sheet.records < 1:
        raise BadFile(f"The {kind} file holds a heading line and nothing below it. Ask the sender for it again.")
    return sheet


def no_column(missing: Collection[str], headings: list[str], aliases: Aliases, kind: str, joined: str = " and ") -> str:
    """A sentence about columns that a file must have, and what it has."""
    understood = "; ".join(f"{meaning}: {', '.join(aliases[meaning].exact)}" for meaning in missing)
    return (
        f"The {kind} file has no column for {joined.join(missing)}. Found: {listed(headings)}. "
        f"Rename the column to one of these headings ({understood}) and load the file again."
    )


def listed(headings: Iterable[str]) -> str:
    """Headings in a sentence: the first hundred, none of them long."""
    return ", ".join(trimmed(heading)[:40] for heading in [*headings][:100])


def places_of(headings: list[str], aliases: Aliases, said: ColumnMap | None = None) -> dict[str, list[int]]:
    """For each meaning that has any: the places of its columns, the preferred heading first.

    Of the meanings that a person `said` only the columns that they named count, and for no other meaning.
    """
    found = _said_places(headings, said) if said else {}
    taken = {place for places in found.values() for place in places}
    names = [simplified(heading) if at not in taken else "" for at, heading in enumerate(headings)]
    for meaning, allowed in aliases.items():
        if said and meaning in said.columns:
            continue
        wanted = [
            simplified(name)
            for name in (allowed.exact if set(names) & set(map(simplified, allowed.exact)) else allowed.loose)
        ]
        places = [at for at, name in enumerate(names) if name in wanted]
        if places:
            found[meaning] = sorted(places, key=lambda at: (wanted.index(names[at]), at))
    return found


def _said_places(headings: list[str], said: ColumnMap) -> dict[str, list[int]]:
    """The columns with a heading as a person wrote it, else as near to it as to an alias."""
    found = {}
    for meaning, heading in said.columns.items():
        exact = [at for at, one in enumerate(headings) if trimmed(one) == trimmed(heading) != ""]
        name = simplified(heading)
        places = exact or [at for at, one in enumerate(headings) if simplified(one) == name != ""]
        if places:
            found[meaning] = places
    return found


def _refuse_absent(said: ColumnMap, found: Collection[str], headings: list[str]) -> None:
    """Raises BadFile where the file lacks a heading that a person named."""
    absent = [
        f"'{heading}' ({meaning})" for meaning, heading in said.columns.items() if heading and meaning not in found
    ]
    if absent:
        raise BadFile(
            f"The file has no column {' and none '.join(absent)}, which {said.name or 'the columns file'} names. "
            f"Found: {listed(headings)}."
        )


def _several(headings: list[str], places: list[int], meaning: str, once: Collection[str]) -> str:
    """A warning about several columns with one meaning. Raises BadFile where it cannot be told which one counts."""
    if len(places) == 1:
        return ""
    listed = " and ".join(f"'{headings[at]}'" for at in places)
    if meaning in once or simplified(headings[places[0]]) == simplified(headings[places[1]]):
        raise BadFile(f"The columns {listed} mean the same ({meaning}). Remove all but one and load the file again.")
    return f"The columns {listed} mean the same ({meaning}): {headings[places[0]]} is used."


def _above(intake: Intake, at: int) -> list[str]:
    titles = [line for line in map(trimmed, intake.head[:at]) if line and not SEPARATOR.fullmatch(line)]
    return [f"What stands above the headings was passed over: '{titles[0][:60]}'."] if titles else []


def _totals_line(intake: Intake) -> int:
    """The number of the last line of the file where it is no record but says that it is the end or a total; else 0."""
    fields = [trimmed(field.strip('"')) for field in intake.tail.split(intake.delimiter or ",")]
    first = next(filter(None, fields), "")
    return intake.tail_at if TOTALS.match(first) and not points_named(intake.tail) else 0


def _below(totals_at: int) -> list[str]:
    return [f"Line {totals_at} holds totals or marks the end, and was passed over."] if totals_at else []
