"""Columns of few words in thousands of lines at once: what a text means is asked once for each text.

In: Fields, and what their texts mean. Out: words as small numbers. Called by the formats through plain.tables.
"""

from collections.abc import Callable, Iterable, Iterator
from math import prod
from threading import Lock

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..sql import enum, literal
from .fields import TEXT, Field, Places

PLACE = pa.uint16()
NONE, NOT_PLAIN, NOWHERE = -1, -2, -3
"""In place of a word's place: there is no word; there may be one, but only the SQL can tell; no line has this one."""


class TooManyWords(Exception):
    """A column that should have few words has more than are worth numbering."""


class Words:
    """The texts of a column, or of several together, as small numbers: what a text means is asked once for each.

    `meaning` gets one line's texts and gives the word that they mean, None for no word; it raises ValueError where only
    the SQL can tell. `known` are the words so far, in the order in which they came up.
    """

    MOST_WORDS, MOST_TEXTS = 60_000, 50_000
    """A word may be written as several texts; of the texts beyond, lines are left to the SQL."""

    def __init__(self, meaning: Callable[..., str | None], known: Iterable[str] = ()) -> None:
        self.meaning, self.known = meaning, list(known)
        self._place = {word: place for place, word in enumerate(self.known)}
        self._means: dict[tuple[str, ...], int] = {}
        self._learning = Lock()

    def places_of(self, *fields: Field) -> NDArray[np.int32]:
        """For each line the place of its word in `known`; NONE where it has none, NOT_PLAIN where it cannot be told."""
        encoded = [field.dictionary_encode(null_encoding="encode") for field in fields]
        texts = [[text or "" for text in one.dictionary.to_pylist()] for one in encoded]
        sizes = [len(one) for one in texts]
        if prod(sizes) >= 1 << 63:
            return np.full(len(fields[0]), NOT_PLAIN, np.int32)
        # The texts of a line together are one number, whose digits are their places.
        number = np.zeros(len(fields[0]), np.int64)
        for one, size in zip(encoded, sizes, strict=True):
            number = number * size + one.indices.to_numpy()
        found = pa.array(number).dictionary_encode()
        known = self._means
        lines = _lines(found.dictionary.to_numpy(), texts)
        means = [known[line] if line in known else self._learnt(line) for line in lines]
        places: NDArray[np.int32] = np.array(means, np.int32).take(found.indices.to_numpy())
        return places

    def are(self, places: Places, word: str) -> NDArray[np.bool_]:
        """Which lines have a word."""
        found: NDArray[np.bool_] = places == self._place.get(word, NOWHERE)
        return found

    def places_in(self, texts: pa.Array) -> pa.Array:
        """The places of words that SQL has found."""
        found = texts.cast(TEXT).dictionary_encode()
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

    def _learnt(self, texts: tuple[str, ...]) -> int:
        """What texts mean that were not met before, as long as there are not too many."""
        with self._learning:
            if texts not in self._means and len(self._means) < self.MOST_TEXTS:
                self._means[texts] = self._meant(texts)
            return self._means.get(texts, NOT_PLAIN)

    def _meant(self, texts: tuple[str, ...]) -> int:
        try:
            word = self.meaning(*texts)
        except ValueError:
            return NOT_PLAIN
        return NONE if word is None else self._place_of(word)


def _lines(numbers: NDArray[np.int64], texts: list[list[str]]) -> Iterator[tuple[str, ...]]:
    """The texts of lines, by numbers whose digits are the places of one text of each column."""
    columns = []
    for column in reversed(texts):
        numbers, place = np.divmod(numbers, len(column) or 1)
        columns.append([column[at] for at in place.tolist()])
    return zip(*reversed(columns), strict=True)


def places(found: Places) -> pa.Array:
    """Places in a vocabulary for Arrow, null where there is no word."""
    return pa.array(found.astype(np.uint16), PLACE, mask=found < 0)
