"""The family of delimited files with headings, of tens of millions of lines.

In: an Intake. Out: a Reading. Each kind of table is a TableFeed in formats.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from ..contract import Feed, Intake, Parsed, Progress, Reading, Reject, Rows
from ..files.dates import date_in_name
from ..files.headings import Aliases, Sheet, meanings, sheet_of
from ..files.rejects import walked_rejects
from ..files.scans import Lines
from .lines import PlainLines, PlainReader


@dataclass(frozen=True)
class TableFeed(Feed):
    """One kind of table. `aliases` says how the columns may be called; a file with one of `known_by` is of this kind.

    `sql` gets the sheet, and the values of its lines as given_MEANING for each meaning in `aliases`. `plain` makes what
    reads the plain lines of one file. `settle` says what becomes of lines about the same thing.
    """

    aliases: Aliases
    needed: tuple[str, ...]
    known_by: tuple[str, ...]
    sql: Callable[[Sheet, str], Parsed]
    plain: Callable[[], PlainReader]
    settle: Callable[[duckdb.DuckDBPyConnection, Rows], Rows] = lambda con, rows: rows

    def recognises(self, intake: Intake) -> bool:
        """A heading line with one of the columns. Where another is missing, the reader says so."""
        return not meanings(intake, self.aliases).isdisjoint(self.known_by)

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """The date is looked for in the file's name. Raises BadFile."""
        sheet = sheet_of(intake, self.aliases, self.needed, self.kind)
        return Reading(
            feed=self,
            as_of=date_in_name(intake.name),
            made_at=None,
            trailer=None,
            records=sheet.records,
            warnings=sheet.warnings,
            rows=partial(self._rows, con, sheet, workdir),
            columns=sheet.columns,
        )

    def _rows(
        self, con: duckdb.DuckDBPyConnection, sheet: Sheet, workdir: Path, progress: Progress, latest: date
    ) -> Rows:
        by_sql = partial(self._by_sql, con, sheet, latest)
        plain = PlainLines(con, sheet, reader=self.plain(), by_sql=by_sql, workdir=workdir)
        return self.settle(con, plain.rows(progress))

    def _by_sql(self, con: duckdb.DuckDBPyConnection, sheet: Sheet, latest: date, lines: Lines) -> Rows:
        """The rows of lines of the sheet, read by SQL alone."""

        def parsed(*, keep_rejects: bool) -> Parsed:
            return self.sql(sheet, sheet.given(self.aliases, lines, keep_rejects=keep_rejects))

        def rejects() -> Iterator[Reject]:
            return walked_rejects(con, sheet.intake, lines, parsed(keep_rejects=True), sheet.width)

        return Rows(parsed(keep_rejects=False).rows, rejects)
