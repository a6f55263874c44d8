"""A file as DuckDB scans it, and its lines as they stand.

In: the path of a text file. Out: SQL, and numbered lines. Called by the other modules of files, by plain and formats.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..sql import literal

REJECTS_TABLE = "structural_rejects"
SCANS_TABLE = "structural_scans"


def scan(path: Path, columns: int, *, delimiter: str, quote: str, skip: int, keep_rejects: bool) -> str:
    """`read_csv` with every value as text in c0, c1, ...; lines with a wrong number of values are left out.

    `keep_rejects` notes those lines in REJECTS_TABLE, which only the second pass needs.
    """
    names = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(columns))
    noting = f"store_rejects = true, rejects_table = '{REJECTS_TABLE}', rejects_scan = '{SCANS_TABLE}'"
    return (
        f"read_csv({literal(path)}, auto_detect = false, header = false, skip = {skip}, delim = {literal(delimiter)}, "
        f"quote = {literal(quote)}, escape = {literal(quote)}, strict_mode = true, columns = {{{names}}}, "
        f"{noting if keep_rejects else 'ignore_errors = true'})"
    )


def scan_lines(path: Path) -> str:
    """Every physical line, blank ones too, as text in c0. The delimiter is a character that no such file holds."""
    return scan(path, 1, delimiter="\x01", quote="", skip=0, keep_rejects=False)


@dataclass(frozen=True)
class Lines(ABC):
    """The lines of the file at `path` below the first few, `skip`."""

    path: Path
    skip: int

    def scan(self, columns: int, *, delimiter: str, keep_rejects: bool = False) -> str:
        """Their values, see `scan`."""
        return scan(self.path, columns, delimiter=delimiter, quote='"', skip=self.skip, keep_rejects=keep_rejects)

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
