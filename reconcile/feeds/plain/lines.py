"""Delimited files of tens of millions of lines: nearly all lines are plain and read by compiled loops, the rest by SQL.

In: a Table, its format's SQL, and how the format reads plain lines. Out: a Reading by SQL alone, with a quicker one of
the same rows and rejects. Called by registration and smi. What a value means is the SQL's to say; tests hold the two
ways to each other.
"""

import uuid
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from ..contract import NUMBER_BYTES, Aside, Feed, Parsed, Progress, Reading
from ..files.dates import date_in_name
from ..files.headings import Table
from .blocks import EMPTY, Block, blocks
from .columns import Field, Mask, Places, TooManyWords, Words

KEPT = "plain_rows"
LEAST_PLAIN = 0.5
"""Share of the first lines that must be plain for the quicker way to be quicker."""
AT_ONCE = 16
"""Blocks that are kept at once, which is after every 16 MB."""


class Format(Protocol):
    """How a format reads plain lines. `words` are its columns of few words, by name.

    `rows` can ask for the field of each meaning; one that the file has no column for is empty. It gives which of the
    lines are plain, and the canonical columns of those; of a column of `words` the places. A line may become several
    rows.
    """

    words: dict[str, Words]

    def rows(self, field: Callable[[str], Field]) -> tuple[Mask, dict[str, pa.Array]]:
        """See the class."""


def table_reading(
    con: duckdb.DuckDBPyConnection,
    feed: Feed,
    table: Table,
    *,
    sql: Callable[[str], Parsed],
    plain: Callable[[], Format],
    workdir: Path,
) -> Reading:
    """How to load a table: by `sql`, which gets a scan of lines, or by way of its plain lines."""
    by_sql = Reading(
        kind=feed.kind,
        table=feed.table,
        coverage=feed.coverage,
        as_of=date_in_name(table.intake.name),
        made_at=None,
        rows=sql(table.scan()).rows,
        rejected=sql(table.scan(keep_rejects=True)).rejected,
        first_line=table.line + 1,
        records=table.records,
        columns=table.width,
        warnings=table.warnings,
    )
    lines = partial(PlainLines, con, table, sql=sql, plain=plain, workdir=workdir)
    return replace(by_sql, quicker=lambda progress: lines().reading(by_sql, progress))


@dataclass(frozen=True)
class Taken:
    """What became of a block: the rows of its plain lines; the others as they stand, with their numbers in it."""

    lines: int
    rows: pa.RecordBatch
    aside: bytes
    others: Places


class PlainLines:
    """The lines of a table, read a block at a time."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        table: Table,
        *,
        sql: Callable[[str], Parsed],
        plain: Callable[[], Format],
        workdir: Path,
    ) -> None:
        self.con, self.table, self.sql, self.format = con, table, sql, plain()
        name = uuid.uuid4().hex
        self.aside = Aside(workdir / f"{name}.aside", workdir / f"{name}.numbers")

    def reading(self, by_sql: Reading, progress: Progress) -> Reading:
        """Read the file into a table, and the lines that are not plain into a file; gives how to load them.

        Where most lines are not plain, or a column has no end of words, that is `by_sql`.
        """
        first = self._take(next(blocks(self.table), EMPTY))
        if len(first.others) > (1 - LEAST_PLAIN) * first.lines:
            return by_sql
        self.con.register("rows", pa.Table.from_batches([self._take(EMPTY).rows]))
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {KEPT} AS FROM rows")
        try:
            self._keep_blocks(progress)
            self._keep_aside()
        except TooManyWords:
            return by_sql
        return replace(
            by_sql,
            rows=f"FROM {KEPT}",
            rejected=self.sql(self.table.scan(self.aside.lines, keep_rejects=True)).rejected,
            first_line=1,
            words={name: words.known for name, words in self.format.words.items()},
            aside=self.aside,
        )

    def _keep_blocks(self, progress: Progress) -> None:
        number, rows = self.table.line + 1, []
        with self.aside.lines.open("wb") as lines, self.aside.numbers.open("wb") as numbers:
            for taken in self._taken():
                lines.write(taken.aside)
                numbers.write((taken.others + number).astype(f"<i{NUMBER_BYTES}").tobytes())
                number += taken.lines
                rows.append(taken.rows)
                if len(rows) == AT_ONCE:
                    self._keep(rows)
                    rows = []
                    progress(number / self.table.intake.lines)
        self._keep(rows)

    def _keep_aside(self) -> None:
        """Keep the rows of the lines that were set aside."""
        if not self.aside.lines.stat().st_size:
            return
        cursor = self.con.cursor()
        for batch in cursor.sql(self.sql(self.table.scan(self.aside.lines)).rows).to_arrow_reader():
            columns = {name: batch.column(name) for name in batch.schema.names}
            columns |= {name: words.places_in(columns[name]) for name, words in self.format.words.items()}
            self._keep([pa.RecordBatch.from_pydict(columns)])

    def _keep(self, batches: list[pa.RecordBatch]) -> None:
        if batches:
            # In one piece: many small ones take DuckDB twice the time.
            self.con.register("rows", pa.Table.from_batches(batches).combine_chunks())
            self.con.execute(f"INSERT INTO {KEPT} BY NAME FROM rows")

    def _taken(self) -> Iterator[Taken]:
        """Every block in order, taken by threads that keep a few ahead."""
        ((threads,),) = self.con.execute("SELECT current_setting('threads')").fetchall()
        begun: deque[Future[Taken]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            for block in blocks(self.table):
                begun.append(pool.submit(self._take, block))
                if len(begun) > AT_ONCE:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()

    def _take(self, data: bytearray) -> Taken:
        block = Block.of(data, self.table)
        plain, columns = self.format.rows(block.field)
        others = block.others(plain)
        return Taken(len(block.ends), pa.RecordBatch.from_pydict(columns), b"".join(map(block.line, others)), others)
