"""Values of a column in thousands of lines at once, read off their characters by NumPy.

In: Fields. Out: their values, and which of them are plain, which is: spelt as a computer would write them. Called by
the formats; the SQL reads what is not plain.
"""

from datetime import date
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from reconcile.domain.blanks import BLANKS
from reconcile.domain.vocabulary import FIRST_MPAN, MPAN_WEIGHTS

from ..values.postcodes import INWARD, NOT_BARE, OUTWARD

TEXT = pa.string()
Field: TypeAlias = pa.StringArray
"""The values of one column, as they stand; null where nothing stands."""
Characters = NDArray[np.uint8]
Places = NDArray[np.integer[Any]]
"""Where something is in a block's bytes, or which of its lines."""
Mask = NDArray[np.bool_]

PLAIN_BLANKS = "".join(one for one in BLANKS if one.isascii())
EPOCH = date(1970, 1, 1)
FIRST_YEAR, AFTER_YEARS = 1901, 2100
TIMED_LENGTH = len("2024-01-31T00:00:00")
NO_DAY = np.iinfo(np.int32).min
ZERO, HYPHEN, SLASH, BLANK, TIME = b"0-/ T"
EUI_64_LENGTH = 23
"""Eight pairs of digits and seven hyphens."""


def _sums(weights: tuple[int, ...]) -> NDArray[np.uint8]:
    """The weighted sum, mod 11, of the digits of each number that has as many digits as there are weights."""
    sums = np.zeros(1, np.uint8)
    for weight in weights:
        sums = (sums[:, None] + (weight * np.arange(10) % 11).astype(np.uint8)).ravel() % 11
    return sums


# A look into two small tables is quicker than twelve divisions.
MILLION = 10**6
FIRST_SUMS, LAST_SUMS = _sums(MPAN_WEIGHTS[:6]), _sums(MPAN_WEIGHTS[6:])
CHECK_DIGITS = (np.arange(2 * 11) % 11 % 10).astype(np.uint8)
"""By the two sums together."""


def _characters(field: Field) -> tuple[Characters, Places]:
    """All characters of a column one after the other, and where each value begins; last, where the last one ends."""
    _, offsets, characters = field.buffers()
    begins = np.frombuffer(offsets, np.int32)[field.offset : field.offset + len(field) + 1]
    return np.frombuffer(characters or b"", np.uint8)[begins[0] : begins[-1]], begins - begins[0]


def _trimmed(field: Field) -> Field:
    """The values without blanks of ASCII around them."""
    return pc.ascii_trim(field, characters=PLAIN_BLANKS)


def meter_points(field: Field) -> tuple[NDArray[np.int64], Mask]:
    """Meter Point numbers, 0 where there is none; and which are plain: an MPRN, a right MPAN, or none."""
    if field.null_count == len(field):
        return np.zeros(len(field), np.int64), np.ones(len(field), np.bool_)
    characters, begins = _characters(field)
    if (characters - np.uint8(ZERO) > 9).any():
        field = _trimmed(field)
        characters, begins = _characters(field)
    length = np.diff(begins)
    none, digits = length == 0, (length > 0) & (length <= 10) | (length == 13)
    no_digit = np.flatnonzero(characters - np.uint8(ZERO) > 9)
    if len(no_digit):
        digits[np.searchsorted(begins, no_digit, "right") - 1] = False
        none |= pc.equal(field, "NULL").fill_null(False).to_numpy(zero_copy_only=False)
    if not digits.all():
        field = pc.if_else(pa.array(digits), field, None)
    numbers = field.cast(pa.int64()).fill_null(0).to_numpy()
    return numbers, none | np.where(length == 13, _is_mpan(numbers), numbers > 0)


def _is_mpan(numbers: NDArray[np.int64]) -> Mask:
    stem = numbers // 10
    first = stem // MILLION
    sums = FIRST_SUMS.take(first) + LAST_SUMS.take(stem - first * MILLION)
    right: Mask = CHECK_DIGITS.take(sums) == numbers - stem * 10
    return right & (numbers >= FIRST_MPAN)


def dates(field: Field, latest: date) -> tuple[NDArray[np.int32], Mask]:
    """Days since 1970, NO_DAY where there is none, and which values are plain.

    Plain are YYYYMMDD, and YYYY-MM-DD or DD/MM/YYYY with a time of no zone after it or without, from 1901 to `latest`;
    and none.
    """
    found = field.dictionary_encode(null_encoding="encode")
    texts = _trimmed(found.dictionary)
    days = _days(texts)
    none = pc.is_in(texts, pa.array([None, "", "NULL"], TEXT)).to_numpy(zero_copy_only=False)
    plain = (days != NO_DAY) & (days <= (latest - EPOCH).days) | none
    place = found.indices.to_numpy()
    return days.take(place), plain.take(place)


def _days(texts: Field) -> NDArray[np.int32]:
    """The day that each text says, whatever time may follow it; NO_DAY where it is none that is plain."""
    characters, begins = _characters(texts)
    length, start = np.diff(begins), begins[:-1, None]
    # What is read beyond the end of a text is looked at only where its length says that it is there.
    head = np.append(characters, np.zeros(12, np.uint8))[start + np.arange(12)]
    timed = (length == TIMED_LENGTH) & np.isin(head[:, 10], (BLANK, TIME)) & (head[:, 11] - np.uint8(ZERO) <= 9)
    long = (length == 10) | timed
    days = np.full(len(texts), NO_DAY, np.int32)
    for these, places in (
        (length == 8, [0, 1, 2, 3, 4, 5, 6, 7]),
        (long & (head[:, 4] == HYPHEN) & (head[:, 7] == HYPHEN), [0, 1, 2, 3, 5, 6, 8, 9]),
        (long & (head[:, 2] == SLASH) & (head[:, 5] == SLASH), [6, 7, 8, 9, 3, 4, 0, 1]),
    ):
        days[these] = _days_of(head[these][:, places] - np.uint8(ZERO))
    return days


def _days_of(digits: Characters) -> NDArray[np.int32]:
    """The days that eight digits each, YYYYMMDD, say."""
    number = digits @ 10 ** np.arange(7, -1, -1) - FIRST_YEAR * 10_000
    good = (digits <= 9).all(axis=1) & (number >= 0) & (number < len(CALENDAR))
    return np.where(good, CALENDAR.take(number, mode="clip"), NO_DAY)


def _calendar() -> NDArray[np.int32]:
    """A day's number since 1970 by its YYYYMMDD less the first year's; NO_DAY where there is no such day."""
    days = np.arange(f"{FIRST_YEAR}-01-01", f"{AFTER_YEARS}-01-01", dtype="datetime64[D]")
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    place = (years.astype(int) + 1970 - FIRST_YEAR) * 10_000 + (months.astype(int) % 12 + 1) * 100
    calendar = np.full((AFTER_YEARS - FIRST_YEAR) * 10_000, NO_DAY, np.int32)
    calendar[place + (days - months).astype(int) + 1] = days.astype(np.int32)
    return calendar


CALENDAR = _calendar()


def first_two(field: Field) -> Field:
    """The first two characters of each value, without blanks before them."""
    return pc.utf8_slice_codeunits(pc.ascii_ltrim(field, characters=PLAIN_BLANKS), 0, 2)


def postcodes(field: Field, asked: Mask) -> Field:
    """The postcodes of the lines that are asked for, spelt as by values.postcodes.whole; null for the others."""
    given = pc.if_else(pa.array(asked), field, None)
    # Nearly every one is as it is printed, and one look tells.
    if pc.all(pc.match_substring_regex(given, f"^{OUTWARD} {INWARD}$")).as_py() is not False:
        return given
    bare = pc.ascii_upper(pc.replace_substring_regex(given, NOT_BARE, ""))
    spaced = pc.replace_substring_regex(bare, f"^({OUTWARD})({INWARD})$", r"\1 \2")
    return pc.if_else(pc.match_substring_regex(spaced, f"^{OUTWARD}( {INWARD})?$"), spaced, None)


def device_ids(field: Field) -> tuple[NDArray[np.uint64], Mask]:
    """EUI-64 identifiers as the numbers that they are, and which are plain: eight pairs joined by hyphens."""
    characters, begins = _characters(field)
    plain = np.diff(begins) == EUI_64_LENGTH
    if not plain.all():
        field = _trimmed(field)
        plain = np.diff(_characters(field)[1]) == EUI_64_LENGTH
        characters, _ = _characters(field.filter(pa.array(plain)))
    lines = characters.reshape(-1, EUI_64_LENGTH)
    found = BYTES.take(lines[:, 0::3] * np.uint16(256) + lines[:, 1::3])
    numbers = np.zeros(len(field), np.uint64)
    numbers[plain] = found.astype(np.uint8).view(">u8").ravel()
    plain[plain] = (found >= 0).all(axis=1) & (lines[:, 2::3] == HYPHEN).all(axis=1)
    return numbers, plain


def _bytes() -> NDArray[np.int16]:
    """What two hexadecimal digits mean, by their characters as one number; -1 where they are no digits."""
    found = np.full(1 << 16, -1, np.int16)
    for pair in map("".join, product("0123456789abcdefABCDEF", repeat=2)):
        found[int.from_bytes(pair.encode())] = int(pair, 16)
    return found


BYTES = _bytes()


def days(numbers: NDArray[np.int32]) -> pa.Array:
    """Days since 1970 as Arrow's dates, null for NO_DAY."""
    return pa.array(numbers, pa.int32(), mask=numbers == NO_DAY).cast(pa.date32())
