"""A delimited file read a block at a time: its plain lines by PyArrow and NumPy, the others by SQL.

In: a Sheet, how its format reads plain lines, and its SQL. Out: Rows, the same that SQL alone would give. What a value
means is the SQL's to say; tests hold the two ways to each other. Called by tables.
"""

import uuid
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from ..contract import Progress, Rows
from ..files.headings import Sheet
from ..files.scans import Lines
from .blocks import EMPTY, Block, blocks, lines_above
from .fields import Field, Mask, Places
from .words import TooManyWords, Words

KEPT = "plain_rows"
LEAST_PLAIN = 0.5
"""Share of the first lines that must be plain for this way to be quicker."""
AT_ONCE = 8
"""Blocks that are kept at once, which is after every 32 MB."""
NUMBER_BYTES = 8


class PlainReader(Protocol):
    """How a format reads plain lines. `words` are its columns of few words, by name.

    `rows` can ask for the field of each meaning; one that the file has no column for is empty. It gives which of the
    lines are plain, and the canonical columns of those; of a column of `words` the places. A line may become several
    rows. A line without any value is not plain.
    """

    words: dict[str, Words]

    def rows(self, field: Callable[[str], Field]) -> tuple[Mask, dict[str, pa.Array]]:
        """See the class."""


@dataclass(frozen=True)
class LinesAside(Lines):
    """Lines that were set aside; `line_numbers` holds the numbers that they have in their file, NUMBER_BYTES each."""

    line_numbers: Path

    def numbered(self) -> Iterator[tuple[int, int, bytes]]:
        """See Lines."""
        with self.path.open("rb") as lines, self.line_numbers.open("rb") as numbers:
            for place, line in enumerate(lines, 1):
                if place > self.skip:
                    yield place, int.from_bytes(numbers.read(NUMBER_BYTES), "little"), line


@dataclass(frozen=True)
class Taken:
    """What became of a block: the rows of its plain lines; the others as they stand, with their numbers in it."""

    lines: int
    rows: pa.RecordBatch
    aside: bytes
    others: Places


class PlainLines:
    """The lines of a sheet. `by_sql` gives the Rows of any of them."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        sheet: Sheet,
        *,
        reader: PlainReader,
        by_sql: Callable[[Lines], Rows],
        workdir: Path,
    ) -> None:
        self.con, self.sheet, self.reader, self.by_sql = con, sheet, reader, by_sql
        name = uuid.uuid4().hex
        self.aside = LinesAside(workdir / f"{name}.aside", sheet.heading_at, line_numbers=workdir / f"{name}.numbers")

    def rows(self, progress: Progress) -> Rows:
        """Read the file into a table. Where most lines are not plain, or a column has no end of words, SQL does it."""
        pieces = blocks(self.sheet)
        first = self._take(next(pieces, EMPTY))
        if len(first.others) > (1 - LEAST_PLAIN) * first.lines:
            return self.by_sql(self.sheet.lines)
        self.con.register("rows", pa.Table.from_batches([first.rows.slice(0, 0)]))
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {KEPT} AS FROM rows")
        try:
            self._keep_blocks(self._taken(first, pieces), progress)
            odd = self.by_sql(self.aside)
            self._keep_odd(odd)
        except TooManyWords:
            return self.by_sql(self.sheet.lines)
        spelt = ", ".join(f"{words.spelt(name)} AS {name}" for name, words in self.reader.words.items())
        return Rows(f"SELECT * REPLACE ({spelt}) FROM {KEPT}", odd.rejects, stored=True)

    def _keep_blocks(self, every: Iterator[Taken], progress: Progress) -> None:
        number, rows = self.sheet.heading_at + 1, []
        with self.aside.path.open("wb") as lines, self.aside.line_numbers.open("wb") as numbers:
            # Lest a byte order mark at the start of a line be taken for the file's own.
            lines.write(lines_above(self.sheet))
            for taken in every:
                lines.write(taken.aside)
                numbers.write((taken.others + number).astype(f"<i{NUMBER_BYTES}").tobytes())
                number += taken.lines
                rows.append(taken.rows)
                if len(rows) == AT_ONCE:
                    self._keep(rows)
                    rows = []
                    progress((number - 1) / self.sheet.intake.lines)
        self._keep(rows)

    def _keep_odd(self, odd: Rows) -> None:
        """Keep the rows of the lines that were set aside."""
        if not self.aside.line_numbers.stat().st_size:
            return
        cursor = self.con.cursor()
        for batch in cursor.sql(odd.query).to_arrow_reader():
            columns = {name: batch.column(name) for name in batch.schema.names}
            columns |= {name: words.places_in(columns[name]) for name, words in self.reader.words.items()}
            self._keep([pa.RecordBatch.from_pydict(columns)])

    def _keep(self, batches: list[pa.RecordBatch]) -> None:
        if batches:
            # In one piece: many small ones take DuckDB twice the time.
            self.con.register("rows", pa.Table.from_batches(batches).combine_chunks())
            self.con.execute(f"INSERT INTO {KEPT} BY NAME FROM rows")

    def _taken(self, first: Taken, pieces: Iterator[bytes | bytearray]) -> Iterator[Taken]:
        """Every block in order, those after the first taken by threads that keep a few ahead."""
        yield first
        ((threads,),) = self.con.execute("SELECT current_setting('threads')").fetchall()
        begun: deque[Future[Taken]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            for data in pieces:
                begun.append(pool.submit(self._take, data))
                if len(begun) > AT_ONCE:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()

    def _take(self, data: bytes | bytearray) -> Taken:
        block = Block.of(data, self.sheet)
        plain, columns = self.reader.rows(block.field)
        others = block.others(plain)
        return Taken(block.lines, pa.RecordBatch.from_pydict(columns), b"".join(map(block.line, others)), others)
