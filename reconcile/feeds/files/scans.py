"""A file as DuckDB scans it, and its lines as they stand.

In: the path of a text file. Out: SQL, and numbered lines. Called by the other modules of files, by plain and formats.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..sql import literal

BLANK = (b"\n", b"\r\n")
"""Lines that the reader passes over."""


def scan(path: Path, columns: int, *, delimiter: str, quote: str, skip: int) -> str:
    """`read_csv` with every value as text in c0, c1, ...; lines with a wrong number of values are left out."""
    # Which those are is not asked of the reader: it would note each of them once for each value too many, in memory
    # that no setting bounds.
    names = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(columns))
    return (
        f"read_csv({literal(path)}, auto_detect = false, header = false, skip = {skip}, delim = {literal(delimiter)}, "
        f"quote = {literal(quote)}, escape = {literal(quote)}, strict_mode = true, columns = {{{names}}}, "
        "ignore_errors = true)"
    )


def scan_lines(path: Path) -> str:
    """Every physical line, blank ones too, as text in c0. The delimiter is a character that no such file holds."""
    return scan(path, 1, delimiter="\x01", quote="", skip=0)


@dataclass(frozen=True)
class Lines(ABC):
    """The lines of the file at `path` below the first few, `skip`. `before`: values before those that the file has."""

    path: Path
    skip: int
    before: int = field(default=0, kw_only=True)

    def scan(self, columns: int, *, delimiter: str) -> str:
        """Their values, see `scan`."""
        return scan(self.path, columns + self.before, delimiter=delimiter, quote='"', skip=self.skip)

    def filled(self) -> Iterator[tuple[int, bytes]]:
        """Each line that is not blank: its number in the file that came, and its bytes."""
        return ((number, line) for _, number, line in self.numbered() if line not in BLANK)

    def counted(self, target: Path, delimiter: str) -> "Lines":
        """The same without blank ones, each with a value before the others: its place, from 1. Written to `target`."""
        with target.open("wb") as stream:
            stream.writelines(
                b"%d%s%s" % (at, delimiter.encode(), line) for at, (_, line) in enumerate(self.filled(), 1)
            )
        return LinesOfFile(target, 0, before=1)

    @abstractmethod
    def numbered(self) -> Iterator[tuple[int, int, bytes]]:
        """Each line: its number at `path`, its number in the file that came, and its bytes."""


class LinesOfFile(Lines):
    """Lines of the file that came."""

    def numbered(self) -> Iterator[tuple[int, int, bytes]]:
        """See Lines."""
        with self.path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                if number > self.skip:
                    yield number, number, line
