"""JSON as a stream: the values of a list, or of lines, one by one, whatever the size of the file.

In: a file with a list, with one value a line, or with one value. Out: values whose numbers are texts as they stand.
Called by the formats of JSON.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from ..contract import BadFile

CHUNK = 1024 * 1024
LARGEST = 16 * CHUNK
"""Characters that one value of the file may have."""
BETWEEN = re.compile(r"[ \t\r\n,]*")
BOM = "\ufeff"
AGAIN = "Ask the sender for it again."


class Clash:
    """Stands for the value of a name that an object has twice, with different values."""

    def __str__(self) -> str:
        return ""


CLASH = Clash()


def json_values(path: Path) -> Iterator[tuple[int, Any]]:
    """Each value with the line on which it begins: the elements of a list, or the values that follow each other.

    Numbers are texts; a name that stands twice in an object, with different values, has CLASH.
    Raises BadFile.
    """
    stream = _Stream(path)
    while stream.goes_on():
        if stream.here == "[":
            yield from _elements(stream)
        else:
            yield stream.line, stream.value()


def text_of(value: Any) -> str:
    """A scalar as text, empty for null and for what is no scalar."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else ""


def _elements(stream: "_Stream") -> Iterator[tuple[int, Any]]:
    stream.advance(1)
    while stream.goes_on():
        if stream.here == "]":
            stream.advance(1)
            return
        yield stream.line, stream.value()
    stream.fail("The JSON is cut short: a list is not closed")


class _Stream:
    """The text of a file from `at` on; a little of it at once. `line` is the number of the line at `at`."""

    def __init__(self, path: Path) -> None:
        self.file = path.open(encoding="utf-8", errors="replace", newline="")
        self.text, self.at, self.line, self.ended = "", 0, 1, False
        self.decoder = json.JSONDecoder(object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=str)
        self._more()
        self.advance(self.text.startswith(BOM))

    @property
    def here(self) -> str:
        """The next character."""
        return self.text[self.at]

    def goes_on(self) -> bool:
        """Pass over blanks and commas; whether anything is left."""
        while True:
            found = BETWEEN.match(self.text, self.at)
            self.advance(len(found[0]) if found else 0)
            if self.at < len(self.text) or not self._more():
                return self.at < len(self.text)

    def advance(self, characters: int) -> None:
        """Pass over so many characters."""
        self.line += self.text.count("\n", self.at, self.at + characters)
        self.at += characters

    def value(self) -> Any:
        """The value that begins here. Where the end of what was read cuts it off, twice as much is read."""
        while True:
            try:
                found, end = self.decoder.raw_decode(self.text, self.at)
            except RecursionError:
                self.fail("The JSON is nested too deep")
            except json.JSONDecodeError as error:
                if not self._more(len(self.text) - self.at):
                    self.line += self.text.count("\n", self.at, error.pos)
                    self.fail("The JSON is damaged or cut short")
            else:
                self.advance(end - self.at)
                return found

    def fail(self, what: str) -> NoReturn:
        """Give up at this line."""
        self.file.close()
        raise BadFile(f"{what} (line {self.line:,}). {AGAIN}")

    def _more(self, least: int = 0) -> bool:
        """Read on, and drop what was passed; whether there was anything."""
        if self.ended:
            return False
        if least > LARGEST:
            self.fail(
                f"One value of the JSON is longer than {LARGEST // CHUNK} MB. Save it as a list, or a value a line"
            )
        piece = self.file.read(max(CHUNK, least))
        self.text, self.at = self.text[self.at :] + piece, 0
        if not piece:
            self.ended = True
            self.file.close()
        return bool(piece)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found[name] = CLASH if name in found and found[name] != value else value
    return found
