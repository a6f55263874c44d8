"""The heading line of a delimited file: where it is, and which column means what.

In: an Intake and the aliases that a format understands. Out: a Sheet to scan. Called by plain.tables, for
registration and smi.
"""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from reconcile.domain.blanks import trimmed

from ..contract import BadFile, ColumnMap, Columns, Intake, NotRecognised, Reject
from ..sql import literal
from ..values.texts import value
from .bytecheck import SEPARATOR
from .furniture import Furniture, values_of
from .scans import Lines, LinesOfFile


class Names(NamedTuple):
    """The headings that a column of one meaning may have, the preferred one first.

    A `loose` one may mean something else where an exact one stands beside it, and counts only where none does.
    """

    exact: tuple[str, ...]
    loose: tuple[str, ...] = ()


Aliases = Mapping[str, Names]
"""What a column means -> the headings it may have."""

OF_VALUES = (
    r"\d+|digits?|char(?:acter)?s?|numbers?|numeric|text|strings?|dates?|time|datetime|varchar|bigint|int(?:eger)?|max|length"
    r"|[dmy]{2,4}|hh|mi|ss|iso|8601|utc|gmt|bst|local|format|mandatory|optional|required|key|pk|unique|codes?|list|enum"
    r"|ids?|mpid|guid|eui|hex|core|full|current|latest|smi|ecoes|duis|sec|j\d{4}|[anisw](?:/[anisw])+|or|and|null|blank|if|where|known|of|as"
)
NOTE = re.compile(rf"(?i)[(\[{{<](?:\W{{0,9}}(?:{OF_VALUES})\b){{1,30}}\W{{0,9}}?[)\]}}>]")
"""A note on a column's values: length, type, format, need. Bounded, so that its cost does not grow with the square."""
MANY_DIGITS = re.compile("[0-9]{4}")
OPENING = re.compile(r"[(\[{<]")
NUMBERED = re.compile(r"(?i)^\W*(?:\d{1,3}[.):]|j\d{4}\b)\s*")
"""The number of a column, or of its item in the catalogue, before its heading."""


@dataclass(frozen=True)
class Sheet:
    """A delimited file whose heading line is the `heading_at`th of its lines.

    `meanings` are all that a column may have; `places` maps each that was found to the place of its column, from 0,
    `headings` to the heading as it stands. `furniture` tells which lines are no records, `closing` are those at the end
    of the file by their numbers. `words` are those of the file that a person explained, see ColumnMap.
    """

    intake: Intake
    heading_at: int
    all_headings: list[str]
    meanings: Collection[str]
    places: dict[str, int]
    warnings: list[str]
    furniture: Furniture
    closing: Mapping[int, str] = field(default_factory=dict)
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
        return self.intake.lines - self.heading_at - blank_below - len(self.closing)

    @property
    def lines(self) -> LinesOfFile:
        """The lines below the heading line."""
        return LinesOfFile(self.intake.path, self.heading_at)

    def rejects_of(self, found: Iterable[Reject], aliases: Aliases, needed: Collection[str]) -> Iterator[Reject]:
        """The rejects of lines between the headings and those that close the file; each says whether it is a record's.

        Raises BadFile where one holds other headings: then the columns of the lines below are not those above.
        """
        for reject in found:
            if reject.line <= self.heading_at or reject.line in self.closing:
                continue
            judged = self.furniture.judged(reject)
            if not judged.no_record and reject.line == self.heading_at + 1:
                judged = replace(reject, no_record=self.furniture.is_about_columns(reject.raw))
            if not judged.no_record and not MANY_DIGITS.search(reject.raw):
                judged = replace(reject, no_record=self._says_headings(reject, aliases, needed))
            yield judged

    def _says_headings(self, reject: Reject, aliases: Aliases, needed: Collection[str]) -> bool:
        """Whether a line says the same headings in other words. Raises BadFile where it says others."""
        values = values_of(reject.raw, self.delimiter)
        found = places_of(values, aliases)
        if not set(needed) <= found.keys():
            return False
        if len(values) == self.width and all(self.places.get(one) == places[0] for one, places in found.items()):
            return True
        raise BadFile(
            f"Line {reject.line:,} holds other headings than line {self.heading_at:,}: the file is several tables, "
            "one below the other. Save each by itself and load it."
        )

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


@lru_cache(4096)
def simplified(heading: str) -> str:
    """A heading without case, blanks and punctuation: DeviceID, device_id and Device ID are the same."""
    return re.sub("[^a-z0-9]", "", heading.lower())


@lru_cache(4096)
def noted(heading: str) -> str:
    """A heading without the number before it and without what is noted of its values: "1. MPAN (13 digits)".

    A note that may say that the column is another stays: "Supplier (previous)".
    """
    may_have = not heading.isalpha() and (heading[:1].isdigit() or OPENING.search(heading) or NUMBERED.match(heading))
    return simplified(NUMBERED.sub("", NOTE.sub(" ", heading))) if may_have else simplified(heading)


def first_filled(intake: Intake) -> int:
    """The index in `head` of the first line that is not blank."""
    return next((at for at, line in enumerate(intake.head) if trimmed(line)), 0)


def heading_line(intake: Intake, aliases: Aliases, said: ColumnMap | None = None) -> int:
    """The index in `head` of the heading line: that which has most meanings; the first that is filled, if none has."""
    lines = [headings_of(intake, at) for at in range(len(intake.head))]
    known = {simplified(name) for names in aliases.values() for kind in names for name in kind}
    counts = [
        len(places_of(line, aliases, said)) if said or not known.isdisjoint(_names(line)) else 0 for line in lines
    ]
    return counts.index(max(counts)) if any(counts) else first_filled(intake)


def _names(headings: Iterable[str]) -> set[str]:
    return {name for heading in headings for name in (simplified(heading), noted(heading))}


def headings_of(intake: Intake, at: int) -> list[str]:
    """The values of a line of `head` as they stand; none where it is no heading line."""
    try:
        return next(csv.reader([intake.head[at]], delimiter=intake.delimiter or ","), [])
    except csv.Error:
        return []


def is_known_by(intake: Intake, aliases: Aliases, known_by: Collection[str]) -> bool:
    """Whether the heading line holds an exact heading of one of the meanings, or any heading of each of them."""
    headings = headings_of(intake, heading_line(intake, aliases))
    found = _names(headings)
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
    headings = _without_empty_end(headings_of(intake, at), intake, at)
    found = places_of(headings, aliases, said)
    if said:
        _refuse_absent(said, found, headings)
    missing = [meaning for meaning in needed if meaning not in found]
    if missing:
        raise NotRecognised(no_column(missing, headings, aliases, kind))
    several = [_several(headings, places, meaning, {*needed, *once}) for meaning, places in found.items()]
    furniture = Furniture(intake.delimiter, intake.head[at], intake.head[:at])
    closing = closing_lines(intake, furniture, at + 1)
    sheet = Sheet(
        intake=intake,
        heading_at=at + 1,
        all_headings=headings,
        meanings=aliases.keys(),
        places={meaning: places[0] for meaning, places in found.items()},
        warnings=[*above(intake, at), *below(closing), *filter(None, several)],
        furniture=furniture,
        closing=closing,
        words=said.words if said else {},
    )
    if sheet.records < 1:
        raise BadFile(f"The {kind} file has headings and nothing below it: nothing to load, or it was cut short.")
    return sheet


def _without_empty_end(headings: list[str], intake: Intake, at: int) -> list[str]:
    """The headings, without empty ones at the end that the line below has no values for."""
    below = next((headings_of(intake, one) for one in range(at + 1, len(intake.head)) if intake.head[one]), headings)
    filled = len(headings) - next((n for n, one in enumerate(reversed(headings)) if trimmed(one)), 0)
    return headings[: max(filled, len(below))]


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
    for kind, spelt in (("exact", simplified), ("exact", noted), ("loose", simplified), ("loose", noted)):
        taken = {place for places in found.values() for place in places}
        names = [spelt(heading) if at not in taken else "" for at, heading in enumerate(headings)]
        for meaning, allowed in aliases.items():
            wanted = [simplified(name) for name in getattr(allowed, kind)]
            places = [at for at, name in enumerate(names) if name in wanted]
            if places and meaning not in found and not (said and meaning in said.columns):
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


def above(intake: Intake, at: int) -> list[str]:
    """A warning about what stands above the heading line, which is at the index `at` of `head`."""
    titles = [line for line in map(trimmed, intake.head[:at]) if line and not SEPARATOR.fullmatch(line)]
    return [f"What stands above the headings was passed over: '{titles[0][:60]}'."] if titles else []


def closing_lines(intake: Intake, furniture: Furniture, heading_at: int) -> dict[int, str]:
    """The lines that close a file, by their numbers; all of them stand below its heading line."""
    first = intake.ending[0][0] if intake.ending else 0
    broken = {reject.line: reject.raw for reject in intake.rejects if reject.line >= first}
    ending = sorted({**dict(intake.ending), **broken}.items())
    below_headings = [(number, text) for number, text in ending if number > heading_at]
    return furniture.closing(below_headings, ends_open=intake.ends_open)


def below(closing: Mapping[int, str]) -> list[str]:
    """A warning about the lines that close a file."""
    if not closing:
        return []
    numbers, said = [*closing], next(filter(None, (trimmed(text)[:60] for text in closing.values())))
    if len(closing) == 1:
        return [f"Line {numbers[0]:,} holds totals or marks the end, and was passed over: '{said}'."]
    words = "lines hold totals or mark the end, and were passed over"
    return [f"{len(closing)} {words}. The first is line {numbers[0]:,}: '{said}'."]
