"""Files that hold a table in another wrapping: a zip archive, a spreadsheet (.xlsx), Parquet.

In: the path of such a file. Out: the path of the text within, written to a folder. Called by intake; gzip is unpacked
there, as it is read.
"""

import csv
import math
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path, PurePosixPath
from typing import IO

import duckdb
import python_calamine
from pyarrow import csv as arrow_csv

from ..contract import BadFile
from ..sql import literal

ZIP, PARQUET = (b"PK\x03\x04", b"PK\x05\x06"), b"PAR1"
"""What such files begin with; an archive of nothing begins with its end."""
CHUNK = 1024 * 1024
WORKBOOK_BYTES = 2 * 1024**3
"""A workbook is held in memory as a whole."""
LARGEST_EXACT = 1e15
"""A spreadsheet's numbers are exact up to fifteen digits."""
AGAIN = "Ask the sender for it again."
IGNORED = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Unpacked:
    """What was within: text at `path`, called `member` there; `converted` where it was no text before."""

    path: Path
    member: str = ""
    converted: bool = False
    warnings: tuple[str, ...] = ()


def unpacked(source: Path, workdir: Path, most: int) -> Unpacked:
    """The text in a file, or the file itself where it is no container. Raises BadFile, also beyond `most` bytes."""
    with source.open("rb") as stream:
        begins = stream.read(4)
    target = workdir / f"{uuid.uuid4().hex}.unpacked"
    if begins == PARQUET:
        return _of_parquet(source, target, most)
    if begins not in ZIP:
        return Unpacked(source)
    try:
        with zipfile.ZipFile(source) as archive:
            if "[Content_Types].xml" in archive.namelist():
                _measure(archive, min(most, WORKBOOK_BYTES))
                return _of_workbook(source, target)
            return _of_archive(archive, target, workdir, most)
    except (zipfile.BadZipFile, EOFError, NotImplementedError):
        raise BadFile(f"The zip archive is damaged or cut short. {AGAIN}") from None


def too_large(most: int) -> BadFile:
    """Why a file is not unpacked further."""
    return BadFile(
        f"The file unpacks to more than {most:,} bytes. If it is no trap, raise MAX_UNZIPPED_BYTES and load it again."
    )


def _of_archive(archive: zipfile.ZipFile, target: Path, workdir: Path, most: int) -> Unpacked:
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
        for piece in _pieces(stream, most):
            copy.write(piece)
    within = unpacked(target, workdir, most)
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
                left -= sum(map(len, _pieces(stream, left)))
            except BadFile:
                raise too_large(most) from None


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


def _of_parquet(source: Path, target: Path, most: int) -> Unpacked:
    """Every column as text. The reader is told the file's path only, and fetches nothing."""
    con = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    try:
        table = con.sql(f"SELECT COLUMNS(*)::VARCHAR FROM read_parquet([{literal(source)}])").to_arrow_reader()
        with target.open("wb") as stream, arrow_csv.CSVWriter(stream, table.schema) as writer:
            for batch in table:
                writer.write_batch(batch)
                if stream.tell() > most:
                    raise too_large(most)
    except duckdb.Error:
        raise BadFile(f"The Parquet file is damaged or cut short. {AGAIN}") from None
    finally:
        con.close()
    return Unpacked(target, converted=True)
