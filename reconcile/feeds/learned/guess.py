"""What the columns of a table may mean: a proposal, which nobody uses before a person has looked at it.

In: an Intake that no format recognises. Out: a Proposal, or the columns that a format may have missed. Called by the
door of feeds.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from reconcile.domain.blanks import trimmed

from ..contract import ColumnMap, Intake
from ..files.headings import places_of
from ..plain.tables import TableFeed
from .columns import LONGEST, MOST_HEADINGS, named
from .evidence import SIGNS, Looks, Sign, looks_of, words_of
from .sample import LINES, Sample, as_table, sample_of

CHECKED, SHOWN = 200, 5
"""Values of a column that are looked at, and those of them that are shown."""
FITS, FITS_ALONE = 0.6, 0.8
"""The share of values that have to look like a meaning: beside a heading that speaks for it, and without one."""
MAY_BE_UNKNOWN = ("DeviceType", "DeviceStatus")
"""What a person can point out where nothing looks like it; of the others a file without is no such file."""
UNKNOWN = Sign("^$")
"""Of a meaning that nothing speaks for."""
HEADING, VALUES = "its heading", "its values"


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, some of its values, what they look like (words), and its place from 0."""

    place: int
    heading: str
    values: list[str]
    looks_like: str = ""


@dataclass(frozen=True)
class Proposal:
    """What the headings of a table may mean, as a table of one kind. `columns` are all that it has.

    `why`: meaning -> what speaks for the guess; those that are not in it have a heading that we know. `missing`:
    what is needed and nothing looks like. `text` is the beginning of the file, `whole` where that is all of it.
    """

    said: ColumnMap
    columns: list[Column]
    why: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    text: str = ""
    whole: bool = False

    @property
    def is_worth_asking(self) -> bool:
        """Whether what is needed was found, or all but one column that only a person can point out."""
        unknown = set(self.missing)
        return len(unknown) <= 1 and unknown <= set(MAY_BE_UNKNOWN)


@dataclass(frozen=True)
class Seen:
    """A sample with what its columns look like."""

    sample: Sample
    looks: list[Looks]

    @property
    def columns(self) -> list[Column]:
        """The columns as a person looks at them."""
        return [
            Column(
                place,
                trimmed(heading),
                list(dict.fromkeys(self.sample.values(place)))[:SHOWN],
                _in_words(self.looks[place]),
            )
            for place, heading in enumerate(self.sample.headings)
        ]


def proposals(
    con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path, feeds: Collection[TableFeed]
) -> list[Proposal]:
    """What a file may be as each kind of table, the likeliest first; none where it has no headings."""
    table = as_table(intake, workdir, most=LINES)
    seen = _seen(con, table, feeds) if table else None
    if seen is None:
        return []
    found = [_proposal(seen, feed) for feed in feeds]
    return sorted(found, key=lambda one: (len(one.missing), -len([*filter(None, one.said.columns.values())])))


def missed(
    con: duckdb.DuckDBPyConnection, intake: Intake, feed: TableFeed, meanings: Collection[str]
) -> dict[str, str]:
    """Of optional meanings without a column those that an unknown column looks like, each with its heading."""
    seen = _seen(con, intake, [feed])
    if seen is None:
        return {}
    headings = seen.sample.headings
    known = {place for places in places_of(headings, feed.aliases).values() for place in places}
    guessed = _guessed(seen, meanings, known)
    return {meaning: trimmed(headings[place]) for meaning, (place, _) in guessed.items() if seen.looks[place]}


def _seen(con: duckdb.DuckDBPyConnection, table: Intake, feeds: Collection[TableFeed]) -> Seen | None:
    sample = sample_of(table, [feed.aliases for feed in feeds])
    if sample is None:
        return None
    return Seen(sample, looks_of(con, [sample.values(at)[:CHECKED] for at in range(len(sample.headings))]))


def _proposal(seen: Seen, feed: TableFeed) -> Proposal:
    headings = [trimmed(heading) for heading in seen.sample.headings]
    places = {meaning: found[0] for meaning, found in places_of(headings, feed.aliases).items()}
    unknown = [meaning for meaning in feed.aliases if meaning not in places]
    guessed = _guessed(seen, unknown, set(places.values()))
    places |= {meaning: place for meaning, (place, _) in guessed.items()}
    columns = {meaning: headings[places[meaning]] if meaning in places else "" for meaning in feed.aliases}
    missing = [meaning for meaning in feed.needed if meaning not in places]
    if feed.any_of and places.keys().isdisjoint(feed.any_of):
        missing.append(feed.any_of[0])
    return Proposal(
        ColumnMap(feed.kind, columns, headings=named(headings)),
        seen.columns[:MOST_HEADINGS],
        why={meaning: why for meaning, (_, why) in guessed.items()},
        missing=missing,
        text=seen.sample.text,
        whole=seen.sample.whole,
    )


def _guessed(seen: Seen, meanings: Collection[str], taken: Collection[int]) -> dict[str, tuple[int, str]]:
    """For each meaning the column that most speaks for, which is taken once, and what does."""
    headings = seen.sample.headings
    names = [words_of(heading) for heading in headings]
    free = [at for at, one in enumerate(headings) if at not in taken and 0 < len(trimmed(one)) <= LONGEST]
    # Of equal headings none can be named.
    free = [at for at in free if names.count(names[at]) == 1]
    scored = sorted(
        (
            (-score, at, meaning, why)
            for meaning in meanings
            for at in free
            for score, why in _scored(meaning, names[at], seen.looks[at], empty=not seen.sample.values(at))
        ),
        key=lambda one: one[:2],
    )
    found: dict[str, tuple[int, str]] = {}
    used: set[int] = set()
    for _, at, meaning, why in scored:
        if meaning not in found and at not in used:
            found[meaning] = at, why
            used.add(at)
    return found


def _scored(meaning: str, name: str, looks: Looks, *, empty: bool) -> Iterator[tuple[float, str]]:
    """How much speaks for a meaning, and what; nothing where that is not enough."""
    sign = SIGNS.get(meaning, UNKNOWN)
    named = bool(re.search(sign.words, name)) and not (sign.never and re.search(sign.never, name))
    share = max((looks.get(look, 0.0) for look in sign.looks), default=0.0)
    if named and not sign.looks:
        yield 0.5, HEADING
    elif named and empty:
        yield 0.25, f"{HEADING}; the first lines have no value"
    elif named and share >= FITS:
        yield 1 + share, f"{HEADING} and {VALUES}"
    elif named and meaning in MAY_BE_UNKNOWN and max(looks.values(), default=0) < FITS:
        yield 0.3, f"{HEADING}; not all of its words are known"
    elif sign.values_alone and share >= FITS_ALONE:
        yield share, VALUES


def _in_words(looks: Looks) -> str:
    likely = sorted((-share, look) for look, share in looks.items() if share >= FITS)
    return ", ".join(look for _, look in likely)
