"""A delimited file as blocks of whole lines, and the lines of a block taken apart into fields by PyArrow.

In: a Sheet. Out: Blocks, with a Field for each column that is asked for. Called by lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from ..files.headings import Sheet
from .fields import TEXT, Field, Mask, Places

BLOCK = 4 * 1024 * 1024
"""Large enough that the time to begin a block does not count, and that a text is looked up for many lines at once."""
EMPTY = b""
NEWLINE, RETURN, QUOTE = b'\n\r"'


def blocks(sheet: Sheet) -> Iterator[bytes | bytearray]:
    """The lines below the heading, whole ones."""
    above = lines_above(sheet)
    line_end = b"\r\n" if above.endswith(b"\r\n") else b"\n"
    with sheet.intake.path.open("rb", buffering=0) as stream:
        stream.seek(len(above))
        rest = b""
        while True:
            data = bytearray(len(rest) + BLOCK)
            data[: len(rest)] = rest
            got = stream.readinto(memoryview(data)[len(rest) :])
            if not got:
                break
            del data[len(rest) + got :]
            cut = data.rfind(b"\n") + 1
            rest = bytes(data[cut:])
            if cut:
                del data[cut:]
                yield data
        if rest:
            yield rest + line_end


def lines_above(sheet: Sheet) -> bytes:
    """The heading line and what stands above it."""
    with sheet.intake.path.open("rb") as stream:
        return b"".join(stream.readline() for _ in range(sheet.heading_at))


@dataclass(frozen=True)
class Block:
    """Lines taken apart. `whole` are the lines with as many values as there are headings, each a row of `table`.

    So are blank lines, and those whose quotation marks only the SQL understands: they are rows without any value.
    """

    data: bytes | bytearray
    lines: int
    whole: Places
    table: pa.Table

    @classmethod
    def of(cls, data: bytes | bytearray, sheet: Sheet) -> "Block":
        """Take whole lines apart. Where PyArrow counts other lines than there are, none is whole."""
        lines = int(np.count_nonzero(_characters(data) == NEWLINE))
        broken: list[int] = []
        try:
            table = _values(_without_odd_quotes(data, sheet), sheet, broken)
        except pa.ArrowInvalid:
            table = None
        if table is None or len(table) + len(broken) != lines:
            nothing = pa.schema([(meaning, TEXT) for meaning in sheet.places]).empty_table()
            return cls(data, lines, np.arange(0), nothing)
        return cls(data, lines, np.delete(np.arange(lines), broken), table)

    def field(self, meaning: str) -> Field:
        """The column that means this, of the lines in `whole`; an empty one where there is none."""
        if meaning in self.table.column_names:
            column = self.table.column(meaning)
            return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        return pa.nulls(len(self.whole), TEXT)

    def others(self, plain: Mask) -> Places:
        """The lines that are not among the plain ones of `whole`, and not blank."""
        other = np.ones(self.lines, np.bool_)
        other[self.whole[plain]] = False
        return np.array([line for line in np.flatnonzero(other).tolist() if self.line(line).strip(b"\r\n")], np.int32)

    def line(self, number: int) -> bytes:
        """A line as it stands, with its end."""
        start = self.ends[number - 1] + 1 if number else 0
        return bytes(self.data[start : self.ends[number] + 1])

    @cached_property
    def ends(self) -> Places:
        """Where each line ends."""
        return _ends(self.data)


def _characters(data: bytes | bytearray) -> NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8)


def _ends(data: bytes | bytearray) -> Places:
    return np.flatnonzero(_characters(data) == NEWLINE)


def _values(data: bytes | bytearray, sheet: Sheet, broken: list[int]) -> pa.Table:
    """The columns that mean something, as texts by their meanings. Lines with too many or too few go to `broken`."""

    def is_broken(row: csv.InvalidRow) -> str:
        broken.append(row.number - 1)
        return "skip"

    names = {place: meaning for meaning, place in sheet.places.items()}
    columns = [names.get(place, f"column {place}") for place in range(sheet.width)]
    return csv.read_csv(
        pa.BufferReader(data),
        # One piece and one thread: only so are the numbers of broken lines known.
        csv.ReadOptions(use_threads=False, column_names=columns, block_size=len(data) + 1),
        csv.ParseOptions(
            delimiter=sheet.delimiter,
            quote_char='"' if b'"' in data else False,
            ignore_empty_lines=False,
            invalid_row_handler=is_broken,
        ),
        # Texts, for converters to other types are more lenient than the SQL. The bytes were found to be UTF-8 before.
        csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(sheet.places, TEXT),
            include_columns=list(sheet.places),
            null_values=[""],
            strings_can_be_null=True,
        ),
    )


def _without_odd_quotes(data: bytes | bytearray, sheet: Sheet) -> bytes | bytearray:
    """The same lines, those with odd quotation marks blank: PyArrow might take the newline for a part of a value."""
    odd = _oddly_quoted(data, sheet.delimiter) if b'"' in data else []
    if not len(odd):
        return data
    ends = _ends(data)
    parts, done = [], 0
    for line in odd:
        parts.append(data[done : ends[line - 1] + 1 if line else 0])
        done = ends[line]
    return b"".join([*parts, data[done:]])


def _oddly_quoted(data: bytes | bytearray, delimiter: str) -> list[int]:
    """The lines with a quotation mark that neither begins nor ends a value, or that is not one of a pair.

    Doubled ones and blanks around them are for the SQL, which knows what they mean.
    """
    characters = _characters(data)
    at = np.flatnonzero(characters == QUOTE)
    # Before the first byte stands the last one: the end of a line.
    before, after = characters[at - 1], characters[at + 1]
    begins = (before == ord(delimiter)) | (before == NEWLINE)
    ends = (after == ord(delimiter)) | (after == NEWLINE) | (after == RETURN)
    upto = np.searchsorted(at, _ends(data))
    line = np.repeat(np.arange(len(upto)), np.diff(upto, prepend=0))
    new_line = line[1:] != line[:-1]
    # In a line they take turns: the first begins a value, the last ends one.
    right = begins != ends
    right[1:] &= begins[1:] != (begins[:-1] & ~new_line)
    right[:1] &= begins[:1]
    right[:-1] &= ends[:-1] | ~new_line
    right[-1:] &= ends[-1:]
    odd: list[int] = np.unique(line[~right]).tolist()
    return odd
