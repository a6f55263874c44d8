"""Columns of few words in thousands of lines at once: what a text means is asked once for each text.

In: Fields, and what their texts mean. Out: words as small numbers. Called by the formats through plain.tables.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Lock

import numpy as np
import pyarrow as pa
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from ..sql import enum, literal
from .fields import Field, Places, compiled

Eights = NDArray[np.uint64]
"""Eight bytes of a file as one number."""
Entries = NDArray[np.int32]

EIGHT = 8
PLACE = pa.uint16()
NONE, NOT_PLAIN = -1, -2
"""In place of a word's place: there is no word; there may be one, but only the SQL can tell."""


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

    def spelt(self, place: str) -> str:
        """A column of places as the words that stand there. Such words are sorted and written cheaply."""
        if not self.known:
            return "NULL::VARCHAR"
        return f"CAST([{', '.join(map(literal, self.known))}] AS {enum(self.known)}[])[{place} + 1]"

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
