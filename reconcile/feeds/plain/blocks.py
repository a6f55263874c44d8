"""A delimited file as blocks of whole lines, and the lines of a block taken apart into fields.

In: a Sheet. Out: Blocks, with a Field for each column that is asked for. Called by lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconcile.domain.blanks import BLANKS

from ..files.headings import Sheet
from .fields import AFTER, BEFORE, Field, Mask, Places, compiled

BLOCK = 1024 * 1024
"""Small enough to stay in the processor's cache, large enough that Python's own time does not count."""
EMPTY = bytearray(BEFORE + AFTER)
NEWLINE, RETURN, QUOTE = b'\n\r"'
ORDINARY, BLANK, ENDS_VALUE, ENDS_LINE, QUOTES = range(5)
"""What a byte does to the values around it."""
PLAIN_BLANKS = [ord(one) for one in BLANKS if one.isascii()]


def blocks(sheet: Sheet) -> Iterator[bytearray]:
    """The lines below the heading, whole ones, with zeros before and after."""
    above = lines_above(sheet)
    line_end = b"\r\n" if above.endswith(b"\r\n") else b"\n"
    with sheet.intake.path.open("rb", buffering=0) as stream:
        stream.seek(len(above))
        rest = b""
        while True:
            held = BEFORE + len(rest)
            data = bytearray(held + BLOCK + len(line_end) + AFTER)
            data[BEFORE:held] = rest
            got = stream.readinto(memoryview(data)[held : held + BLOCK])
            if not got:
                break
            end = held + got
            cut = data.rfind(b"\n", BEFORE, end) + 1 or BEFORE
            rest = bytes(data[cut:end])
            if cut > BEFORE:
                yield _ended(data, cut)
        if rest:
            data[held : held + len(line_end)] = line_end
            yield _ended(data, held + len(line_end))


def lines_above(sheet: Sheet) -> bytes:
    """The heading line and what stands above it."""
    with sheet.intake.path.open("rb") as stream:
        return b"".join(stream.readline() for _ in range(sheet.heading_at))


def _ended(data: bytearray, end: int) -> bytearray:
    data[end : end + AFTER] = bytes(AFTER)
    del data[end + AFTER :]
    return data


@dataclass(frozen=True)
class Block:
    """Lines taken apart. `ends` has where each line ends; `whole` the lines whose values could be told apart.

    Those have as many values as there are headings, and quotation marks at most around whole values. `start` and
    `length` are of the values that mean something, without blanks of ASCII around them, a row for each of `meanings`.
    """

    data: bytearray
    ends: Places
    whole: Places
    meanings: list[str]
    start: Places
    length: Places

    @classmethod
    def of(cls, data: bytearray, sheet: Sheet) -> "Block":
        """Take whole lines apart."""
        meanings = list(sheet.places)
        row_of = np.full(sheet.width + 1, -1)
        row_of[list(sheet.places.values())] = range(len(meanings))
        does = np.full(256, ORDINARY, np.uint8)
        does[PLAIN_BLANKS] = BLANK
        does[[ord(sheet.delimiter), NEWLINE, QUOTE]] = ENDS_VALUE, ENDS_LINE, QUOTES
        characters = np.frombuffer(data, np.uint8)
        lines = np.count_nonzero(characters == NEWLINE)
        ends, whole = np.empty((2, lines), np.int32)
        start, length = np.empty((2, len(meanings), lines), np.int32)
        count = _take_apart(characters, does, row_of, ends, whole, start, length)
        return cls(data, ends, whole[:count], meanings, start[:, :count], length[:, :count])

    def field(self, meaning: str) -> Field:
        """The column that means this, of the lines in `whole`; an empty one where there is none."""
        if meaning in self.meanings:
            row = self.meanings.index(meaning)
            return Field(self.data, self.start[row], self.length[row])
        nothing = np.zeros(len(self.whole), np.int32)
        return Field(self.data, nothing + BEFORE, nothing)

    def others(self, plain: Mask) -> Places:
        """The lines that are not among the plain ones of `whole`, and not blank."""
        other = np.ones(len(self.ends), np.bool_)
        other[self.whole[plain]] = False
        return np.array([line for line in np.flatnonzero(other).tolist() if self.line(line).strip(b"\r\n")], np.int32)

    def line(self, number: int) -> bytes:
        """A line as it stands, with its end."""
        start = self.ends[number - 1] + 1 if number else BEFORE
        return bytes(self.data[start : self.ends[number] + 1])


@compiled
def _trimmed(data: NDArray[np.uint8], does: NDArray[np.uint8], begin: int, end: int) -> tuple[int, int]:
    """Where a value begins without the blanks around it, and its length."""
    while begin < end and does[data[begin]] == BLANK:
        begin += 1
    while begin < end and does[data[end - 1]] == BLANK:
        end -= 1
    return begin, end - begin


@compiled
def _take_apart(
    data: NDArray[np.uint8],
    does: NDArray[np.uint8],
    row_of: Places,
    ends: Places,
    whole: Places,
    start: Places,
    length: Places,
) -> int:
    """Fill `ends`, `whole`, `start` and `length` (see Block); gives how many lines are whole."""
    width = len(row_of) - 1
    line = count = column = quotes = 0
    begin, good = BEFORE, True
    for at in range(BEFORE, len(data) - AFTER):
        does_here = does[data[at]]
        if does_here <= BLANK:
            continue
        if does_here == QUOTES:
            quotes += 1
            continue
        end = at
        if does_here == ENDS_LINE and end > begin and data[end - 1] == RETURN:
            end -= 1
        if quotes:
            if quotes == 2 and end - begin > 1 and data[begin] == QUOTE and data[end - 1] == QUOTE:
                begin, end = begin + 1, end - 1
            else:
                good = False
        row = row_of[min(column, width)]
        if row >= 0:
            start[row, count], length[row, count] = _trimmed(data, does, begin, end)
        column += 1
        begin, quotes = at + 1, 0
        if does_here == ENDS_LINE:
            ends[line] = at
            if good and column == width:
                whole[count] = line
                count += 1
            line += 1
            column, good = 0, True
    return count
