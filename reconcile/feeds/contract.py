"""What a file is asked, and what it answers: the types that the formats and all who load files share.

One conversation a file: its bytes give an Intake, that gives a Reading (kind and date), that gives Rows, and those the
Rejects. Called by every module of feeds, and through its door.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import duckdb

from reconcile.domain.tables import Table

Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1."""
Coverage = Literal["full", "delta"]
"""Whether an extract replaces what was known or changes it."""


class BadFile(Exception):
    """A file that cannot be loaded at all: one plain sentence for the user, with what to do next."""


class NotRecognised(BadFile):
    """A file whose columns are not known well enough: a person who says what its headings mean can have it read."""


@dataclass(frozen=True)
class ColumnMap:
    """What the headings of files of one shape mean, as a person said; `kind` is that of a table.

    `columns`: meaning -> heading, empty where no column has it; a meaning that is not in it is looked for as always.
    `words`: meaning -> a word of the file -> the word that we know for it. `headings` are all that the person saw.
    """

    kind: str
    columns: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    headings: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Limits:
    """The most that a file may be: bytes that it unpacks to, columns of a table, files in an archive."""

    unzipped_bytes: int = 20 * 1024**3
    columns: int = 1_000
    zip_files: int = 100


@dataclass(frozen=True)
class Reject:
    """A line that was not loaded: its number, its first 500 characters, and why in words.

    `points` are the Meter Points that it names, as far as they can be read: they are there, whatever the line says.
    `unread` are the texts where a number should stand and none can be read, empty where nothing stands there. `broken`:
    it cannot be taken apart, so that what stands where is not known. `no_record`: it is no line of a record, such as
    headings said again, and nothing is missing without it.
    """

    line: int
    raw: str
    reason: str
    points: tuple[int, ...] = field(default=(), compare=False)
    unread: tuple[str, ...] = field(default=(), compare=False)
    broken: bool = field(default=False, compare=False)
    no_record: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Intake:
    """A file whose bytes were read once. `sha256` and `size` are of the uncompressed bytes.

    `path` is what to scan: the source, or a mended or unzipped copy. Line numbers in it are those of the source.
    `head` holds the first lines (up to 100) decoded and without BOM, `tail` the last line that is not blank. `ending`
    are the last lines with their numbers, blank ones aside; `ends_open`: no line end follows the last.
    `rejects` are hazardous lines, blanked out in the mended copy; `blank` counts the blank lines of `path`, with those.
    `warnings` say in sentences what was made of its bytes. `delimiter` stands between values (empty where lines are not
    delimited), `tail_at` is the number of the last line, `member` the name of the file in an archive.
    """

    path: Path
    name: str
    sha256: str
    size: int
    lines: int
    blank: int
    head: list[str]
    tail: str
    rejects: list[Reject]
    warnings: list[str] = field(default_factory=list)
    delimiter: str = ""
    tail_at: int = 0
    member: str = ""
    ending: list[tuple[int, str]] = field(default_factory=list)
    ends_open: bool = False
    limits: Limits = field(default_factory=Limits)


class Trailer(NamedTuple):
    """The records that a file's last line says it has, and those that it has."""

    claimed: int
    found: int


KeptWithout = dict[str, dict[str, int]]
"""Meaning -> why its value was dropped -> how many lines were kept without it."""


@dataclass(frozen=True)
class Rows:
    """What of a file can be loaded. `query` selects the canonical rows; the lake runs it, once, in the same connection.

    `rejects` then finds the other lines, in order, and `kept_without` counts the values that were dropped of the
    accepted ones. Both scan the file again, and may not be called in a transaction. `notes` are what else was seen, in
    sentences. `history`, where a file tells it, selects every flag that a Meter Point had (domain.tables.HISTORY),
    `contradicted` the points to which one line gives two flags from one day (mpxn, network, flags), and `statuses` what
    is told of points whatever is said of their flags (domain.tables.STATUSES).
    `stored` rows stand in a table, so that asking for them again costs little. `repeated` counts good lines that became
    no row, for others say the same or newer of their device; `doubtful` are Meter Points whose device lines contradict
    each other.
    """

    query: str
    rejects: Callable[[], Iterator[Reject]]
    kept_without: Callable[[], KeptWithout] = dict
    notes: Callable[[], list[str]] = list
    history: str = ""
    contradicted: str = ""
    statuses: str = ""
    stored: bool = False
    repeated: int = 0
    doubtful: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Columns:
    """What was made of a heading line: meaning -> heading, optional meanings without one, headings passed over.

    All are empty where a catalogue fixes the columns.
    """

    found: dict[str, str] = field(default_factory=dict)
    not_found: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def missed(self, follows: Mapping[str, str]) -> list[str]:
        """What follows where an optional meaning has no column, in sentences. `follows`: meaning -> what follows."""
        names = ", ".join(heading or "a column without a heading" for heading in self.ignored)[:500]
        passed_over = f" Passed over: {names}." if names else ""
        missing = [meaning for meaning in self.not_found if meaning in follows]
        return [f"No column for {meaning} was found: {follows[meaning]}.{passed_over}" for meaning in missing]


@dataclass(frozen=True)
class Reading:
    """What a file says of itself. No row has been looked at; `rows` does that, for which it is told the latest day
    that a date in it can mean: later ones, such as 2099-12-31, are none.

    `records` is the exact number of lines that should become rows, so that what was not accepted of them was rejected.
    `nothing` says in a sentence what a file without records means, where such a file is whole. `network` and `supplier`
    are the codes of whom a file speaks for, where the file as a whole says so, and `file` is what its sender calls it.
    """

    feed: "Feed"
    as_of: date | None
    made_at: datetime | None
    trailer: Trailer | None
    records: int
    warnings: list[str]
    rows: Callable[[Progress, date], Rows]
    columns: Columns = field(default_factory=Columns)
    nothing: str = ""
    network: str = ""
    supplier: str = ""
    file: str = ""
    of_day: Callable[[Progress, date, date], Rows] | None = None

    def rows_of(self, progress: Progress, day: date, latest: date) -> Rows:
        """The rows as they stand on a day, which a person may have set: not every file tells of one day alone."""
        return self.of_day(progress, day, latest) if self.of_day else self.rows(progress, latest)

    @property
    def kind(self) -> str:
        """The name of the format."""
        return self.feed.kind

    @property
    def table(self) -> Table:
        """What the rows are rows of."""
        return self.feed.table

    @property
    def coverage(self) -> Coverage | None:
        """Full or delta, unless a person says otherwise; None where only the last full extract can tell."""
        return self.feed.coverage


@dataclass(frozen=True)
class Feed(ABC):
    """One format: `kind` names it, `table` and `coverage` are what its files hold as a rule (see Reading.coverage)."""

    kind: str
    table: Table
    coverage: Coverage | None

    @abstractmethod
    def recognises(self, intake: Intake) -> bool:
        """Whether a file looks like this format."""

    @abstractmethod
    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """Begin to read a file as this format. Raises BadFile."""


@dataclass(frozen=True)
class Parsed:
    """A format's SQL over a scan: `checked` is every record with its values and a `reason` where it cannot be loaded.

    `rows` selects the canonical rows of those without a reason; `history`, `contradicted` and `statuses` as in Rows.
    `points` are columns of `checked` with Meter Points, `unread` SQL of the text of each that cannot be read, NULL
    where it can. `dropped` says, for each meaning whose value a line can do without, why it was dropped: SQL, NULL
    where it was not. Each of `notes` is SQL that counts something, and the sentence that says so with {count} in it.
    """

    checked: str
    rows: str
    points: tuple[str, ...] = ("mpxn",)
    unread: tuple[str, ...] = ()
    dropped: dict[str, str] = field(default_factory=dict)
    history: str = ""
    contradicted: str = ""
    statuses: str = ""
    notes: tuple[tuple[str, str], ...] = ()
