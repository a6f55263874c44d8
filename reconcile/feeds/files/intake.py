"""One pass over the bytes of a file: what it is, whether it is whole, and which lines nobody could read.

In: a file as it arrived, gzipped or not. Out: an Intake that names a file DuckDB can scan. Called by ledger.operations.
"""

import hashlib
import re
import uuid
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO

import numpy as np

from reconcile.domain.blanks import trimmed

from ..contract import BadFile, Intake, Reject
from .bytecheck import LONGEST_LINE, RAW_LENGTH, Lines, not_text

CHUNK = 1024 * 1024
BLOCK = 128 * 1024
"""Small enough to stay in the processor's cache while it is looked at from every side."""
HEAD_LINES = 20
MOST_REJECTS = 200_000
GZIP = b"\x1f\x8b"
NEWLINE = ord("\n")
BLANK_LINE = re.compile(rb"(?:\A|(?<=\n))\r?\n")


def take_in(
    source: Path,
    workdir: Path,
    name: str | None = None,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Intake:
    """Read `source` once; copies go to `workdir`. `progress` gets the fraction done, 0 to 1. Raises BadFile."""
    with source.open("rb") as stream:
        zipped = stream.read(2) == GZIP
    reader = _Reader(source, workdir, zipped=zipped)
    try:
        for chunk, fraction in _chunks(source, zipped=zipped):
            reader.take(chunk)
            progress(fraction)
        return reader.finish(name or source.name)
    finally:
        reader.close()


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


class _Reader:
    """Takes chunks; keeps the hash, the counts, the first and last lines, and a copy where one is needed."""

    def __init__(self, source: Path, workdir: Path, *, zipped: bool) -> None:
        self.source, self.copy_path = source, workdir / f"{uuid.uuid4().hex}.taken"
        self.copy: IO[bytes] | None = self.copy_path.open("wb") if zipped else None
        self.digest = hashlib.sha256()
        # Hashing costs as much as all else together, and a second processor can do it.
        self.hasher = ThreadPoolExecutor(1)
        self.hashing: Future[None] = self.hasher.submit(self.digest.update, b"")
        self.size = self.lines = self.blank = self.clean = 0
        self.first = self.rest = self.tail = b""
        self.rejects: list[Reject] = []
        self.format: Lines | None = None
        self.overlong = False

    def take(self, chunk: bytes) -> None:
        """One more piece of the uncompressed file, of any length."""
        self.hashing.result()
        self.hashing = self.hasher.submit(self.digest.update, chunk)
        self.size += len(chunk)
        if len(self.first) < LONGEST_LINE:
            self.first += chunk[: LONGEST_LINE - len(self.first)]
        if self.format is None:
            reason = not_text(self.first)
            if reason:
                raise BadFile(reason)
            self.format = Lines.of(self.first)
        if self.format.is_document:
            self._pass_on(chunk)
            return
        for at in range(0, len(chunk), BLOCK):
            self._take_lines(chunk[at : at + BLOCK])

    def finish(self, name: str) -> Intake:
        """The end of the file: the last line need not end in a newline."""
        if self.rest:
            self._block(self.rest)
        head = [line.rstrip("\r") for line in self.first.decode("utf-8-sig", "replace").split("\n")[:HEAD_LINES]]
        if not self.size:
            raise BadFile("The file is empty. Ask the sender for it again.")
        if not any(map(trimmed, head)) and not self.tail:
            raise BadFile("The file holds nothing but blank lines. Ask the sender for it again.")
        path = self.copy_path if self.copy else self.source
        self.hashing.result()
        self.close()
        tail = self.tail.decode("utf-8-sig", "replace")
        digest = self.digest.hexdigest()
        return Intake(path, name, digest, self.size, self.lines, self.blank, head, tail, self.rejects)

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
            self._block(self.rest + chunk[:cut])
            self.rest = b""
        self.rest += chunk[cut:]
        if len(self.rest) > LONGEST_LINE:
            self._begin_copy()
            self.overlong, self.rest = True, self.rest[: LONGEST_LINE + 1]

    def _block(self, block: bytes) -> None:
        """Whole lines: let them pass, or mend them one by one where something is wrong with any."""
        if self.format and self.format.hazardous(block):
            self._begin_copy()
            block, rejects = self.format.mend(block, self.lines + 1)
            self.rejects += rejects
            if len(self.rejects) > MOST_REJECTS:
                raise BadFile(f"Over {MOST_REJECTS:,} lines cannot be read. The first: {self.rejects[0].reason}")
        if self.copy:
            self.copy.write(block)
        self.clean += len(block)
        ended, blank = _ends(block)
        self.lines += ended + (not block.endswith(b"\n"))
        self.blank += blank
        self._remember_tail(block)

    def _remember_tail(self, block: bytes) -> None:
        end = len(block.rstrip())
        while end:
            start = block.rfind(b"\n", 0, end) + 1
            if trimmed(block[start:end].decode("utf-8", "replace")):
                self.tail = block[start:end][:LONGEST_LINE]
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


def _ends(block: bytes) -> tuple[int, int]:
    """The newlines of a block, and its empty lines, which the CSV reader passes over."""
    ends = np.frombuffer(block, np.uint8) == NEWLINE
    count = int(np.count_nonzero(ends))
    doubled = bool((ends[1:] & ends[:-1]).any())
    if doubled or block[:1] in b"\r\n" or (b"\r" in block and b"\n\r\n" in block):
        return count, len(BLANK_LINE.findall(block))
    return count, 0
