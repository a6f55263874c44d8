"""One pass over the bytes of a file: what it is, whether it is whole, and which lines nobody could read.

In: a file as it arrived, gzipped or not. Out: an Intake that names a file DuckDB can scan. Called by ledger.operations.
"""

import codecs
import hashlib
import re
import uuid
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np

from reconcile.domain.blanks import trimmed

from ..contract import BadFile, Intake, Limits, Reject
from .bytecheck import DOCUMENTS, HEAD_LINES, LONGEST_LINE, QUOTED, RAW_LENGTH, UTF_32, Lines, Mended, not_text
from .containers import too_large, too_wide, unpacked

CHUNK = 1024 * 1024
BLOCK = 128 * 1024
"""Small enough to stay in the processor's cache while it is looked at from every side."""
START = 64 * 1024
"""So much of a file says how it is written."""
UTF16 = (b"\xff\xfe", b"\xfe\xff")
ENDING = 16 * 1024
"""So much of the end of a file says whether lines close it."""
MOST_REJECTS = 50_000
"""Lines that nobody can read; they are held in memory until the others are found."""
GZIP = b"\x1f\x8b"
NEWLINE = ord("\n")
BLANK_LINE = re.compile(rb"(?:\A|(?<=\n))\r?\n")


def take_in(
    source: Path,
    workdir: Path,
    name: str | None = None,
    progress: Callable[[float], None] = lambda fraction: None,
    limits: Limits | None = None,
) -> Intake:
    """Read `source` once; copies go to `workdir`. `progress` gets the fraction done, 0 to 1.

    Raises BadFile, also where it is more than `limits` allow.
    """
    limits = limits or Limits()
    within = unpacked(source, workdir, limits)
    with within.path.open("rb") as stream:
        zipped = stream.read(2) == GZIP
    reader = _Reader(within.path, workdir, copied=zipped)
    try:
        for chunk, fraction in _chunks(within.path, zipped=zipped):
            reader.take(chunk)
            if zipped and reader.size > limits.unzipped_bytes:
                raise too_large(limits.unzipped_bytes)
            progress(fraction)
        intake = reader.finish(name or source.name)
    finally:
        reader.close()
    intake = replace(intake, member=within.member, limits=limits, warnings=[*within.warnings, *intake.warnings])
    _refuse_wide(intake)
    # What was no text is known by the bytes that came.
    return replace(intake, sha256=_sha256(source), size=source.stat().st_size) if within.converted else intake


def _refuse_wide(intake: Intake) -> None:
    """Raises BadFile where one of the first lines has too many values: what looks for headings would never end."""
    if not intake.delimiter or next(filter(None, map(trimmed, intake.head)), "").startswith(DOCUMENTS):
        return
    for number, line in enumerate(intake.head, 1):
        values = QUOTED.sub(b"", line.encode()).count(intake.delimiter.encode()) + 1
        if values > intake.limits.columns:
            raise BadFile(too_wide(f"Line {number} of the file", values, intake.limits))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _chunks(source: Path, *, zipped: bool) -> Iterator[tuple[bytes, float]]:
    """The uncompressed bytes, with the fraction of the source that they end at."""
    total = source.stat().st_size or 1
    with source.open("rb") as stream:
        pieces = _unzipped(stream) if zipped else iter(lambda: stream.read(CHUNK), b"")
        for piece in pieces:
            yield piece, stream.tell() / total


def _unzipped(stream: IO[bytes]) -> Iterator[bytes]:
    """The content of all gzip members, a bounded piece at a time."""
    member = zlib.decompressobj(wbits=31)
    try:
        while data := stream.read(CHUNK):
            while data:
                if member.eof:
                    if not data.lstrip(b"\0"):
                        break
                    member = zlib.decompressobj(wbits=31)
                piece = member.decompress(data, 8 * CHUNK)
                data = member.unconsumed_tail or member.unused_data
                if piece:
                    yield piece
    except zlib.error:
        raise BadFile("The gzip file is damaged. Copy it again, or ask the sender for it again.") from None
    if not member.eof:
        raise BadFile("The gzip file is cut short. Copy it again, or ask the sender for it again.")


@dataclass(frozen=True)
class Numbered:
    """How many lines there are of some kind, and the number of the first."""

    count: int = 0
    first: int = 0

    def and_then(self, numbers: list[int]) -> "Numbered":
        """With further lines."""
        return Numbered(self.count + len(numbers), self.first or next(iter(numbers), 0))


class _Reader:
    """Takes chunks; keeps the hash, the counts, the first and last lines, and a copy where one is needed."""

    def __init__(self, source: Path, workdir: Path, *, copied: bool) -> None:
        self.source, self.copy_path = source, workdir / f"{uuid.uuid4().hex}.taken"
        self.copy: IO[bytes] | None = self.copy_path.open("wb") if copied else None
        self.digest = hashlib.sha256()
        # Hashing costs as much as all else together, and a second processor can do it.
        self.hasher = ThreadPoolExecutor(1)
        self.hashing: Future[None] = self.hasher.submit(self.digest.update, b"")
        self.size = self.lines = self.blank = self.clean = self.tail_at = 0
        self.first = self.held = self.rest = self.tail = self.ending = b""
        self.head: list[str] = []
        self.rejects: list[Reject] = []
        self.recoded = self.damaged = Numbered()
        self.format: Lines | None = None
        self.decoder: codecs.IncrementalDecoder | None = None
        self.overlong = self.ends_open = False

    def take(self, chunk: bytes) -> None:
        """One more piece of the uncompressed file, of any length."""
        self.hashing.result()
        self.hashing = self.hasher.submit(self.digest.update, chunk)
        if not self.size and chunk.startswith(UTF16) and not chunk.startswith(UTF_32):
            self.decoder = codecs.getincrementaldecoder("utf-16")("replace")
            self.copy = self.copy or self.copy_path.open("wb")
        self.size += len(chunk)
        self._take_text(self.decoder.decode(chunk).encode() if self.decoder else chunk)

    def _take_text(self, chunk: bytes, *, last: bool = False) -> None:
        if self.format is None:
            self.first += chunk
            if len(self.first) < START and not last:
                return
            chunk = self.first
            reason = not_text(self.first)
            if reason:
                raise BadFile(reason)
            self.format = Lines.of(self.first)
        if self.format.is_document:
            self._pass_on(chunk)
            return
        self.ends_open = not chunk.endswith(b"\n") if chunk else self.ends_open
        for at in range(0, len(chunk), BLOCK):
            self._take_lines(chunk[at : at + BLOCK])

    def finish(self, name: str) -> Intake:
        """The end of the file: the last line need not end in a newline."""
        if not self.size:
            raise BadFile("The file is empty. Ask the sender for it again.")
        if self.format is None:
            self._take_text(b"", last=True)
        if self.held or self.rest:
            self._block(self.held + self.rest, last=True)
        if not any(map(trimmed, self.head)) and not self.tail:
            raise BadFile("The file holds nothing but blank lines. Ask the sender for it again.")
        self.hashing.result()
        self.close()
        return Intake(
            path=self.copy_path if self.copy else self.source,
            name=name,
            sha256=self.digest.hexdigest(),
            size=self.size,
            lines=self.lines,
            blank=self.blank,
            head=self.head or _head(self.first),
            tail=self.tail.decode("utf-8-sig", "replace"),
            rejects=self.rejects,
            warnings=list(self._warnings()),
            delimiter=self.format.delimiter.decode() if self.format else "",
            tail_at=self.tail_at,
            ending=[*_numbered(self.ending, self.lines)],
            ends_open=self.ends_open,
        )

    def _warnings(self) -> Iterator[str]:
        if self.decoder:
            yield "The file is UTF-16 text and was read as such."
        if self.recoded.count:
            yield (
                f"{self.recoded.count:,} lines are no UTF-8 text and were read as Windows-1252, in which spreadsheets "
                f"write CSV. The first is line {self.recoded.first:,}."
            )
        if self.damaged.count:
            yield (
                f"{self.damaged.count:,} lines hold bytes that are no character, such as NUL; a value with one is not "
                f"read. The first is line {self.damaged.first:,}."
            )

    def close(self) -> None:
        """Close the copy, if there is one, and end the hashing."""
        self.hasher.shutdown()
        if self.copy:
            self.copy.close()

    def _pass_on(self, chunk: bytes) -> None:
        # A document of XML or JSON may be one line of a gigabyte; its parser has its own checks.
        self.lines += chunk.count(b"\n")
        self.tail = (self.tail + chunk)[-RAW_LENGTH:]
        if self.copy:
            self.copy.write(chunk)

    def _take_lines(self, chunk: bytes) -> None:
        if self.overlong:
            end = chunk.find(b"\n")
            if end < 0:
                return
            # What was kept of the line, with its end, is still too long and so becomes a reject.
            self.overlong, chunk = False, self.rest + chunk[end:]
            self.rest = b""
        cut = chunk.rfind(b"\n") + 1
        if cut:
            self._block(self.held + self.rest + chunk[:cut])
            self.rest = b""
        self.rest += chunk[cut:]
        if len(self.rest) > LONGEST_LINE:
            self._begin_copy()
            self.overlong, self.rest = True, self.rest[: LONGEST_LINE + 1]

    def _block(self, block: bytes, *, last: bool = False) -> None:
        """Whole lines: let them pass, or mend them one by one where something is wrong with any."""
        self.held = b""
        if self.format and self.format.hazardous(block):
            self._begin_copy()
            block = self._mended(self.format.mend(block, self.lines + 1, last=last))
        elif len(self.head) < HEAD_LINES:
            self.head += _head(block)
        if not block:
            return
        if self.copy:
            self.copy.write(block)
        self.clean += len(block)
        ended, blank = _ends(block)
        self.lines += ended + (not block.endswith(b"\n"))
        self.blank += blank
        self.ending = (self.ending + block if len(block) < ENDING else block)[-ENDING:]
        self._remember_tail(block)

    def _mended(self, mended: Mended) -> bytes:
        if len(self.head) < HEAD_LINES:
            head = dict(enumerate(_head(mended.block), self.lines + 1))
            # A heading line that nobody can read is still the heading line.
            head |= {reject.line: reject.raw for reject in mended.rejects if reject.line in head}
            self.head += head.values()
        self.held = mended.held
        self.rejects += mended.rejects
        self.recoded = self.recoded.and_then(mended.recoded)
        self.damaged = self.damaged.and_then(mended.damaged)
        if len(self.rejects) > MOST_REJECTS:
            raise BadFile(f"Over {MOST_REJECTS:,} lines cannot be read. The first: {self.rejects[0].reason}")
        return mended.block

    def _remember_tail(self, block: bytes) -> None:
        end = len(block.rstrip())
        while end:
            start = block.rfind(b"\n", 0, end) + 1
            if trimmed(block[start:end].decode("utf-8", "replace")):
                self.tail = block[start:end][:LONGEST_LINE]
                self.tail_at = self.lines - max(0, block.count(b"\n", end) - 1)
                return
            end = len(block[:start].rstrip())

    def _begin_copy(self) -> None:
        """From the first hazard on the file is copied; all before it was clean and is copied as it is."""
        if self.copy:
            return
        self.copy = self.copy_path.open("wb")
        with self.source.open("rb") as stream:
            left = self.clean
            while left:
                piece = stream.read(min(CHUNK, left))
                self.copy.write(piece)
                left -= len(piece)


def _head(text: bytes) -> list[str]:
    """The first lines of a text."""
    lines = text[:LONGEST_LINE].decode("utf-8-sig", "replace").removesuffix("\n").split("\n") if text else []
    return [line.rstrip("\r") for line in lines[:HEAD_LINES]]


def _numbered(ending: bytes, last: int) -> Iterator[tuple[int, str]]:
    """The whole lines of the end of a file that are not blank, with their numbers; `last`: that of the last one."""
    lines = ending.removesuffix(b"\n").split(b"\n")
    for number, line in enumerate(lines, last - len(lines) + 1):
        text = line.decode("utf-8-sig", "replace").rstrip("\r")
        # The first may be a part of a line.
        if trimmed(text) and (number > last - len(lines) + 1 or len(ending) < ENDING):
            yield number, text


def _ends(block: bytes) -> tuple[int, int]:
    """The newlines of a block, and its empty lines, which the CSV reader passes over."""
    ends = np.frombuffer(block, np.uint8) == NEWLINE
    count = int(np.count_nonzero(ends))
    doubled = bool((ends[1:] & ends[:-1]).any())
    if doubled or block[:1] in b"\r\n" or (b"\r" in block and b"\n\r\n" in block):
        return count, len(BLANK_LINE.findall(block))
    return count, 0
