"""Files that hold a table in another wrapping: a zip archive, a spreadsheet (.xlsx), Parquet.

In: the path of such a file. Out: the path of the text within, written to a folder. Called by intake; gzip is unpacked
there, as it is read.
"""

import csv
import errno
import lzma
import math
import re
import struct
import uuid
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path, PurePosixPath
from typing import IO

import duckdb
import python_calamine
from pyarrow import csv as arrow_csv

from ..contract import BadFile, Limits
from ..sql import literal

ZIP, PARQUET = (b"PK\x03\x04", b"PK\x05\x06"), b"PAR1"
"""What such files begin with; an archive of nothing begins with its end."""
CHUNK = 1024 * 1024
WORKBOOK_BYTES, WORKBOOK_CELLS = 256 * 1024**2, 5_000_000
"""A workbook is held in memory as a whole, with every cell up to its last row and column, however few are filled."""
SHEETS = "xl/worksheets/"
CELL = re.compile(rb"""\br=["']([A-Z]{0,3})([0-9]{1,7})["']""")
LONGEST_CELL = 16
"""Bytes that such a place takes at most."""
LEAST_ENTRY = 1024
"""Bytes of an archive's list of files, of which each takes its name and a little more."""
LONGEST_END = 65_557 + 76
"""Bytes at the end of an archive in which its list of files is said to be."""
PARQUET_MEMORY, PARQUET_ROWS = "512MB", 100_000
LARGEST_EXACT = 1e15
"""A spreadsheet's numbers are exact up to fifteen digits."""
AGAIN = "Ask the sender for it again."
DAMAGE = (
    zipfile.BadZipFile, EOFError, NotImplementedError, OverflowError, ValueError,
    zlib.error, lzma.LZMAError, struct.error,
)  # fmt: skip
DAMAGED_ERRNO = (None, errno.EINVAL)
"""How `zipfile` fails at damage; by these OSErrors at a place that no file has, or at bzip2."""
DAMAGED = f"The zip archive is damaged or cut short. {AGAIN}"
OFFICE, OPEN_DOCUMENT = "[Content_Types].xml", "mimetype"
"""What names the contents in a Microsoft Office file and in an OpenDocument."""
IGNORED = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Unpacked:
    """What was within: text at `path`, called `member` there; `converted` where it was no text before."""

    path: Path
    member: str = ""
    converted: bool = False
    warnings: tuple[str, ...] = ()


def unpacked(source: Path, workdir: Path, limits: Limits) -> Unpacked:
    """The text in a file, or the file itself where it is no container. Raises BadFile, also beyond the limits."""
    with source.open("rb") as stream:
        begins = stream.read(4)
    target = workdir / f"{uuid.uuid4().hex}.unpacked"
    if begins == PARQUET:
        return _of_parquet(source, target, limits)
    if begins not in ZIP:
        return Unpacked(source)
    try:
        _refuse_many(_directory_bytes(source) // LEAST_ENTRY, limits)
        with zipfile.ZipFile(source) as archive:
            _refuse_many(len(archive.infolist()), limits)
            names = archive.namelist()
            if OPEN_DOCUMENT in names or (OFFICE in names and not any(name.startswith("xl/") for name in names)):
                raise BadFile("The file is an office document, and no .xlsx. Save the table as .xlsx or CSV.")
            if OFFICE in names:
                _measure(archive, min(limits.unzipped_bytes, WORKBOOK_BYTES))
                return _of_workbook(source, target)
            return _of_archive(archive, target, workdir, limits)
    except OSError as problem:
        if problem.errno not in DAMAGED_ERRNO:
            raise
        raise BadFile(DAMAGED) from None
    except DAMAGE:
        raise BadFile(DAMAGED) from None


class TooLarge(BadFile):
    """A file that unpacks to more than it may."""


def too_large(most: int) -> TooLarge:
    """Why a file is not unpacked further."""
    return TooLarge(
        f"The file unpacks to more than {most:,} bytes. If it is no trap, raise MAX_UNZIPPED_BYTES and load it again."
    )


def too_wide(what: str, columns: int, limits: Limits) -> str:
    """Why a table is not read."""
    return (
        f"{what} has {columns:,} columns, and more than {limits.columns:,} (MAX_COLUMNS) are not read. "
        "Load a file with the columns that are needed."
    )


def _refuse_many(files: int, limits: Limits) -> None:
    if files > limits.zip_files:
        raise BadFile(
            f"The zip archive holds more than {limits.zip_files:,} files (MAX_ZIP_FILES). "
            "Unpack it and load each by itself."
        )


def _directory_bytes(source: Path) -> int:
    """The size of an archive's list of its files, which is read as a whole; 0 where it has none."""
    with source.open("rb") as stream:
        stream.seek(max(0, source.stat().st_size - LONGEST_END))
        end = stream.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 16:
        return 0
    large = end.find(b"PK\x06\x06", max(0, at - 76), at)
    sizes = [int.from_bytes(end[at + 12 : at + 16], "little") % 0xFFFFFFFF]
    sizes += [int.from_bytes(end[large + 40 : large + 48], "little")] if large >= 0 else []
    return max(sizes)


def _of_archive(archive: zipfile.ZipFile, target: Path, workdir: Path, limits: Limits) -> Unpacked:
    members = [one for one in archive.infolist() if not one.is_dir() and not _is_ignored(one.filename)]
    if not members:
        raise BadFile(f"The zip archive holds no file. {AGAIN}")
    if len(members) > 1:
        names = ", ".join(one.filename for one in members[:5]) + (", ..." if len(members) > 5 else "")
        raise BadFile(f"The zip archive holds {len(members)} files ({names}). Unpack it and load each by itself.")
    (member,) = members
    if member.flag_bits & 1:
        raise BadFile("The zip archive is locked by a password. Unpack it and load the file in it.")
    with archive.open(member) as stream, target.open("wb") as copy:
        for piece in _pieces(stream, limits.unzipped_bytes):
            copy.write(piece)
    within = unpacked(target, workdir, limits)
    return Unpacked(within.path, PurePosixPath(member.filename).name, within.converted, within.warnings)


def _is_ignored(name: str) -> bool:
    path = PurePosixPath(name)
    return name.startswith(IGNORED) or path.name in IGNORED or path.name.startswith("._")


def _pieces(stream: IO[bytes], most: int) -> Iterator[bytes]:
    size = 0
    while piece := stream.read(CHUNK):
        size += len(piece)
        if size > most:
            raise too_large(most)
        yield piece


def _measure(archive: zipfile.ZipFile, most: int) -> None:
    """Raises BadFile where the members together are larger. Sizes that an archive states of itself prove nothing."""
    left = most
    for member in archive.infolist():
        with archive.open(member) as stream:
            try:
                left -= _bytes(_pieces(stream, left), is_sheet=member.filename.startswith(SHEETS))
            except TooLarge:
                raise too_large(most) from None


def _bytes(pieces: Iterator[bytes], *, is_sheet: bool) -> int:
    """The size of a member of a workbook. Raises BadFile where it is a sheet with a cell too far from the first."""
    size = width = height = 0
    before = b""
    for piece in pieces:
        size += len(piece)
        for letters, number in CELL.findall(before + piece) if is_sheet else ():
            width, height = max(width, _column(letters)), max(height, int(number))
        if width * height > WORKBOOK_CELLS:
            raise BadFile(f"A sheet of the workbook spans over {WORKBOOK_CELLS:,} cells. Save the table as CSV.")
        before = piece[-LONGEST_CELL:]
    return size


def _column(letters: bytes) -> int:
    """The number of a column by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _of_workbook(source: Path, target: Path) -> Unpacked:
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(source))
        visible = [
            one.name for one in workbook.sheets_metadata if one.visible == python_calamine.SheetVisibleEnum.Visible
        ]
        sheets = {name: workbook.get_sheet_by_name(name).to_python() for name in visible}
    except python_calamine.PasswordError:
        raise BadFile("The workbook is locked by a password. Save it without, or as CSV.") from None
    except python_calamine.CalamineError:
        raise BadFile(f"The file is no workbook that can be read. Save the table as CSV. {AGAIN}") from None
    tables = [name for name, rows in sheets.items() if _is_table(rows)]
    if len(tables) != 1:
        found = f"{len(tables)} sheets with a table ({', '.join(tables)[:200]})" if tables else "no sheet with a table"
        raise BadFile(f"The workbook holds {found}. Save the one sheet to load as CSV, or alone.")
    others = [name for name in workbook.sheet_names if name != tables[0]]
    with target.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(map(_texts, sheets[tables[0]]))
    warning = f"Of the workbook the sheet '{tables[0]}' was read; not {', '.join(others)[:200]}."
    return Unpacked(target, converted=True, warnings=(warning,) if others else ())


def _is_table(rows: Sequence[Sequence[object]]) -> bool:
    """Whether there are two rows with two values each."""
    return sum(sum(value not in ("", None) for value in row) > 1 for row in rows) > 1


def _texts(row: Iterable[object]) -> list[str]:
    return [" ".join(_text(value).splitlines()) for value in row]


def _text(value: object) -> str:
    """A cell as a person would type it: a date without a time where there is none, a number without `.0`."""
    if isinstance(value, float):
        exact = math.isfinite(value) and value.is_integer() and abs(value) < LARGEST_EXACT
        return str(int(value)) if exact else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | time | timedelta):
        return str(value)
    return "" if value is None else str(value)


def _of_parquet(source: Path, target: Path, limits: Limits) -> Unpacked:
    """Every column as text. The reader is told the file's path only, and fetches nothing."""
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": PARQUET_MEMORY, "temp_directory": ""}
    con = duckdb.connect(config=config | {"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    try:
        found = con.sql(f"SELECT COLUMNS(*)::VARCHAR FROM read_parquet([{literal(source)}])")
        if len(found.columns) > limits.columns:
            raise BadFile(too_wide("The Parquet file", len(found.columns), limits))
        table = found.to_arrow_reader(PARQUET_ROWS)
        with target.open("wb") as stream, arrow_csv.CSVWriter(stream, table.schema) as writer:
            for batch in table:
                writer.write_batch(batch)
                if stream.tell() > limits.unzipped_bytes:
                    raise too_large(limits.unzipped_bytes)
    except duckdb.OutOfMemoryException:
        raise BadFile(f"The Parquet file needs more than {PARQUET_MEMORY} to unpack. Save it as CSV.") from None
    except duckdb.Error:
        raise BadFile(f"The Parquet file is damaged or cut short. {AGAIN}") from None
    finally:
        con.close()
    return Unpacked(target, converted=True)
