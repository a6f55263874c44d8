"""The lines of a file of assignments, however a spreadsheet wrote it: which mean something, and why the others do not.

In: bytes. Out: Read. Raises WorkError for a file in which nothing can be relied on. Called by ledger.work_file.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from reconcile.domain.assignments import COLUMNS, KEY, MOST_BYTES, MOST_LINES, OF_WORK, Fault
from reconcile.domain.rules import RULES
from reconcile.domain.vocabulary import parse_mpxn
from reconcile.feeds.files.headings import simplified

from ..safe_csv import as_written
from ..working import WorkError

DELIMITERS = ",;\t|"
ROUNDED = re.compile(r"[0-9]+([.,][0-9]+)?[eE][+]?[0-9]+")
AS_TEXT = re.compile(r'="?([^"]*)"?')
"""How a spreadsheet is told to leave a number alone."""
MEANING = {heading: column for column, headings in COLUMNS.items() for heading in headings}
CODES = {simplified(word): code for code, rule in RULES.items() for word in (code, rule.title)}
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Line:
    """What one line says: `said` has its values of work, but those that are empty."""

    number: int
    mpxn: int
    rule: str
    said: dict[str, str]


@dataclass(frozen=True)
class Refused:
    """A line that is not done, and why."""

    number: int
    fault: Fault
    raw: str


@dataclass
class Read:
    """All lines of a file but the blank ones: those that can be understood, and those that cannot."""

    lines: list[Line] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


class BadLine(Exception):
    """A line cannot be understood."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def read(content: bytes) -> Read:
    """The lines of a file. Raises WorkError where it is no such file."""
    if len(content) > MOST_BYTES:
        raise WorkError(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Nothing was changed.")
    text = _text(content)
    delimiter, at = _heading_line(text)
    found, first = Read(), True
    places: dict[str, int] = {}
    for number, values in _records(text, delimiter):
        if number < at or not any(one.strip() for one in values):
            continue
        if first:
            places, width, first = _places(values), len(values), False
            continue
        if len(found.lines) + len(found.refused) == MOST_LINES:
            raise WorkError(f"The file has more than {MOST_LINES:,} lines. Nothing was changed: split it.")
        try:
            found.lines.append(_line(number, values, places, width))
        except BadLine as problem:
            found.refused.append(Refused(number, problem.fault, delimiter.join(values)))
    return _without_repeats(found)


def _text(content: bytes) -> str:
    """The text of a file, as Excel, LibreOffice and programs write it."""
    if content[:2] == b"PK":
        raise WorkError("This is a workbook. Save its sheet as CSV, and load that.")
    encoding = next((name for mark, name in MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise WorkError("This is no text. Save the sheet as CSV, and load that.")
    return text


def _heading_line(text: str) -> tuple[str, int]:
    """What stands between values, and the number of the heading line: the first that is not blank."""
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if line.strip() and not line.strip().lower().startswith("sep="):
            counts = {one: len(_known(line.strip().split(one))) for one in DELIMITERS}
            best = max(DELIMITERS, key=lambda one: counts[one])
            if counts[best]:
                return best, number
            break
    raise WorkError(_needed("none of them is there"))


def _known(headings: list[str]) -> set[str]:
    return {MEANING[name] for name in map(simplified, headings) if name in MEANING}


def _needed(problem: str) -> str:
    return f"A file of assignments has the headings mpxn, rule and at least one of {', '.join(OF_WORK)}: {problem}."


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records with the numbers of their first lines. Strict: an open quotation mark would swallow what follows."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    while True:
        try:
            values = next(lines, None)
        except csv.Error:
            raise WorkError(
                f"From line {number:,} on the file cannot be read: a quotation mark stands alone."
            ) from None
        if values is None:
            return
        yield number, values
        number = lines.line_num + 1


def _places(headings: list[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(map(simplified, headings)):
        if name not in MEANING:
            continue
        if MEANING[name] in places:
            raise WorkError(_needed(f"several headings mean {MEANING[name]}"))
        places[MEANING[name]] = place
    missing = [name for name in KEY if name not in places]
    if missing or len(places) == len(KEY):
        raise WorkError(_needed(f"{' and '.join(missing) or 'a column of work'} is missing"))
    return places


def _line(number: int, values: list[str], places: dict[str, int], width: int) -> Line:
    if any(one.strip() for one in values[width:]):
        raise BadLine(Fault.TOO_MANY)
    said = {name: as_written(values[place].strip()) for name, place in places.items() if place < len(values)}
    mpxn = _mpxn(said.pop("mpxn", ""))
    rule = said.pop("rule", "")
    if not rule:
        raise BadLine(Fault.NO_RULE)
    if simplified(rule) not in CODES:
        raise BadLine(Fault.UNKNOWN_RULE)
    return Line(number, mpxn, CODES[simplified(rule)], {name: value for name, value in said.items() if value})


def _mpxn(text: str) -> int:
    bare = text.lstrip("'")
    as_text = AS_TEXT.fullmatch(bare)
    bare = as_text[1] if as_text else bare
    if not bare:
        raise BadLine(Fault.NO_NUMBER)
    if ROUNDED.fullmatch(bare):
        raise BadLine(Fault.ROUNDED)
    try:
        return parse_mpxn(bare)
    except ValueError:
        raise BadLine(Fault.BAD_NUMBER) from None


def _without_repeats(found: Read) -> Read:
    """The first line of a Meter Point and rule counts; another could say something else."""
    seen: set[tuple[int, str]] = set()
    kept = []
    for line in found.lines:
        key = (line.mpxn, line.rule)
        if key in seen:
            found.refused.append(Refused(line.number, Fault.TWICE, f"{line.mpxn},{line.rule}"))
        else:
            seen.add(key)
            kept.append(line)
    return Read(kept, sorted(found.refused, key=lambda one: one.number))
