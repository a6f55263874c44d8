"""Lines of a table that are no records: headings said again, titles, totals, ends of pages and of the file.

In: lines as they stand, and what stands above the records. Out: which of them say nothing of a Meter Point. Called by
headings, and by plain.tables and premises for lines that would be rejects.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from string import ascii_uppercase

from reconcile.domain.blanks import trimmed

from ..contract import Reject
from ..values.numbers import points_named

TOTALS = (
    r"(?:(?:grand|sub|page|report|overall|running)?[ -]?totals?|sum|count)"
    r"(?=\W*$|\W*\d| (?:of|for|in|count|number|rows?|records?|lines?|items?|mp[a-z]+|meter points?|devices?|sites?)\b)"
)
COUNTS = (
    r"(?:row|record|line|item|device|meter point|mp[ar]n)s? ?(?:count|total|returned|found|exported|affected)?"
    r"(?=\W*(?:\d|$))"
    r"|(?:number|no\.?) of \w+|\d[\d,]* (?:rows?|records?|lines?|items?|results?)\b"
)
ENDS = r"end(?=s?\W*$| of )|eof\b|(?:no (?:more|further)|continued|cont'?d)\b|page\W*\d"
MADE = (
    r"(?:printed|generated|produced|created|exported|extracted|prepared|downloaded|run|refreshed|updated|elapsed"
    r"|time taken|completed?|finished|success|sql>|query ok)\b|data (?:as|is|are|correct)\b|as (?:at|of|on)\b"
    r"|(?:report|file|extract|data|query|filters?|applied filters|parameters?|sources?|author|owner|contact|version"
    r"|reference|ref|notes?|nb|key|legend|disclaimer|warning|copyright|classification)(?: \w+){0,4} ?[:=-]"
)
PRIVATE = (
    r"(?:strictly |commercial(?:ly)?\W* in\W*|company )?(?:confidential|confidence)\b|official\b|\(c\)|all rights\b"
    r"|(?:internal|restricted|private|sensitive)\b|this (?:report|file|extract|data|document|message|information)\b"
)
CHECKS = r"(?:md5|sha-?\d*|checksum|crc|hash|control)\b|(?:trailer|trlr?|ftr|footer)\b"
CLOSING = re.compile(rf"(?i)\W*(?:{TOTALS}|{COUNTS}|{ENDS}|{MADE}|{PRIVATE}|{CHECKS})|[^A-Za-z]*[\u00a9\u00ae]")
"""How a line begins that closes a page, a table or a file."""
TRAILER = re.compile(r"(?i)(?:t|tr|f|z|9|99|z99|zz|eof|end)")
"""The type of a last line of some systems, which gives the count of the others."""
WORD = re.compile("[A-Za-z]{3,}")
NO_HEXADECIMAL = re.compile("[G-Zg-z]")
COMMENT = re.compile(r"(?:#|//|--)\s*[A-Za-z]")
UNKNOWN = re.compile(r"(?i)\b(?:not|no|unknown|missing|invalid|error|see|tb[ac]|various|several|multiple|test)\b")
"""What somebody may write in the place of a number."""
TYPE = re.compile(
    r"(?i)\W*(?:(?:\d+|digits?|char(?:acter)?s?|n?varchar2?|numbers?|numeric|decimal|(?:big|small)?int(?:eger)?|text"
    r"|strings?|date|time(?:stamp)?|datetime2?|bool(?:ean)?|enum|codes?|[dmyhs]{2,4}|iso|mpid|mandatory|optional|required"
    r"|max|length|format|[anisw](?:/[anisw])+|or|of|not null)\W*)+"
)
"""What is said of the values of a column."""
LIKE_A_NUMBER = re.compile(
    r"""["'=]*(?:[0-9][0-9 ,.-]{4,}|[0-9][0-9.,]*[eE][+]?[0-9]+|(?:[0-9A-Fa-f]{2}[-: ]?){5,})["']*"""
)
"""A value by itself that may have been a Meter Point or a device."""
COUNT = re.compile("[0-9][0-9, ]{0,14}")


def values_of(text: str, delimiter: str) -> list[str]:
    """The values of a line without blanks around them; of what cannot be taken apart the pieces."""
    try:
        found = next(csv.reader([text], delimiter=delimiter or ",", strict=True), [])
    except csv.Error:
        found = text.replace('"', "").split(delimiter or ",")
    return [trimmed(value) for value in found]


@dataclass(frozen=True)
class Furniture:
    """What stands above the records of a table: its heading line, and `titles` above that."""

    delimiter: str
    heading: str
    titles: Sequence[str] = ()

    def is_no_record(self, text: str) -> bool:
        """Whether a line that cannot be loaded is none of a record: nothing is missing where it is passed over."""
        if points_named(text):
            return False
        values = values_of(text, self.delimiter)
        filled = [value for value in values if value]
        if not any(map(str.isalnum, "".join(filled))):
            return True
        is_whole = len(values) == self._width
        return self._is_said_above(text) or _closes(filled, is_whole=is_whole) or _is_title(filled, is_whole=is_whole)

    def judged(self, reject: Reject) -> Reject:
        """The same, and whether it is no record."""
        return replace(reject, no_record=not reject.points and self.is_no_record(reject.raw))

    def is_about_columns(self, text: str) -> bool:
        """Whether a line right below the headings numbers the columns, or tells of what type or length they are."""
        values = values_of(text, self.delimiter)
        digits = [re.sub(r"\W", "", value) for value in values]
        if digits == [*map(str, range(1, len(values) + 1))] or digits == [*ascii_uppercase[: len(values)]]:
            return len(values) > 1
        filled = [value for value in values if value]
        return len(filled) > 1 and all(map(TYPE.fullmatch, filled))

    def closing(self, ending: Iterable[tuple[int, str]], *, ends_open: bool) -> dict[int, str]:
        """The lines at the end of a file that close it, by their numbers. `ending`: the last of its lines, in order.

        A person's words count too, where it is sure that they are whole. `ends_open`: no line end follows the last.
        """
        found: dict[int, str] = {}
        for number, text in reversed([*ending]):
            is_cut = ends_open and not found
            if not (self.is_no_record(text) or (not is_cut and self._is_prose(text))):
                break
            found[number] = text
        return dict(reversed(found.items()))

    def _is_said_above(self, text: str) -> bool:
        found = _letters(text)
        return bool(found) and (found == self._heading or found in self._titles)

    def _is_prose(self, text: str) -> bool:
        """Whether a line is one value of words, as nobody writes into a column of numbers or codes."""
        filled = [value for value in values_of(text, self.delimiter) if value]
        is_sentence = len(filled) == 1 or filled[-1].endswith((".", "!")) or all(" " in value for value in filled)
        if points_named(text) or not is_sentence:
            return False
        return len(_words(filled[0])) > 1 and not any(map(LIKE_A_NUMBER.fullmatch, filled))

    @cached_property
    def _width(self) -> int:
        return len(values_of(self.heading, self.delimiter))

    @cached_property
    def _heading(self) -> str:
        return _letters(self.heading)

    @cached_property
    def _titles(self) -> frozenset[str]:
        return frozenset(filter(None, map(_letters, self.titles)))


def _letters(text: str) -> str:
    """The letters of a line: pages of one report differ in numbers and dates only."""
    return re.sub("[^a-z]", "", text.lower())[:400]


def _words(text: str) -> list[str]:
    return [word for word in WORD.findall(text) if NO_HEXADECIMAL.search(word)]


def _is_title(filled: Sequence[str], *, is_whole: bool) -> bool:
    """Whether a line is the title of a group of lines, alone in its row, or a comment."""
    if len(filled) > 1 or LIKE_A_NUMBER.fullmatch(filled[0]):
        return False
    return bool(_words(filled[0])) and (bool(COMMENT.match(filled[0])) or (is_whole and not UNKNOWN.search(filled[0])))


def _closes(filled: Sequence[str], *, is_whole: bool) -> bool:
    """Whether such values close a page, a table or a file. `is_whole`: a record has as many."""
    first, *others = filled
    are_counts = all(map(COUNT.fullmatch, others))
    if TRAILER.fullmatch(first) and others:
        return len(others) == 1 and are_counts
    if not CLOSING.match(first):
        return False
    # Some supplier may be called Total: where a number may stand beside it, it is a record.
    return are_counts or ((len(others) == 1 or not is_whole) and not any(map(LIKE_A_NUMBER.fullmatch, others)))
