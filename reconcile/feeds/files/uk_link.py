"""The family of UK Link files: A00, records that begin with their type, Z99. Text may be quoted or bare.

In: an Intake. Out: a Reading. Each type of record of the gas industry's files is a UkLinkFeed in formats.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from ..contract import Feed, Intake, Parsed, Reading
from .framed import Shape, first_fields, frame, framed_reading

SHAPE = Shape("UK Link file", "A00", "Z99", ",", count_field=2, made_at=(3, 4), closed=False)
FILE_TYPE = 2
"""Place, from 0, of the file type in an A00 line."""
EMPTY = "the file is whole and holds none."
RECORDS = ("E45", "E46")
"""Types of record that say what a file is, whatever its header calls it."""


@dataclass(frozen=True)
class UkLinkFeed(Feed):
    """One type of record, in files of one type. `sql` takes the lines apart; `holds` is what the records are."""

    record: str
    file_type: str
    holds: str
    sql: Callable[[Intake, date], Parsed]

    def recognises(self, intake: Intake) -> bool:
        """An A00 line followed by a record of the type; where no known type follows, the file type decides."""
        header, (second, *_) = first_fields(intake, SHAPE), first_fields(intake, SHAPE, 1)
        of_type = len(header) > FILE_TYPE and header[FILE_TYPE].upper() == self.file_type
        return header[0] == SHAPE.header and (second == self.record or (of_type and second not in RECORDS))

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """The date is the header's creation date. Raises BadFile."""
        framed = frame(con, intake, SHAPE)
        return framed_reading(
            self, con, intake, SHAPE, framed=framed, sql=self.sql, nothing=f"No {self.holds} today: {EMPTY}"
        )
