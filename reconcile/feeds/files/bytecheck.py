"""What can be wrong with the bytes of a file or of a line, before anybody asks what they mean.

In: blocks of whole lines. Out: the blocks with hazardous lines blanked out, and a Reject for each. Called by intake.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from reconcile.domain.blanks import trimmed

from ..contract import Reject

LONGEST_LINE = 1024 * 1024
RAW_LENGTH = 500
BOM = b"\xef\xbb\xbf"
DELIMITERS = ",\t|;"
DOCUMENTS = ("<", "{", "[")
"""What a document of XML or of JSON begins with: it is no file of lines."""

CONTROLS = b"\0\1"
"""No text file holds them; the second is what the reader of whole lines splits fields by, so as never to split."""
NUL = "The line holds a NUL byte or its like: the file was damaged on its way."
NOT_UTF8 = "The line is not UTF-8 text. Export the file as UTF-8."
TOO_LONG = "The line is longer than 1 MB."
LONE_RETURN = "The line has a carriage return in the middle."
BAD_QUOTES = "A quotation mark in the line is not closed, or stands in the middle of a value."

OTHER_KINDS = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word document",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"PAR1": "a Parquet file",
}


def not_text(first: bytes) -> str:
    """Why a file that begins like this is no text file that can be read; empty where it is one."""
    for magic, words in OTHER_KINDS.items():
        if first.startswith(magic):
            return f"The file is {words}. Load the text file itself, plain or gzipped."
    start = first[:4096]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_utf16(start):
        return "The file is UTF-16 text. Save it as UTF-8 and load it again."
    if trimmed(start.decode("utf-8", "replace"))[:14].lower().startswith(("<!doctype html", "<html")):
        return "The file is a web page. Download the file itself, not the page that shows it."
    controls = sum(byte < 32 and byte not in b"\t\n\f\r" for byte in start)
    if controls > max(20, len(start) // 10):
        return "The file is not text. Load a text file in one of the known formats, plain or gzipped."
    if b"\r" in start and b"\n" not in first:
        return "The lines of the file end in bare carriage returns. Save it with Windows or Unix line ends."
    return ""


def _looks_utf16(start: bytes) -> bool:
    pairs = len(start) // 2
    return pairs >= 4 and max(start[0::2].count(0), start[1::2].count(0)) > pairs * 0.7


def delimiter_of(line: str) -> str:
    """The delimiter of a heading line: the one that occurs most, a comma where none does."""
    bare = re.sub('"[^"]*"', "", line)
    return max(DELIMITERS, key=bare.count)


@dataclass(frozen=True)
class Lines:
    """How the lines of a file are written. `delimiter` is empty where quotation marks mean nothing."""

    delimiter: bytes
    newline: bytes
    is_document: bool

    @classmethod
    def of(cls, first: bytes) -> "Lines":
        """Read it from the beginning of the file."""
        start = trimmed(first.decode("utf-8", "replace"))
        line = start.partition("\n")[0]
        delimiter = b"" if line.startswith("ZHV") else delimiter_of(line).encode()
        newline = b"\r\n" if line.endswith("\r") else b"\n"
        return cls(delimiter, newline, start.startswith(DOCUMENTS))

    def hazardous(self, block: bytes) -> bool:
        """Whether any line of the block needs mending. Cheap: a few passes over the bytes, none over lines."""
        return (
            _has_control(block)
            or not _is_utf8(block)
            or self._odd_line_ends(block)
            or _has_long_line(block)
            or (bool(self.delimiter) and b'"' in block and self._odd_quotes(block))
        )

    def mend(self, block: bytes, first_line: int) -> tuple[bytes, list[Reject]]:
        """The block with uniform line ends and every hazardous line blank, and those lines as rejects."""
        lines = block.removesuffix(b"\n").split(b"\n")
        rejects = []
        for at, ended in enumerate(lines):
            lines[at] = line = ended.removesuffix(b"\r")
            reason = self._reason(line)
            if reason:
                raw = line[:RAW_LENGTH].decode("utf-8", "replace")
                rejects.append(Reject(first_line + at, raw, reason))
                lines[at] = b""
        return self.newline.join(lines) + self.newline, rejects

    def _reason(self, line: bytes) -> str:
        if len(line) > LONGEST_LINE:
            return TOO_LONG
        if _has_control(line):
            return NUL
        if not _is_utf8(line):
            return NOT_UTF8
        if b"\r" in line:
            return LONE_RETURN
        return (
            BAD_QUOTES if self.delimiter and b'"' in line and not self._quoted.fullmatch(line.removeprefix(BOM)) else ""
        )

    @cached_property
    def _quoted(self) -> re.Pattern[bytes]:
        """A line whose values are bare or quoted throughout, a quotation mark within being doubled."""
        mark = re.escape(self.delimiter)
        other = rb'[^"' + mark + rb"]"
        # The reader copes with one blank before a quotation mark; two make it lose its place.
        value = rb'(?: ?"[^"]*+(?:""[^"]*+)*+" *+|(?! *+")' + other + rb'*+(?:""' + other + rb"*+)*+)"
        return re.compile(value + rb"(?:" + mark + value + rb")*+")

    def _odd_line_ends(self, block: bytes) -> bool:
        if self.newline == b"\n":
            return b"\r" in block
        ends = block.count(b"\n")
        return block.count(b"\r") != ends or block.count(b"\r\n") != ends

    def _odd_quotes(self, block: bytes) -> bool:
        """Whether a line has a mark that is not closed or in the wrong place: the reader would lose the lines below."""
        block = block.removeprefix(BOM).replace(b"\r\n", b"\n").removesuffix(b"\n") + b"\n"
        if self._only_empty_quotes(block) or self._all_quoted(block):
            return False
        return not all(self._quoted.fullmatch(line) for line in block.split(b"\n") if b'"' in line)

    def _only_empty_quotes(self, block: bytes) -> bool:
        """Whether every quotation mark belongs to an empty value. Cheap: some writers quote nothing else."""
        mark = self.delimiter
        for _ in range(2):
            block = block.replace(mark + b'""' + mark, mark + mark)
        return b'"' not in block.replace(mark + b'""\n', mark + b"\n")

    def _all_quoted(self, block: bytes) -> bool:
        """Whether every value is quoted, and rightly so. Cheap: some writers quote everything."""
        lines = block.count(b"\n")
        inner = block[1:-2]
        if not (block.startswith(b'"') and inner and block.endswith(b'"\n') and block.count(b'"\n"') == lines - 1):
            return False
        # With the seams between values gone, only doubled marks may be left.
        for seam in (b'"\n"', b'"' + self.delimiter + b'"'):
            inner = inner.replace(seam, b"\2")
        return b'"' not in inner.replace(b'""', b"") and b"\n" not in inner


def _has_control(block: bytes) -> bool:
    return any(control in block for control in CONTROLS)


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _has_long_line(block: bytes) -> bool:
    at = 0
    while len(block) - at > LONGEST_LINE:
        end = block.rfind(b"\n", at, at + LONGEST_LINE + 1)
        if end < 0:
            return True
        at = end + 1
    return False
