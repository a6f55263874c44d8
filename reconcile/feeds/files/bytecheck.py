"""What can be wrong with the bytes of a file or of a line, before anybody asks what they mean.

In: blocks of whole lines. Out: the blocks with each record on one line, and a Reject for each line that is none. Called
by intake.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from reconcile.domain.blanks import trimmed

from ..contract import Reject
from ..values.numbers import points_named

LONGEST_LINE = 1024 * 1024
RAW_LENGTH = 500
BOM = b"\xef\xbb\xbf"
DELIMITERS = ",\t|;"
HEAD_LINES = 100
SEPARATOR = re.compile('(?i)"?sep=(.)"?\\s*')
"""A first line that tells a spreadsheet the delimiter."""
NO_TEXT = re.compile(rb"[\0\1\r]")
QUOTED = re.compile(rb'"[^"]*+(?:""[^"]*+)*+"')
DOCUMENTS = ("<", "{", "[")
"""What a document of XML or of JSON begins with: it is no file of lines."""

CONTROLS = b"\0\1"
"""No text file holds them; the second is what the reader of whole lines splits fields by, so as never to split."""
LOST = "\ufffd".encode()
"""Is put where bytes are no character, so that nobody takes the rest for the value."""
TOO_LONG = "The line is longer than 1 MB."
BAD_QUOTES = "A quotation mark in the line is not closed, or stands in the middle of a value."
MOST_JOINED, MOST_HELD = 100, 64 * 1024
"""Lines, and bytes, that one value between quotation marks may go over."""

OTHER_KINDS = {
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word document",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"\x1f\x8b": "a gzip file within a gzip file",
    b"PK\x03\x04": "a zip archive or workbook within a gzip file",
    b"Rar!": "a RAR archive",
    b"SQLite format 3": "an SQLite database",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"{\\rtf": "a Rich Text document",
    b"Obj\x01": "an Avro file",
    b"ORC": "an ORC file",
    b"ARROW1": "an Arrow file",
    b"-----BEGIN PGP": "encrypted by PGP",
    b"version https://git-lfs": "a pointer to a file that Git LFS keeps",
}


UTF_32 = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
TAR, TAR_AT = b"ustar", 257
WEB_PAGES = (
    "<!doctype html",
    "<html",
    "<table",
    "<head",
    "<body",
    "<div",
    "<meta",
    "<style",
    "<script",
    "<p>",
    "<!-- saved",
)
SPREADSHEET_XML = "urn:schemas-microsoft-com:office:spreadsheet"


def not_text(first: bytes) -> str:
    """Why a file that begins like this is no text file that can be read; empty where it is one."""
    for magic, words in OTHER_KINDS.items():
        if first.startswith(magic):
            return f"The file is {words}. Load the text file itself, plain, gzipped or zipped, or as .xlsx."
    start = first[:4096]
    begins = trimmed(start.decode("utf-8", "replace")).lower()
    controls = sum(byte < 32 and byte not in b"\t\n\f\r" for byte in start)
    cases = (
        (start[TAR_AT : TAR_AT + len(TAR)] == TAR, "is a tar archive. Unpack it and load each file by itself."),
        (first.startswith(UTF_32), "is UTF-32 text. Save it as UTF-8 and load it again."),
        (_looks_utf16(start), "is UTF-16 text without a byte order mark. Save it as UTF-8 and load it again."),
        (
            begins.startswith(WEB_PAGES),
            "is a web page. Download the file itself, not the page that shows it; or open it in a spreadsheet and save "
            "the table as CSV.",
        ),
        (
            begins.startswith("<") and SPREADSHEET_XML in begins,
            "is a spreadsheet as XML (2003). Save it as .xlsx or CSV and load it again.",
        ),
        (
            controls > max(20, len(start) // 10),
            "is not text. Load a text file in one of the known formats, plain or gzipped.",
        ),
    )
    if why := next((words for holds, words in cases if holds), ""):
        return f"The file {why}"
    if b"\r" in start and b"\n" not in first:
        return "The lines of the file end in bare carriage returns. Save it with Windows or Unix line ends."
    return ""


def _looks_utf16(start: bytes) -> bool:
    pairs = len(start) // 2
    fewer, more = sorted((start[0::2].count(0), start[1::2].count(0)))
    return pairs >= 4 and more > pairs * 0.7 and fewer < pairs * 0.3


def delimiter_of(lines: list[str]) -> tuple[str, int]:
    """The delimiter of a file that begins with these lines, and how many values most of them have.

    It is the one that most lines have equally often; a `sep=` line says it.
    """
    said = next((match[1] for match in map(SEPARATOR.fullmatch, lines) if match), "")
    filled = [line for line in lines if trimmed(line) and not SEPARATOR.fullmatch(line)]
    # A line within quotation marks at its end is but a part of a record.
    whole = [line for line in filled if line.count('"') % 2 == 0] or filled
    bare = [re.sub('"[^"]*"', "", line) for line in whole]

    def agreeing(delimiter: str) -> tuple[int, int]:
        counts = Counter(filter(None, (line.count(delimiter) for line in bare)))
        return max(((lines, count) for count, lines in counts.items()), default=(0, 0))

    found = said if said and said in DELIMITERS else max(DELIMITERS, key=agreeing)
    return found, agreeing(found)[1] + 1


@dataclass
class Mended:
    """Whole lines as they are scanned, and what was done to them. `held` begins a value that goes on below."""

    block: bytes = b""
    held: bytes = b""
    rejects: list[Reject] = field(default_factory=list)
    recoded: list[int] = field(default_factory=list)
    """Numbers of lines that are no UTF-8."""
    damaged: list[int] = field(default_factory=list)
    """Numbers of lines with bytes that are no character."""


@dataclass(frozen=True)
class Lines:
    """How the lines of a file are written. `delimiter` is empty where quotation marks mean nothing.

    `width` is how many values a line has, 0 where that differs. A document (XML, JSON) is not looked at by lines.
    """

    delimiter: bytes
    newline: bytes
    is_document: bool
    width: int = 0

    @classmethod
    def of(cls, first: bytes) -> "Lines":
        """Read it from the beginning of the file."""
        start = trimmed(first[: 64 * 1024].decode("utf-8", "replace"))
        lines = start.split("\n")
        newline = b"\r\n" if lines[0].endswith("\r") else b"\n"
        delimiter, width = delimiter_of([line.removesuffix("\r") for line in lines[:HEAD_LINES]])
        if start.startswith("ZHV"):
            delimiter = ""
        if start.strip('"').startswith("A00"):
            delimiter, width = ",", 0
        return cls(delimiter.encode(), newline, start.startswith(DOCUMENTS), width)

    def hazardous(self, block: bytes) -> bool:
        """Whether any line of the block needs mending. Cheap: a few passes over the bytes, none over lines."""
        return (
            _has_control(block)
            or not _is_utf8(block)
            or self._odd_line_ends(block)
            or _has_long_line(block)
            or (bool(self.delimiter) and b'"' in block and self._odd_quotes(block))
        )

    def mend(self, block: bytes, first_line: int, *, last: bool = False) -> Mended:
        """The block with uniform line ends, each record on one line, and lines that nobody can take apart blank.

        A record that took several lines stands on its first; the others are blank. `last`: nothing follows the block.
        """
        lines, mended = block.removesuffix(b"\n").split(b"\n"), Mended()
        at = 0
        while at < len(lines):
            line = self._tidied(lines[at], first_line + at, mended)
            record, taken = self._record(line, lines[at + 1 :])
            if not taken and not last and sum(map(len, lines[at:])) < MOST_HELD:
                mended.held = b"\n".join(lines[at:]) + b"\n"
                del lines[at:]
                break
            if record is None:
                raw = lines[at].rstrip(b"\r").decode("utf-8", "replace")
                reason = TOO_LONG if len(line) > LONGEST_LINE else BAD_QUOTES
                mended.rejects.append(Reject(first_line + at, raw[:RAW_LENGTH], reason, points_named(raw)))
            lines[at] = record or b""
            for further in range(at + 1, at + taken):
                lines[further] = b""
            at += taken or 1
        mended.block = self.newline.join(lines) + self.newline if lines else b""
        return mended

    def _tidied(self, line: bytes, number: int, mended: Mended) -> bytes:
        """A line as UTF-8, without bytes that are no text."""
        line = line.rstrip(b"\r")
        if not _is_utf8(line):
            mended.recoded.append(number)
            line = line.decode("cp1252", "replace").encode()
        if _has_control(line) or b"\r" in line:
            mended.damaged.append(number)
            line = NO_TEXT.sub(LOST, line)
        if self.delimiter and b'="' in line:
            line = self._formulas.sub(rb"\1\2", line)
        return line

    def _record(self, line: bytes, below: list[bytes]) -> tuple[bytes | None, int]:
        """The record that begins with a line, None where it cannot be told, and how many lines it takes.

        It takes none where the lines below end before it does.
        """
        if len(line) > LONGEST_LINE:
            return None, 1
        if not self.delimiter or b'"' not in line or self._quoted.fullmatch(line.removeprefix(BOM)):
            return line, 1
        joined, taken = self._joined(line, below) if self._open.fullmatch(line.removeprefix(BOM)) else (None, 1)
        return joined or self._values_kept(line), taken

    def _joined(self, line: bytes, below: list[bytes]) -> tuple[bytes | None, int]:
        """As `_record`, of a line that ends within quotation marks. What is a record by itself is part of no other."""
        for place, ended in enumerate(below[:MOST_JOINED]):
            further = ended.rstrip(b"\r")
            if not _is_utf8(further):
                further = further.decode("cp1252", "replace").encode()
            if self._quoted.fullmatch(further) and self._width_of(further) == self.width:
                return None, 1
            line += b" " + NO_TEXT.sub(LOST, further)
            if b'"' in further:
                if self._quoted.fullmatch(line) and self._width_of(line) == self.width:
                    return line, place + 2
                if not self._open.fullmatch(line):
                    return None, 1
        return None, 1 if len(below) >= MOST_JOINED else 0

    def _values_kept(self, line: bytes) -> bytes | None:
        """The line with marks for lost characters where quotation marks are misplaced, if its values can be counted."""
        if not self.width:
            return None
        values, rest, mark = [], line, self.delimiter
        while True:
            whole = self._value.match(rest)
            end = whole.end() if whole else 0
            if not whole or rest[end : end + 1] not in (b"", mark):
                end = rest.find(mark) if mark in rest else len(rest)
            values.append(rest[:end] if whole and whole.end() == end else rest[:end].replace(b'"', LOST))
            if end >= len(rest):
                break
            rest = rest[end + 1 :]
        return mark.join(values) if len(values) == self.width else None

    def _width_of(self, line: bytes) -> int:
        return QUOTED.sub(b"", line).count(self.delimiter) + 1

    @cached_property
    def _formulas(self) -> re.Pattern[bytes]:
        """Values that a spreadsheet is told to take as text, ="12", whose marks are bare."""
        mark = re.escape(self.delimiter)
        return re.compile(rb"(^|" + mark + rb')="([^"' + mark + rb']*)"(?=' + mark + rb"|$)")

    @cached_property
    def _value(self) -> re.Pattern[bytes]:
        """A value that is bare or quoted throughout, a quotation mark within being doubled."""
        other = rb'[^"' + re.escape(self.delimiter) + rb"]"
        # The reader copes with one blank before a quotation mark; two make it lose its place.
        return re.compile(rb'(?: ?"[^"]*+(?:""[^"]*+)*+" *+|(?! *+")' + other + rb'*+(?:""' + other + rb"*+)*+)")

    @cached_property
    def _quoted(self) -> re.Pattern[bytes]:
        """A line of such values."""
        value = self._value.pattern
        return re.compile(value + rb"(?:" + re.escape(self.delimiter) + value + rb")*+")

    @cached_property
    def _open(self) -> re.Pattern[bytes]:
        """A line of such values and the beginning of a quoted one."""
        return re.compile(rb"(?:" + self._value.pattern + re.escape(self.delimiter) + rb')*+ ?"[^"]*+(?:""[^"]*+)*+')

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
