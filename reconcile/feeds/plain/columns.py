"""Values of a column in thousands of lines at once, read off their bytes by compiled loops.

In: a Field: where in a block of bytes the values of one column stand. Out: their values, and which of them are plain,
which is: spelt as a computer would write them. Called by the formats through plain; the SQL reads what is not plain.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from reconcile.domain.vocabulary import FIRST_MPAN, MPAN_WEIGHTS

Characters = NDArray[np.uint8]
Places = NDArray[np.integer[Any]]
"""Where something is in a block's bytes, how long it is, or which of its lines."""
Mask = NDArray[np.bool_]
Eights = NDArray[np.uint64]
"""Eight bytes of a file as one number."""
Entries = NDArray[np.int32]

compiled = njit(cache=True, nogil=True)
"""Compiles a function where it is first called, and keeps the result beside its module. Threads run it side by side."""

EIGHT = 8
BEFORE, AFTER = 8, 8
"""Zero bytes around a block, so that eight bytes can be taken at any place of a value."""
PLACE = pa.uint16()
NONE, NOT_PLAIN = -1, -2
"""In place of a word's place: there is no word; there may be one, but only the SQL can tell."""
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
        return data[start] == N and data[start + 1] == U and data[start + 2] == L and data[start + 3] == L
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


class TooManyWords(Exception):
    """A column that should have few words has more than are worth numbering."""


class Words:
    """The texts of a column, or of several together, as small numbers: what a text means is asked once for each.

    `meaning` gets one line's texts and gives the word that they mean, None for no word; it raises ValueError where only
    the SQL can tell. `known` are the words so far, in the order in which they came up.
    """

    MOST_WORDS, MOST_TEXTS = 60_000, 50_000
    """A word may be written as several texts; of the texts beyond, lines are left to the SQL."""
    SLOTS = 1 << 18
    """Where to look for a text: a power of two, several times as many as there are texts."""
    LONGEST = 24
    """Eights of bytes that a text is compared by; lines with longer texts are left to the SQL."""

    def __init__(self, meaning: Callable[..., str | None], known: Iterable[str] = ()) -> None:
        self.meaning, self.known = meaning, list(known)
        self._place = {word: place for place, word in enumerate(self.known)}
        self._texts: set[tuple[bytes, ...]] = set()
        self._means = np.full(self.MOST_TEXTS, NOT_PLAIN, np.int32)
        self._spelt = np.zeros((self.MOST_TEXTS, self.LONGEST), np.uint64)
        self._slots = np.full(self.SLOTS, NONE, np.int32)
        # Random, so that nobody can write a file whose texts all fall on one slot.
        self._factor = np.uint64(np.random.default_rng().integers(1 << 62) * 2 + 1)
        self._learning = Lock()

    def places_of(self, *fields: Field) -> NDArray[np.int32]:
        """For each line the place of its word in `known`; NONE where it has none, NOT_PLAIN where it cannot be told."""
        data = fields[0].characters
        eights = as_strided(data[:EIGHT].view(np.uint64), (len(data) - EIGHT + 1,), (1,))
        starts, lengths = np.stack([field.start for field in fields]), np.stack([field.length for field in fields])
        found = np.empty(starts.shape[1], np.int32)
        any_new = _find(eights, starts, lengths, self._factor, self._slots, self._spelt, found)
        if any_new and len(self._texts) < self.MOST_TEXTS:
            with self._learning:
                for line in np.flatnonzero(found == NONE).tolist():
                    self._learn(eights, starts, lengths, line, tuple(field.text(line) for field in fields))
            _find(eights, starts, lengths, self._factor, self._slots, self._spelt, found)
        return np.where(found < 0, np.int32(NOT_PLAIN), self._means[found])

    def places_in(self, texts: pa.Array) -> pa.Array:
        """The places of words that SQL has found."""
        found = texts.cast(pa.string()).dictionary_encode()
        return pa.array(map(self._place_of, found.dictionary.to_pylist()), PLACE).take(found.indices)

    def _place_of(self, word: str) -> int:
        """The place of a word in `known`, where it is put if it is new."""
        if word not in self._place:
            if len(self.known) == self.MOST_WORDS:
                raise TooManyWords
            self._place[word] = len(self.known)
            self.known.append(word)
        return self._place[word]

    def _learn(self, eights: Eights, starts: Places, lengths: Places, line: int, texts: tuple[bytes, ...]) -> None:
        entry = len(self._texts)
        if texts in self._texts or entry == self.MOST_TEXTS:
            return
        self._texts.add(texts)
        with suppress(ValueError):
            word = self.meaning(*(text.decode() for text in texts))
            self._means[entry] = NONE if word is None else self._place_of(word)
        _insert(eights, starts, lengths, line, self._factor, self._slots, self._spelt, entry)


@compiled
def _key(
    eights: Eights, starts: Places, lengths: Places, line: int, factor: np.uint64, key: Eights
) -> tuple[int, np.uint64]:
    """Fill `key` with one line's texts, each with its length before it; gives how many eights that took, and a hash.

    No eights are taken by texts that are too long.
    """
    used, total = 0, np.uint64(0)
    for field in range(len(starts)):
        start, size = starts[field, line], lengths[field, line]
        if used + 1 + (size + EIGHT - 1) // EIGHT > len(key):
            return 0, total
        key[used] = size
        total = (total ^ key[used]) * factor
        used += 1
        for at in range(0, size, EIGHT):
            part = eights[start + at]
            if size - at < EIGHT:
                part &= (np.uint64(1) << np.uint64(8 * (size - at))) - np.uint64(1)
            key[used] = part
            total = (total ^ part) * factor
            total ^= total >> np.uint64(32)
            used += 1
    return used, total


@compiled
def _find(
    eights: Eights, starts: Places, lengths: Places, factor: np.uint64, slots: Entries, spelt: Eights, found: Entries
) -> bool:
    """Fill `found` with each line's entry, NONE where it is new, NOT_PLAIN where it is too long; whether any is new."""
    key, any_new, mask = np.empty(spelt.shape[1], np.uint64), False, np.uint64(len(slots) - 1)
    for line in range(len(found)):
        used, slot = _key(eights, starts, lengths, line, factor, key)
        found[line] = NOT_PLAIN
        while used:
            entry = found[line] = slots[slot & mask]
            if entry < 0:
                any_new = True
                break
            same = True
            for place in range(used):
                if spelt[entry, place] != key[place]:
                    same = False
                    break
            if same:
                break
            slot += np.uint64(1)
    return any_new


@compiled
def _insert(
    eights: Eights,
    starts: Places,
    lengths: Places,
    line: int,
    factor: np.uint64,
    slots: Entries,
    spelt: Eights,
    entry: int,
) -> None:
    """Write a line's texts down as `entry`, in the first free slot from the one that its hash says."""
    _, slot = _key(eights, starts, lengths, line, factor, spelt[entry])
    mask = np.uint64(len(slots) - 1)
    while slots[slot & mask] >= 0:
        slot += np.uint64(1)
    slots[slot & mask] = entry


def places(found: Places) -> pa.Array:
    """Places in a vocabulary for Arrow, null where there is no word."""
    return pa.array(found.astype(np.uint16), PLACE, mask=found < 0)


def days(numbers: NDArray[np.int32]) -> pa.Array:
    """Days since 1970 as Arrow's dates, null for NO_DAY."""
    return pa.array(numbers, pa.int32(), mask=numbers == NO_DAY).cast(pa.date32())


def capitals(text: str) -> str:
    """A word in capitals without the blanks around it. Raises ValueError beyond ASCII, where SQL may differ."""
    if not text.isascii():
        raise ValueError(text)
    return text.strip(" ").upper()
