"""Values of a column in thousands of lines at once, read off their bytes by compiled loops.

In: a Field: where in a block of bytes the values of one column stand. Out: their values, and which of them are plain,
which is: spelt as a computer would write them. Called by the formats through plain; the SQL reads what is not plain.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from reconcile.domain.vocabulary import FIRST_MPAN, MPAN_WEIGHTS

Characters = NDArray[np.uint8]
Places = NDArray[np.integer[Any]]
"""Where something is in a block's bytes, how long it is, or which of its lines."""
Mask = NDArray[np.bool_]

compiled = njit(cache=True, nogil=True)
"""Compiles a function where it is first called, and keeps the result beside its module. Threads run it side by side."""

BEFORE, AFTER = 8, 8
"""Zero bytes around a block, so that eight bytes can be taken at any place of a value."""
FIRST_YEAR, AFTER_YEARS = 1900, 2100
NO_DAY = np.iinfo(np.int32).min
ZERO, NINE, HYPHEN, SLASH, BLANK, TIME, N, U, L = b"09-/ TNUL"
WEIGHTS = np.array(MPAN_WEIGHTS)
HEXADECIMAL = np.full(256, -1, np.int8)
HEXADECIMAL[[*b"0123456789abcdef", *b"ABCDEF"]] = [*range(16), *range(10, 16)]


@dataclass(frozen=True)
class Field:
    """Where the values of a column stand in a block: `start` and `length`, one of each a line."""

    data: bytearray
    start: Places
    length: Places

    @property
    def characters(self) -> Characters:
        """All bytes of the block."""
        return np.frombuffer(self.data, np.uint8)

    def text(self, line: int) -> bytes:
        """One value as it stands."""
        return bytes(self.data[self.start[line] : self.start[line] + self.length[line]])


def meter_points(field: Field) -> tuple[NDArray[np.int64], Mask]:
    """Meter Point numbers, 0 where there is none; and which are plain: an MPRN, a right MPAN, or none."""
    numbers, plain = np.empty(len(field.start), np.int64), np.empty(len(field.start), np.bool_)
    _meter_points(field.characters, field.start, field.length, numbers, plain)
    return numbers, plain


@compiled
def _is_blank(data: Characters, start: int, length: int) -> bool:
    """Whether a value is none: empty, or NULL."""
    if length == 4:
        return bool(data[start] == N and data[start + 1] == U and data[start + 2] == L and data[start + 3] == L)
    return length == 0


@compiled
def _digits(data: Characters, start: int, length: int) -> int:
    """The number that digits write; -1 where one of them is none."""
    number = 0
    for at in range(start, start + length):
        if not ZERO <= data[at] <= NINE:
            return -1
        number = 10 * number + data[at] - ZERO
    return number


@compiled
def _meter_points(data: Characters, starts: Places, lengths: Places, numbers: NDArray[np.int64], plain: Mask) -> None:
    for line in range(len(starts)):
        start, length = starts[line], lengths[line]
        numbers[line], plain[line] = 0, _is_blank(data, start, length)
        if plain[line] or not (length <= 10 or length == 13):
            continue
        number = _digits(data, start, length)
        if length == 13 and number >= FIRST_MPAN:
            total = 0
            for place in range(12):
                total += WEIGHTS[place] * (data[start + place] - ZERO)
            plain[line] = total % 11 % 10 == number % 10
        else:
            plain[line] = length <= 10 and number > 0
        if plain[line]:
            numbers[line] = number


def dates(field: Field) -> tuple[NDArray[np.int32], Mask]:
    """Days since 1970, NO_DAY where there is none, and which values are plain.

    Plain are YYYYMMDD, and YYYY-MM-DD or DD/MM/YYYY with a time after it or without, of 1900 to 2099; and none.
    """
    days, plain = np.empty(len(field.start), np.int32), np.empty(len(field.start), np.bool_)
    _dates(field.characters, field.start, field.length, _calendar(), days, plain)
    return days, plain


@cache
def _calendar() -> NDArray[np.int32]:
    """A day's number since 1970 by its YYYYMMDD less the first year's; NO_DAY where there is no such day."""
    days = np.arange(f"{FIRST_YEAR}-01-01", f"{AFTER_YEARS}-01-01", dtype="datetime64[D]")
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    place = (years.astype(int) + 1970 - FIRST_YEAR) * 10_000 + (months.astype(int) % 12 + 1) * 100
    calendar = np.full((AFTER_YEARS - FIRST_YEAR) * 10_000, NO_DAY, np.int32)
    calendar[place + (days - months).astype(int) + 1] = days.astype(np.int32)
    return calendar


@compiled
def _dates(
    data: Characters, starts: Places, lengths: Places, calendar: NDArray[np.int32], days: NDArray[np.int32], plain: Mask
) -> None:
    for line in range(len(starts)):
        start, length = starts[line], lengths[line]
        days[line], plain[line] = NO_DAY, _is_blank(data, start, length)
        if plain[line]:
            continue
        year = month = day = -1
        if length == 8:
            year, month, day = _digits(data, start, 4), _digits(data, start + 4, 2), _digits(data, start + 6, 2)
        elif length == 10 or (length > 11 and data[start + 10] in (BLANK, TIME) and ZERO <= data[start + 11] <= NINE):
            if data[start + 4] == HYPHEN and data[start + 7] == HYPHEN:
                year, month, day = _digits(data, start, 4), _digits(data, start + 5, 2), _digits(data, start + 8, 2)
            elif data[start + 2] == SLASH and data[start + 5] == SLASH:
                year, month, day = _digits(data, start + 6, 4), _digits(data, start + 3, 2), _digits(data, start, 2)
        if FIRST_YEAR <= year < AFTER_YEARS and month >= 0 and day >= 0:
            days[line] = calendar[(year - FIRST_YEAR) * 10_000 + month * 100 + day]
            plain[line] = days[line] != NO_DAY


def device_ids(field: Field) -> tuple[NDArray[np.uint64], Mask]:
    """EUI-64 identifiers as the numbers that they are, and which are plain: eight pairs joined by hyphens."""
    numbers, plain = np.empty(len(field.start), np.uint64), np.empty(len(field.start), np.bool_)
    _device_ids(field.characters, field.start, field.length, numbers, plain)
    return numbers, plain


@compiled
def _device_ids(data: Characters, starts: Places, lengths: Places, numbers: NDArray[np.uint64], plain: Mask) -> None:
    for line in range(len(starts)):
        number, good = np.uint64(0), lengths[line] == 23
        if good:
            for pair in range(8):
                at = starts[line] + 3 * pair
                high, low = HEXADECIMAL[data[at]], HEXADECIMAL[data[at + 1]]
                good &= high >= 0 and low >= 0 and (pair == 7 or data[at + 2] == HYPHEN)
                number = number << np.uint64(8) | np.uint64(high << 4 | low)
        numbers[line], plain[line] = number, good


def days(numbers: NDArray[np.int32]) -> pa.Array:
    """Days since 1970 as Arrow's dates, null for NO_DAY."""
    return pa.array(numbers, pa.int32(), mask=numbers == NO_DAY).cast(pa.date32())
