"""The family of delimited files with headings, of tens of millions of lines.

In: an Intake. Out: a Reading. Each kind of table is a TableFeed in formats.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from ..contract import BadFile, ColumnMap, Feed, Intake, NotRecognised, Parsed, Progress, Reading, Reject, Rows
from ..files.dates import date_in_name
from ..files.furniture import values_of
from ..files.headings import Aliases, Sheet, is_known_by, no_column, sheet_of
from ..files.rejects import dropped_values, noted, walked_rejects
from ..files.scans import Lines
from .lines import PlainLines, PlainReader


@dataclass(frozen=True)
class TableFeed(Feed):
    """One kind of table. `aliases` says how the columns may be called; a file with one of `known_by` is of this kind.

    Of `needed` columns each must be there, of `any_of` one at least, and none of them twice. `missed`: an optional
    meaning -> what follows where it has no column. `canonical`: other names of meanings. `sql` gets the sheet, the
    values of its lines as given_MEANING for each meaning in `aliases`, and the latest day that a date can mean.
    `plain` makes what reads the plain lines of one file; of a kind without it, SQL reads every line.
    `settle` says what becomes of lines about the same thing, `objection` why a sheet is refused after a
    look at its first lines. `said` is what a person said of the headings of one shape of file.
    """

    aliases: Aliases
    needed: tuple[str, ...]
    known_by: tuple[str, ...]
    sql: Callable[[Sheet, str, date], Parsed]
    plain: Callable[[Sheet, date], PlainReader] | None = None
    any_of: tuple[str, ...] = ()
    missed: Mapping[str, str] = field(default_factory=dict)
    canonical: Mapping[str, str] = field(default_factory=dict)
    objection: Callable[[Sheet], str] = lambda sheet: ""
    settle: Callable[[duckdb.DuckDBPyConnection, Rows], Rows] = lambda con, rows: rows
    said: ColumnMap | None = None

    def saying(self, said: ColumnMap) -> "TableFeed":
        """The same kind of table, whose headings mean what a person said."""
        return replace(self, said=said)

    def recognises(self, intake: Intake) -> bool:
        """A heading line with one of the columns. Where another is missing, the reader says so."""
        return is_known_by(intake, self.aliases, self.known_by)

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """The date is looked for in the file's name. Raises BadFile."""
        sheet = sheet_of(intake, self.aliases, self.needed, self.kind, once=self.any_of, said=self.said)
        if self.any_of and sheet.places.keys().isdisjoint(self.any_of):
            raise NotRecognised(no_column(self.any_of, sheet.all_headings, self.aliases, self.kind, joined=" or "))
        objection = self.objection(sheet)
        if objection:
            raise BadFile(objection)
        sheet = self._without_totals(sheet, workdir)
        columns = sheet.columns(self.canonical)
        return Reading(
            feed=self,
            as_of=date_in_name(intake.name) or date_in_name(intake.member),
            made_at=None,
            trailer=None,
            records=sheet.records,
            warnings=[*sheet.warnings, *columns.missed(self.missed)],
            rows=partial(self._rows, con, sheet, workdir),
            columns=columns,
        )

    def _without_totals(self, sheet: Sheet, workdir: Path) -> Sheet:
        """The sheet of a copy without the lines that close the file, where a count in one may be taken for an MPRN."""
        place = sheet.places[self.needed[0]] if self.needed else sheet.width
        under = [values_of(text, sheet.delimiter)[place : place + 1] for text in sheet.closing.values()]
        if not any(value.isdecimal() for values in under for value in values):
            return sheet
        path = workdir / f"{uuid.uuid4().hex}.records"
        with sheet.intake.path.open("rb") as lines, path.open("wb") as copy:
            for number, line in enumerate(lines, 1):
                copy.write(line[len(line.rstrip(b"\r\n")) :] if number in sheet.closing else line)
        return replace(sheet, intake=replace(sheet.intake, path=path))

    def _rows(
        self, con: duckdb.DuckDBPyConnection, sheet: Sheet, workdir: Path, progress: Progress, latest: date
    ) -> Rows:
        by_sql = partial(self._by_sql, con, sheet, latest, workdir)
        if self.plain is None:
            return self.settle(con, by_sql(sheet.lines))
        plain = PlainLines(con, sheet, reader=self.plain(sheet, latest), by_sql=by_sql, workdir=workdir)
        return self.settle(con, plain.rows(progress))

    def _by_sql(self, con: duckdb.DuckDBPyConnection, sheet: Sheet, latest: date, workdir: Path, lines: Lines) -> Rows:
        """The rows of lines of the sheet, read by SQL alone."""

        def parsed_of(lines: Lines) -> Parsed:
            return self.sql(sheet, sheet.given(self.aliases, lines), latest)

        def rejects() -> Iterator[Reject]:
            counted = lines.counted(workdir / f"{uuid.uuid4().hex}.counted", sheet.delimiter)
            found = walked_rejects(con, sheet.intake, lines, parsed_of(counted), sheet.width)
            return sheet.rejects_of(found, self.aliases, self.needed)

        parsed = parsed_of(lines)
        return Rows(parsed.rows, rejects, lambda: dropped_values(con, parsed), lambda: noted(con, parsed))
