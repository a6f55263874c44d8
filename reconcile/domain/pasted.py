"""What people paste to look it up: numbers and device identifiers out of any text, nothing with digits left out.

In: a text, or a table with headings. Out: Pasted. Called by look-ups.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .vocabulary import FIRST_MPAN, mpan_check_digit, mpan_is_valid, mprn_is_valid

SEPARATORS = ",;|\t"
"""What may stand between the columns of a table."""
NUMBER_HEADINGS = frozenset(
    {"mpxn", "mpan", "mpancore", "mprn", "importmpxn", "meterpoint", "meterpointreference", "meterpointreferencenumber"}
)
DEVICE_HEADINGS = frozenset({"deviceid", "device", "esmeid", "gsmeid", "guid", "eui64"})
UNSEEN = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad\u200e\u200f"))
"""Characters that nobody sees, and that stand in what is copied from pages and letters."""
PLACEHOLDERS = (0, 2**64 - 1)
_GAP = "[ \u00a0\u2007\u202f\u2010-\u2014-]"
_EDGE, _END = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"
_PAIR, _FOUR = "[0-9A-Fa-f]{2}", "[0-9A-Fa-f]{4}"
_IN_GROUPS = rf"{_EDGE}[1-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}{_END}"
_GIVEN = re.compile(
    rf"(?P<device>{_EDGE}(?:0[xX])?{_PAIR}(?P<gap>[-: .\u2010-\u2014]?){_PAIR}(?:(?P=gap){_PAIR}){{6}}{_END}"
    rf"|{_EDGE}{_FOUR}(?P<gap4>[-: .\u2010-\u2014]){_FOUR}(?:(?P=gap4){_FOUR}){{2}}{_END})"
    rf"|(?P<mpan>{_IN_GROUPS})"
    rf"|(?P<groups>{_EDGE}[0-9]{{1,12}}(?:{_GAP}[0-9]{{1,12}})+{_END})"
    rf"|(?P<thousands>{_EDGE}[1-9][0-9]{{0,2}}(?:,[0-9]{{3}}){{3,4}}{_END}(?!,[0-9]))"
    r"|(?P<token>[^\s,;|\"'()\[\]{}<>=]+)"
)
_MPAN_OR_NUMBER = re.compile(rf"{_IN_GROUPS}|[0-9]+")
_AROUND = ".:/\\-\u2010\u2011\u2012\u2013\u2014_!?*#"
_ROUNDED = re.compile(r"[0-9.]+[eE]\+?[0-9]+")
_BESIDE_LETTERS = re.compile(r"(?:[A-Za-z]+[-_:.#/]*)?([0-9]{6,})(?:[-_:.#/]+[A-Za-z]+)?")
_JOINED = re.compile(r"[-_:#/\\&+*~\u2010-\u2014]+|[.]{2,}")
"""What may stand between two numbers that are written without a blank."""
_FULL_MPAN = re.compile(r"[0-9]{5}[0-9A-Za-z]{3}([0-9]{13})")


@dataclass(frozen=True)
class Asked:
    """One thing that was asked for, as it was written: a Meter Point number, a device, or `problem`: why it is neither.

    `doubt`: a number that may be mistyped all the same. `device`: the 64-bit number that an identifier is.
    """

    text: str
    mpxn: int | None = None
    device: int | None = None
    problem: str = ""
    doubt: str = ""


@dataclass(frozen=True)
class Pasted:
    """All that was asked for, in its order. `columns`: of a table, the headings whose values were read."""

    items: tuple[Asked, ...]
    columns: tuple[str, ...] = ()


def read_pasted(text: str) -> Pasted:
    """Every number and device identifier of a text, and whatever else has a digit. Words are passed over."""
    seen = text.translate(UNSEEN)
    columns, cells = _table(seen)
    if columns:
        return Pasted(tuple(item for cell in cells for item in _items(cell)), columns)
    return Pasted(tuple(_items(seen)))


def _table(text: str) -> tuple[tuple[str, ...], list[str]]:
    """The headings that name numbers, or else devices, and what stands under them; nothing where there are none."""
    lines = text.strip("\r\n").splitlines()
    mark = next((mark for mark in SEPARATORS if lines and mark in lines[0]), None)
    if mark is None:
        return (), []
    try:
        head, *rows = csv.reader(lines, delimiter=mark)
    except csv.Error:
        return (), []
    for known in (NUMBER_HEADINGS, DEVICE_HEADINGS):
        places = [place for place, name in enumerate(head) if re.sub(r"[\W_]", "", name).lower() in known]
        if places:
            cells = [row[place] for row in rows for place in places if place < len(row)]
            return tuple(head[place].strip() for place in places), cells
    return (), []


def _items(text: str) -> Iterator[Asked]:
    for found in _GIVEN.finditer(text):
        kind, given = found.lastgroup, found.group()
        if found["device"]:
            yield _device(given)
        elif kind in ("mpan", "thousands"):
            yield _number(given, _digits(given))
        elif kind == "groups":
            yield from _groups(given)
        else:
            yield from _token(given)


def _device(given: str) -> Asked:
    digits = re.sub(r"[^0-9A-Fa-f]", "", given.lower().removeprefix("0x"))
    number = int(digits, 16)
    if number in PLACEHOLDERS:
        return Asked(given, problem="placeholder: it only holds the place of a device identifier")
    return Asked(given, device=number)


def _groups(given: str) -> Iterator[Asked]:
    """Groups of digits: one MPAN where its check digit says so, else a number each, or an MPAN in its usual groups."""
    digits = _digits(given)
    alone = any(6 <= len(group) <= 10 for group in re.findall("[0-9]+", given))
    if mpan_is_valid(digits[-13:]) and len(digits) in (13, 21) and not alone:
        yield _number(given, digits)
    else:
        yield from (_number(one, _digits(one)) for one in _MPAN_OR_NUMBER.findall(given))


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def _token(given: str) -> Iterator[Asked]:
    text = given.strip(_AROUND)
    parts = _JOINED.split(text)
    if len(parts) > 1 and all(re.fullmatch("[0-9]{6,}", part) for part in parts):
        yield from (_number(part, part) for part in parts)
    elif any(character.isdigit() for character in text):
        yield _with_digits(text)


def _with_digits(text: str) -> Asked:
    digits = re.sub(r"\.0+$", "", text)
    if digits.isascii() and digits.isdigit():
        return _number(text, digits)
    if _ROUNDED.fullmatch(text):
        return Asked(text, problem="rounded: a spreadsheet did it, so export the column as text")
    if inner := _FULL_MPAN.fullmatch(text) or _BESIDE_LETTERS.fullmatch(text):
        return _number(text, inner[1])
    return Asked(text, problem="neither a Meter Point number nor a device identifier")


def _number(given: str, digits: str) -> Asked:
    size = len(digits)
    if size == 21:
        return _number(given, digits[8:])
    if size == 13:
        return _mpan(given, digits)
    if size > 10:
        return Asked(given, problem=f"wrong length: {size} digits, where an MPAN has 13 and an MPRN 1 to 10")
    if int(digits) == 0:
        return Asked(given, problem="zero: no Meter Point has this number")
    doubt = "" if mprn_is_valid(str(int(digits))) else "its last two digits are not those of an MPRN"
    return Asked(given, mpxn=int(digits), doubt=doubt)


def _mpan(given: str, digits: str) -> Asked:
    if int(digits) < FIRST_MPAN:
        return Asked(given, problem="begins with 0: no MPAN does")
    if not mpan_is_valid(digits):
        right = mpan_check_digit(digits[:12])
        return Asked(given, problem=f"wrong check digit: the last digit of this MPAN should be {right}")
    return Asked(given, mpxn=int(digits))
